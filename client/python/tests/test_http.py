"""What may pass is asked again, what will not is not; deadlines hold; a connection serves many calls."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
from unittest import mock

import numpy as np

import prometheus_grid
from prometheus_grid import BadInput, GridFault, NotFound, Search
from prometheus_grid._http import Http
from prometheus_grid.grid import Grid

from .scripted import ScriptedServer, fails, gives, hangs, hangs_up, says, streams

NO_HITS = {"model_id": "m", "exact": True, "is_partial": False, "candidates": 0, "missing_shards": [], "hits": []}
JOB = {"backfill_id": "b", "status": "running", "request": {}, "created_at": "2026-01-02T03:04:05.1234567Z"}
NPY = {"Content_Type": "application/x-npy"}


def grid_of(server: ScriptedServer, **options: object) -> Grid:
    return Grid(Http(server.url, None), **options)  # type: ignore[arg-type]


class Pauses:
    """Takes the place of waiting, and keeps how long it would have been."""

    def __enter__(self) -> Pauses:
        self._patch = mock.patch("time.sleep")
        self.sleep = self._patch.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._patch.__exit__(*error)

    @property
    def seconds(self) -> list[float]:
        return [call.args[0] for call in self.sleep.call_args_list]


class Repeating(unittest.TestCase):
    def test_everything_is_asked_again_when_the_server_says_so(self) -> None:
        put = {"changed": True, "joint_model_ids": []}
        for ask, answer in (
            (lambda grid: grid.spaces(), {"spaces": []}),
            (lambda grid: grid.search("m", "e", as_of_date="2024-03-28"), NO_HITS),
            (lambda grid: grid.search_many("m", [Search("2024-03-28", "e")]), {"answers": [{"answer": NO_HITS}]}),
            (lambda grid: grid.put("m", "2024-03-28", "e", [1.0]), put),
            (lambda grid: grid.start_backfill("text", "m", "2024-03-28"), JOB),
            (lambda grid: grid.cancel_backfill("b"), JOB),
        ):
            for status in (429, 503):
                with ScriptedServer(fails(status, Retry_After="3"), fails(status), says(answer)) as server, Pauses() as pauses:
                    ask(grid_of(server))
                    self.assertEqual(3, len(server.asked))
                    self.assertEqual(1, len({(asked.method, asked.path, asked.body) for asked in server.asked}))
                    self.assertEqual(3.0, pauses.seconds[0])
                    self.assertLess(pauses.seconds[1], 3.0)

    def test_a_start_that_is_repeated_is_no_second_backfill(self) -> None:
        with ScriptedServer(fails(503), hangs_up(), says(JOB), says(JOB)) as server, Pauses():
            grid = grid_of(server)
            grid.start_backfill("text", "m", "2024-03-28")
            grid.start_backfill("text", "m", "2024-03-28")
            names = [asked.headers["Idempotency-Key"] for asked in server.asked]
            self.assertEqual([names[0]] * 3, names[:3])
            self.assertNotEqual(names[0], names[3])

    def test_what_will_fail_again_is_not_repeated(self) -> None:
        for step, error in ((fails(400, "bad_input"), BadInput), (fails(404, "not_found"), NotFound), (fails(500, can_retry=False), GridFault), (fails(504), GridFault)):
            with ScriptedServer(step) as server, Pauses(), self.assertRaises(error):
                grid_of(server).spaces()
            self.assertEqual(1, len(server.asked))

    def test_a_lost_answer_is_asked_for_again(self) -> None:
        cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        cut_chunk = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"
        with ScriptedServer(hangs_up(), hangs_up(cut), hangs_up(cut_chunk), says({"spaces": []})) as server, Pauses():
            self.assertEqual(0, len(grid_of(server).spaces()))

    def test_it_gives_up_in_the_end(self) -> None:
        with ScriptedServer(*[fails(503)] * 20) as server, Pauses(), self.assertRaisesRegex(GridFault, "as scripted"):
            grid_of(server).spaces()
        self.assertEqual(6, len(server.asked))

    def test_a_wait_beyond_the_deadline_is_not_begun(self) -> None:
        with ScriptedServer(fails(503, Retry_After="50")) as server, Pauses() as pauses, self.assertRaises(GridFault):
            grid_of(server, timeout=20.0).spaces()
        self.assertEqual([], pauses.seconds)


class Connections(unittest.TestCase):
    def test_one_connection_serves_call_after_call(self) -> None:
        with ScriptedServer(says({"spaces": []}), fails(404, "not_found"), says({"models": []})) as server:
            grid = grid_of(server)
            grid.spaces()
            with self.assertRaises(NotFound):
                grid.space("m")
            grid.models()
            self.assertEqual(1, len({asked.connection for asked in server.asked}))

    def test_a_server_that_is_silent_does_not_outlast_the_deadline(self) -> None:
        over = threading.Event()
        with ScriptedServer(hangs(over)) as server, self.assertRaisesRegex(GridFault, "no answer within 0.05 s") as raised:
            grid_of(server).within(0.05).spaces()
        over.set()
        self.assertTrue(raised.exception.can_retry)
        self.assertLessEqual(float(server.asked[0].headers["Grid-Timeout"]), 0.05)

    def test_the_server_is_told_how_long_there_is(self) -> None:
        with ScriptedServer(says({"spaces": []}), says(NO_HITS)) as server:
            grid = grid_of(server)
            grid.spaces()
            grid.within(7).search("m", "e", as_of_date="2024-03-28")
            self.assertTrue(59 < float(server.asked[0].headers["Grid-Timeout"]) <= 60)
            self.assertTrue(6 < float(server.asked[1].headers["Grid-Timeout"]) <= 7)

    def test_an_address_may_have_a_path_and_ids_any_letters(self) -> None:
        with ScriptedServer(says({"backfills": []}), says(JOB)) as server:
            grid = Grid(Http(server.url + "/desk/", None))
            grid.backfills()
            grid.get_backfill("a/b c%2Fé?")
            self.assertEqual(["/desk/v1/backfills", "/desk/v1/backfills/a%2Fb%20c%252F%C3%A9%3F"], [asked.path for asked in server.asked])

    def test_a_packed_answer_is_unpacked(self) -> None:
        with ScriptedServer(gives(gzip.compress(b'{"spaces": []}'), Content_Encoding="gzip")) as server:
            self.assertEqual(0, len(grid_of(server).spaces()))

    def test_what_is_no_grid_is_called_so(self) -> None:
        with ScriptedServer(says("hello", 502), says("", 302, Location="https://elsewhere.example/")) as server:
            grid = grid_of(server)
            with self.assertRaisesRegex(GridFault, "answers 502, and not as a grid does"):
                grid.spaces()
            # Not followed: the key would go to whoever is named there.
            with self.assertRaisesRegex(BadInput, "sends on to https://elsewhere.example/"):
                grid.spaces()

    def test_a_page_in_place_of_an_answer_is_called_so(self) -> None:
        with ScriptedServer(gives(b"<html>sign in</html>", Content_Type="text/html")) as server, self.assertRaisesRegex(GridFault, r"no JSON \(text/html\)"):
            grid_of(server).spaces()

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_a_certificate_is_checked(self) -> None:
        with tempfile.TemporaryDirectory() as folder, ScriptedServer(says({"spaces": []}), says({"spaces": []})) as server:
            key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
            own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            own.load_cert_chain(certificate, key)
            server.socket = own.wrap_socket(server.socket, server_side=True)
            url = server.url.replace("http", "https")
            with Pauses() as pauses, self.assertRaisesRegex(GridFault, "certificate verify failed") as raised:
                Grid(Http(url, None)).spaces()
            self.assertEqual(([], False), (pauses.seconds, raised.exception.can_retry))
            self.assertEqual(0, len(Grid(Http(url, None, ssl.create_default_context(cafile=certificate))).spaces()))

    def test_addresses_and_keys_that_are_none_are_refused(self) -> None:
        for url in ("", "ftp://host", "http://", "http://host:99999", "http://user@host"):
            with self.subTest(url), self.assertRaises(BadInput) as raised:
                prometheus_grid.connect(url)
            self.assertEqual("url", raised.exception.field)
        with self.assertRaises(BadInput) as raised:
            prometheus_grid.connect("http://127.0.0.1:9", api_key="two\nlines")
        self.assertNotIn("lines", str(raised.exception))

    def test_the_key_is_the_argument_or_the_variable(self) -> None:
        me = {"name": "n", "role": "read", "needs_key": True}
        with ScriptedServer(says(me), says(me), says(me)) as server:
            with mock.patch.dict("os.environ", {"GRID_API_KEY": "grid_variable"}):
                prometheus_grid.connect(server.url)
                prometheus_grid.connect(server.url, api_key="grid_argument")
            with mock.patch.dict("os.environ"):
                os.environ.pop("GRID_API_KEY", None)
                prometheus_grid.connect(server.url)
            self.assertEqual(["Bearer grid_variable", "Bearer grid_argument", None], [asked.headers.get("Authorization") for asked in server.asked])


class WholeDates(unittest.TestCase):
    IDS = b"as_of_date,entity_id,instrument_id,region,source\n2024-03-28,A,A.US,US,num\n"

    @staticmethod
    def npy(values: np.ndarray) -> bytes:
        content = io.BytesIO()
        np.save(content, values)
        return content.getvalue()

    def test_ids_and_vectors_are_of_one_version(self) -> None:
        old, new = self.npy(np.zeros((2, 3), np.float32)), self.npy(np.ones((1, 3), np.float32))
        script = [
            # The date is built anew between the two, then between the two and the look back.
            gives(self.IDS, ETag='"1"'), gives(new, ETag='"2"', **NPY), gives(self.IDS, ETag='"2"'),
            gives(self.IDS, ETag='"2"'), gives(old, ETag='"2"', **NPY), gives(self.IDS, ETag='"3"'),
            gives(self.IDS, ETag='"3"'), gives(new, ETag='"3"', **NPY), gives(b"", 304, ETag='"3"'),
        ]
        with ScriptedServer(*script) as server:
            vectors = grid_of(server).vectors("m", "2024-03-28")
            self.assertEqual(('A',), vectors.entity_ids)
            self.assertTrue((vectors.values == 1).all())
            self.assertEqual('"3"', server.asked[8].headers["If-None-Match"])
        with ScriptedServer(*script[:3] * 3) as server, self.assertRaisesRegex(GridFault, "changes while it is read"):
            grid_of(server).vectors("m", "2024-03-28")

    def test_arrays_of_objects_are_refused(self) -> None:
        content = io.BytesIO()
        np.save(content, np.array([[{}]], dtype=object), allow_pickle=True)
        with ScriptedServer(gives(self.IDS, ETag="1"), gives(content.getvalue(), ETag="1", **NPY), gives(b"", 304)) as server:
            with self.assertRaisesRegex(GridFault, "is no array of numbers"):
                grid_of(server).vectors("m", "2024-03-28")

    def test_an_array_of_another_shape_is_refused(self) -> None:
        for values in (np.zeros((2, 3), np.float32), np.zeros((1, 3)), np.zeros(1, np.float32)):
            with ScriptedServer(gives(self.IDS, ETag="1"), gives(self.npy(values), ETag="1", **NPY), gives(b"", 304)) as server:
                with self.assertRaisesRegex(GridFault, "1 ids for an array of"):
                    grid_of(server).vectors("m", "2024-03-28")


class Events(unittest.TestCase):
    def test_a_lost_stream_is_taken_up(self) -> None:
        ended = {**JOB, "status": "succeeded"}
        with ScriptedServer(streams(JOB), fails(503), hangs_up(), streams(JOB, ended)) as server, Pauses():
            self.assertEqual(["running", "running", "succeeded"], [job.status for job in grid_of(server).watch_backfill("b")])

    def test_a_stream_that_never_says_the_end_is_given_up(self) -> None:
        with ScriptedServer(*[streams()] * 9) as server, Pauses(), self.assertRaisesRegex(GridFault, "before it has ended"):
            list(grid_of(server).watch_backfill("b"))
        self.assertEqual(5, len(server.asked))

    def test_an_interrupt_cancels_what_it_waits_for(self) -> None:
        def interrupt(_: object) -> None:
            raise KeyboardInterrupt

        with ScriptedServer(says(JOB, 202), streams(JOB), says({**JOB, "status": "cancelled"})) as server:
            with self.assertRaises(KeyboardInterrupt):
                grid_of(server).backfill("text", "m", "2024-03-28", progress=interrupt)
            self.assertEqual(("DELETE", "/v1/backfills/b"), server.asked[2][:2])

    def test_a_failed_backfill_is_an_error_with_what_was_asked(self) -> None:
        problem = {"status": 400, "kind": "bad_input", "field": "limit", "detail": "limit is '0'", "allowed": "1 or more"}
        failed = {**JOB, "status": "failed", "problem": problem, "request": {"limit": 0}}
        with ScriptedServer(says(JOB, 202), streams(failed)) as server, self.assertRaises(BadInput) as raised:
            grid_of(server).backfill("text", "m", "2024-03-28", limit=0)
        self.assertEqual(("limit", 0, "1 or more"), (raised.exception.field, raised.exception.value, raised.exception.allowed))
        self.assertEqual(0, json.loads(server.asked[0].body)["limit"])


class Answers(unittest.TestCase):
    def test_a_newer_server_may_say_more_and_must_not_say_less(self) -> None:
        me = {"name": "n", "role": "read", "needs_key": True}
        with ScriptedServer(says({**me, "more": 1}), says({"name": "n"})) as server:
            grid = grid_of(server)
            self.assertEqual("read", grid.whoami().role)
            with self.assertRaisesRegex(GridFault, "the answer has no role, needs_key"):
                grid.whoami()

    def test_times_keep_their_offset_and_six_digits(self) -> None:
        with ScriptedServer(says(JOB)) as server:
            self.assertEqual("2026-01-02T03:04:05.123456+00:00", grid_of(server).get_backfill("b").created_at.isoformat())
