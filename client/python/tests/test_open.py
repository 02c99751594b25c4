"""A data folder gets a server of its own, which nobody else can use and which does not outlive its caller."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import prometheus_grid
from prometheus_grid import BadInput, GridFault, NotFound
from prometheus_grid._server import find_command

from .served import demo, grid

PACKAGE = Path(prometheus_grid.__file__).parent.parent
HOLD = "import prometheus_grid, sys, time; grid = prometheus_grid.open(sys.argv[1]); print(grid.url, flush=True); sys.stdin.read()"


def connection_to(url: str) -> socket.socket:
    host, port = url.rsplit("/", 1)[1].split(":")
    return socket.create_connection((host, int(port)))


class Opened(unittest.TestCase):
    def test_only_its_caller_is_let_in(self) -> None:
        self.assertEqual(("python", "write"), (grid().whoami().name, grid().whoami().role))
        with mock.patch.dict(os.environ):
            os.environ.pop("GRID_API_KEY", None)
            with self.assertRaises(BadInput) as raised:
                prometheus_grid.connect(grid().url)
        self.assertEqual((401, "api_key"), (raised.exception.status, raised.exception.field))

    def test_it_ends_with_close(self) -> None:
        with prometheus_grid.open(demo()) as opened:
            url = opened.url
            connection_to(url).close()
        with self.assertRaises(ConnectionRefusedError):
            connection_to(url)
        with mock.patch("time.sleep"), self.assertRaisesRegex(GridFault, "does not answer"):
            opened.spaces()

    @unittest.skipUnless(os.name == "posix", "a process that is killed cannot be told of elsewhere")
    def test_it_ends_when_its_caller_is_killed(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        with subprocess.Popen([sys.executable, "-c", HOLD, str(demo())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as caller:
            with connection_to(caller.stdout.readline().strip()) as open_connection:
                caller.kill()
                # An end of the stream, or a reset of it, comes from the end of the server.
                try:
                    self.assertEqual(b"", open_connection.recv(1))
                except ConnectionResetError:
                    pass

    def test_what_cannot_be_started_says_why(self) -> None:
        with self.assertRaises(BadInput) as raised:
            prometheus_grid.open("no/such/folder")
        self.assertEqual(("folder", "no/such/folder"), (raised.exception.field, raised.exception.value))
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(GridFault, "ended before it was ready: oh dear"):
                prometheus_grid.open(folder, command=[sys.executable, "-c", "import sys; sys.exit('oh dear')"])
            with self.assertRaisesRegex(GridFault, "is not ready after 0.01 s"):
                prometheus_grid.open(folder, command=[sys.executable, "-c", "input()"], start_timeout=0.01)
            with self.assertRaisesRegex(BadInput, "as the grid says"):
                prometheus_grid.open(folder, command=[sys.executable, "-c", "import sys; print('grid: as the grid says', file=sys.stderr); sys.exit(2)"])


class Commands(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()) if hasattr(self, "enterContext") else tempfile.mkdtemp()).resolve()
        patch = mock.patch.dict(os.environ, {"PATH": str(self.folder / "path")})
        patch.start()
        self.addCleanup(patch.stop)
        os.environ.pop("GRID_COMMAND", None)

    def program(self, name: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    def test_the_argument_then_the_variable_then_the_path_then_a_checkout(self) -> None:
        (self.folder / "check out" / "deep").mkdir(parents=True)
        self.program("check out/Prometheus.Grid.sln")
        checkout = self.program("check out/grid")
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.folder / "check out" / "deep")
        with mock.patch("prometheus_grid._server.__file__", str(self.folder / "site-packages" / "_server.py")):
            self.assertEqual([checkout], find_command())
            on_path = self.program("path/grid")
            self.assertEqual([on_path], find_command())
            os.environ["GRID_COMMAND"] = f"'{checkout}' --quiet"
            self.assertEqual([checkout, "--quiet"], find_command())
            self.assertEqual([on_path], find_command(on_path))
            self.assertEqual([checkout], find_command(checkout))
            self.assertEqual([on_path, "x y"], find_command([on_path, "x y"]))

    def test_none_at_all_says_what_to_do(self) -> None:
        with mock.patch("prometheus_grid._server.__file__", str(self.folder / "_server.py")), mock.patch("pathlib.Path.cwd", return_value=self.folder):
            with self.assertRaisesRegex(NotFound, "set GRID_COMMAND"):
                find_command()
        with self.assertRaisesRegex(NotFound, "no program of this name"):
            find_command("grind")
