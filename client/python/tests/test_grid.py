"""Every question, asked of a real server and held to the tables of the demo or to numpy."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
import unittest
from datetime import date, datetime, timezone
from unittest import mock

import numpy as np

from prometheus_grid import BadInput, GridFault, NotFound, Search

from .served import DATE, FIRST, LAST, SPACE, grid, table


class Catalog(unittest.TestCase):
    def test_spaces_models_and_dates(self) -> None:
        spaces = {space.model_id: space for space in grid().spaces()}
        self.assertEqual(spaces[SPACE], grid().space(SPACE))
        self.assertEqual(("issuer", 384), (spaces[SPACE].entity, spaces[SPACE].dimension))
        self.assertAlmostEqual(1.0, sum(branch.weight for branch in spaces[SPACE].branches))
        models = {model.model_id: model for model in grid().models()}
        for branch in spaces[SPACE].branches:
            self.assertEqual(models[branch.model_id], grid().model(branch.model_id))
        self.assertEqual([FIRST, DATE, LAST], grid().dates(SPACE).astype(str).tolist())
        self.assertEqual([DATE], grid().dates(SPACE, start="2023-10-01", end=date(2023, 12, 31)).astype(str).tolist())


class Tables(unittest.TestCase):
    def test_issuers_are_those_of_the_table(self) -> None:
        rows = table("issuers")
        found = grid().issuers()
        self.assertEqual({row["issuer_id"]: row["name"] for row in rows}, {issuer.issuer_id: issuer.name for issuer in found})
        wanted = [row["issuer_id"] for row in rows if row["sector"] == "Energy" and row["country"] == "France"]
        self.assertEqual(sorted(wanted), [issuer.issuer_id for issuer in grid().issuers(sector="Energy", country="France")])
        self.assertEqual(7, len(grid().issuers(limit=7)))
        self.assertEqual(rows[3]["issuer_id"], grid().issuers(rows[3]["name"])[0].issuer_id)
        instruments = [row["instrument_id"] for row in table("instruments") if row["issuer_id"] == rows[3]["issuer_id"]]
        self.assertEqual(sorted(instruments), [one.instrument_id for one in grid().issuer(rows[3]["issuer_id"]).instruments])

    def test_prices_are_those_of_the_table(self) -> None:
        issuer = table("issuers")[0]["issuer_id"]
        prices = grid().prices(issuer, start="2024-01-01", end="2024-03-31")
        rows = [row for row in table("prices_daily") if row["instrument_id"] == prices.instrument_id and "2024-01-01" <= row["trade_date"] <= "2024-03-31"]
        self.assertEqual([row["trade_date"] for row in rows], prices.dates.astype(str).tolist())
        np.testing.assert_array_equal([float(row["adjusted_close"]) for row in rows], prices.adjusted_close)

    def test_profiles_are_those_of_the_table(self) -> None:
        row = next(row for row in table("profiles") if row["as_of_date"] == DATE)
        profile = grid().profile(row["issuer_id"], as_of="2024-01-31")
        self.assertEqual((date.fromisoformat(DATE), row["business_description"]), (profile.as_of_date, profile.business_description))

    def test_portfolios_hold_what_the_table_says(self) -> None:
        portfolios = grid().portfolios()
        self.assertEqual({row["portfolio_id"] for row in table("portfolio_risk_reports")}, {one.portfolio_id for one in portfolios})
        one = portfolios[0].portfolio_id
        holdings = grid().holdings(one, as_of=DATE)
        rows = [row for row in table("portfolio_positions") if row["portfolio_id"] == one and row["as_of_date"] == DATE]
        self.assertEqual(
            {row["instrument_id"]: float(row["weight"]) for row in rows}, {holding.instrument_id: holding.weight for holding in holdings.holdings})
        report = grid().risk_report(one, as_of=DATE)
        self.assertEqual(date.fromisoformat(DATE), report.as_of_date)
        self.assertGreater(report.risk_metrics["vol_252d"], 0)


class Vectors(unittest.TestCase):
    def test_a_date_is_a_matrix_of_its_vectors(self) -> None:
        vectors = grid().vectors(SPACE, DATE)
        self.assertEqual((np.dtype(np.float32), (len(vectors), 384)), (vectors.values.dtype, vectors.values.shape))
        self.assertEqual(vectors.entity_ids, tuple(entity.entity_id for entity in grid().entities(SPACE, DATE)))
        for row in (0, 7, len(vectors) - 1):
            one = grid().vector(SPACE, np.datetime64(DATE), vectors.entity_ids[row])
            np.testing.assert_array_equal(vectors.values[row], one.vector)
            self.assertEqual((vectors.instrument_ids[row], vectors.regions[row], vectors.sources[row]), (one.instrument_id, one.region, one.source))

    @unittest.skipUnless(importlib.util.find_spec("pyarrow"), "pyarrow is not installed")
    def test_an_arrow_table_has_the_same_vectors(self) -> None:
        vectors, arrow = grid().vectors(SPACE, DATE), grid().vectors_arrow(SPACE, DATE)
        self.assertEqual(list(vectors.entity_ids), arrow["entity_id"].to_pylist())
        self.assertEqual([date.fromisoformat(DATE)] * len(vectors), arrow["as_of_date"].to_pylist())
        np.testing.assert_array_equal(vectors.values, np.array(arrow["vector"].to_pylist(), dtype=np.float32))

    def test_the_stream_of_arrow_is_given_to_pyarrow_as_it_came(self) -> None:
        """What stands in for pyarrow takes the bytes apart no further than to the marks that begin and end a stream."""
        reader = mock.Mock()
        pyarrow = mock.Mock(ArrowInvalid=ValueError)
        pyarrow.ipc.open_stream.return_value = reader
        with mock.patch.dict(sys.modules, {"pyarrow": pyarrow}):
            self.assertIs(reader.read_all.return_value, grid().vectors_arrow(SPACE, DATE))
            content = pyarrow.ipc.open_stream.call_args.args[0]
            pyarrow.ipc.open_stream.side_effect = ValueError("no stream")
            with self.assertRaises(GridFault):
                grid().vectors_arrow(SPACE, DATE)
        self.assertEqual((b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\0\0\0\0"), (content[:4], content[-8:]))
        self.assertIn(grid().vectors(SPACE, DATE).values[0].tobytes(), content)

    def test_vectors_are_listed_by_date(self) -> None:
        entity = grid().vectors(SPACE, DATE).entity_ids[0]
        listed = grid().list_vectors(SPACE, FIRST, DATE, entity_id=entity)
        self.assertEqual([FIRST, DATE], [vector.as_of_date.isoformat() for vector in listed])
        np.testing.assert_array_equal(grid().vector(SPACE, DATE, entity).vector, listed[1].vector)
        both = grid().list_vectors(SPACE, FIRST, DATE, limit=len(grid().vectors(SPACE, FIRST)) + 1)
        self.assertEqual((DATE, entity), (both[-1].as_of_date.isoformat(), both[-1].entity_id))

    def test_other_weights_fuse_another_vector(self) -> None:
        entity = grid().vectors(SPACE, DATE).entity_ids[0]
        only_text = grid().vector(SPACE, DATE, entity, weights={"text": 1, "numeric": 0, "behaviour": 0, "classes": 0}).vector
        stored = grid().vector(SPACE, DATE, entity).vector
        self.assertFalse(np.array_equal(only_text, stored))
        self.assertGreater((stored != 0).sum(), (only_text != 0).sum())

    def test_the_state_has_the_latest_vector_of_each_model(self) -> None:
        entity = grid().vectors(SPACE, DATE).entity_ids[0]
        state = grid().state(entity, as_of=DATE, vectors=True)
        self.assertEqual({branch.model_id for branch in grid().space(SPACE).branches}, {branch.model_id for branch in state.branches})
        for branch in state.branches:
            self.assertEqual(date.fromisoformat(DATE), branch.as_of_date)
            self.assertIsNotNone(branch.known_at.tzinfo)
            self.assertTrue(np.isfinite(branch.vector).all())
        self.assertIsNone(grid().state(entity).branches[0].vector)
        self.assertEqual("portfolio", grid().state(grid().portfolios()[0].portfolio_id, "portfolio").kind)

    def test_a_put_is_in_the_space_at_once_and_twice_is_once(self) -> None:
        first, second = grid().vectors(SPACE, LAST).entity_ids[:2]
        branch = next(one for one in grid().state(first, as_of=LAST, vectors=True).branches if one.model_id == "text-lsa-v1")
        before, known = grid().vector(SPACE, LAST, second).vector, datetime.now(timezone.utc)
        put = grid().put("text-lsa-v1", LAST, second, branch.vector)
        self.assertEqual((True, True), (put.changed, SPACE in put.joint_model_ids))
        self.assertFalse(grid().put("text-lsa-v1", date.fromisoformat(LAST), second, branch.vector).changed)
        after = grid().vector(SPACE, LAST, second).vector
        self.assertFalse(np.array_equal(before, after))
        np.testing.assert_array_equal(before, grid().vector(SPACE, LAST, second, as_known=known).vector)
        self.assertEqual(second, grid().search(SPACE, vector=after, as_of_date=LAST, top_k=1).hits[0].entity_id)


class Searches(unittest.TestCase):
    def test_the_answer_is_that_of_a_loop_over_all_vectors(self) -> None:
        vectors = grid().vectors(SPACE, DATE)
        values = vectors.values.astype(np.float64)
        directions = values / np.linalg.norm(values, axis=1, keepdims=True)
        for row in (0, 100, 300):
            cosines = directions @ directions[row]
            cosines[row] = -2
            nearest = np.argsort(-cosines, kind="stable")[:10]
            answer = grid().search(SPACE, vectors.entity_ids[row], as_of_date=DATE)
            self.assertTrue(answer.exact)
            self.assertEqual(len(vectors) - 1, answer.candidates)
            self.assertEqual([vectors.entity_ids[i] for i in nearest], [hit.entity_id for hit in answer.hits])
            np.testing.assert_allclose(cosines[nearest], [hit.cosine for hit in answer.hits], atol=1e-12)
            self.assertEqual(list(range(1, 11)), [hit.rank for hit in answer.hits])

    def test_filters_all_hold(self) -> None:
        issuers = {issuer.issuer_id: issuer for issuer in grid().issuers()}
        target = grid().vectors(SPACE, DATE).entity_ids[0]
        hits = grid().search(SPACE, target, as_of_date=DATE, top_k=100, filter={"sector": "Health Care", "country": "United States"}).hits
        self.assertGreater(len(hits), 3)
        for hit in hits:
            self.assertEqual(("Health Care", "United States"), (issuers[hit.entity_id].sector, issuers[hit.entity_id].country))
        self.assertEqual(list(hits[1:4]), [dataclasses.replace(hit, rank=hit.rank + 1) for hit in grid().search(
            SPACE, target, as_of_date=DATE, top_k=3, filter={"sector": "Health Care", "country": "United States", "excluded_ids": [hits[0].entity_id]}).hits])
        some = {hit.entity_id for hit in hits[:3]}
        self.assertEqual(some, {hit.entity_id for hit in grid().search(SPACE, target, as_of_date=DATE, filter={"entity_ids": some}).hits})

    def test_neighbours_are_bounded_by_cosine_and_by_sector(self) -> None:
        target = grid().vectors(SPACE, DATE).entity_ids[0]
        hits = grid().search(SPACE, target, as_of_date=DATE, top_k=1000).hits
        near = grid().search(SPACE, target, as_of_date=DATE, top_k=1000, min_cosine=0.3).hits
        self.assertEqual([hit for hit in hits if hit.cosine >= 0.3], list(near))
        mixed = grid().search(SPACE, target, as_of_date=DATE, top_k=9, max_per_sector=1).hits
        self.assertEqual(9, len({hit.sector for hit in mixed}))
        self.assertNotIn("Energy", {hit.sector for hit in grid().search(SPACE, target, as_of_date=DATE, top_k=500, filter={"excluded_sectors": ["Energy"]}).hits})

    def test_shares_of_branches_add_up_to_the_score(self) -> None:
        target = grid().vectors(SPACE, DATE).entity_ids[0]
        weights = {"text": 0.7, "numeric": 0.3}
        answer = grid().search(SPACE, target, as_of_date=DATE, weights=weights, explain=True)
        for hit in answer.hits:
            self.assertAlmostEqual(hit.cosine, sum(part.share for part in hit.explanation), places=7)
        self.assertNotEqual([hit.entity_id for hit in answer.hits], [hit.entity_id for hit in grid().search(SPACE, target, as_of_date=DATE).hits])

    def test_a_vector_of_the_callers_own_is_a_target_bit_for_bit(self) -> None:
        vectors = grid().vectors(SPACE, DATE)
        hit = grid().search(SPACE, vector=vectors.values[5], as_of_date=DATE, top_k=1).hits[0]
        self.assertEqual((vectors.entity_ids[5], 0.0), (hit.entity_id, hit.euclidean))

    def test_a_text_finds_who_writes_like_it(self) -> None:
        row = next(row for row in table("profiles") if row["as_of_date"] == DATE)
        hit = grid().search(SPACE, text=row["business_description"], as_of_date=DATE, top_k=1).hits[0]
        sectors = {issuer["issuer_id"]: issuer["sector"] for issuer in table("issuers")}
        self.assertEqual(sectors[row["issuer_id"]], hit.sector)
        # With the other branches of the same issuer it is nearly that issuer.
        beside = grid().search(SPACE, text=row["business_description"], beside_entity_id=row["issuer_id"], as_of_date=DATE)
        own = grid().search(SPACE, row["issuer_id"], as_of_date=DATE)
        self.assertGreater(len({hit.entity_id for hit in beside.hits} & {hit.entity_id for hit in own.hits}), 4)

    def test_a_range_of_dates_is_one_search(self) -> None:
        target = grid().vectors(SPACE, DATE).entity_ids[0]
        answer = grid().search(SPACE, target, as_of_date=LAST, dates=(FIRST, LAST), top_k=50)
        self.assertGreaterEqual(answer.candidates + 1, sum(len(grid().vectors(SPACE, day)) for day in (FIRST, DATE, LAST)))
        self.assertEqual({FIRST, DATE, LAST}, {hit.as_of_date.isoformat() for hit in answer.hits})

    def test_many_searches_keep_their_order_and_their_errors(self) -> None:
        ids = grid().vectors(SPACE, DATE).entity_ids
        searches = [Search(DATE, entity, top_k=2) for entity in ids] + [Search(DATE, "ISS_NONE"), Search(DATE, ids[0], top_k=0), Search(DATE, ids[0], top_k=2)]
        outcomes = grid().search_many(SPACE, iter(searches * 2))
        self.assertEqual(2 * len(searches), len(outcomes))
        for row in (0, 1, 250, len(ids) - 1):
            self.assertEqual(grid().search(SPACE, ids[row], as_of_date=DATE, top_k=2), outcomes[row])
        missing, refused, last = outcomes[len(ids):len(searches)]
        self.assertIsInstance(missing, NotFound)
        self.assertIsInstance(refused, BadInput)
        self.assertEqual(("top_k", 0), (refused.field, refused.value))
        self.assertEqual(outcomes[0], last)
        self.assertEqual([], grid().search_many(SPACE, []))


class Studies(unittest.TestCase):
    def test_a_history_says_how_far_it_is_from_date_to_date(self) -> None:
        entity = grid().vectors(SPACE, FIRST).entity_ids[0]
        points = grid().history(SPACE, entity).points
        self.assertEqual([FIRST, DATE, LAST], [point.as_of_date.isoformat() for point in points])
        self.assertIsNone(points[0].cosine_to_previous)
        a, b = (grid().vector(SPACE, day, entity).vector.astype(np.float64) for day in (FIRST, DATE))
        self.assertAlmostEqual(a @ b / np.linalg.norm(a) / np.linalg.norm(b), points[1].cosine_to_previous, places=12)
        self.assertEqual(grid().search(SPACE, entity, as_of_date=DATE, top_k=1).hits[0].entity_id, points[1].nearest)

    def test_a_map_has_a_point_and_true_neighbours_for_everybody(self) -> None:
        space = grid().map(SPACE, DATE, method="pca", neighbours=5, distances=True)
        self.assertEqual(grid().vectors(SPACE, DATE).entity_ids, space.entity_ids)
        self.assertEqual((len(space.entity_ids),) * 2, (len(space.x), len(space.y)))
        answer = grid().search(SPACE, space.entity_ids[3], as_of_date=DATE, top_k=5)
        self.assertEqual([hit.entity_id for hit in answer.hits], [space.entity_ids[i] for i in space.neighbours[3]])
        np.testing.assert_allclose([1 - hit.cosine for hit in answer.hits], space.distances[3], atol=1e-6)
        self.assertIsNone(grid().map(SPACE, DATE, method="pca", neighbours=5).distances)

    def test_an_evaluation_holds_models_against_the_first(self) -> None:
        answer = grid().evaluate([SPACE, "text-lsa-v1"], DATE, labels={row["issuer_id"]: row["country"] for row in table("issuers")}, label_name="land")
        self.assertEqual((SPACE, "text-lsa-v1"), answer.model_ids)
        figures = {(figure.model_id, figure.metric): figure for figure in answer.figures}
        sector = figures[SPACE, "sector precision@10"]
        self.assertGreater(sector.value, sector.baseline)
        self.assertTrue(any("land" in metric for _, metric in figures))
        self.assertEqual(figures["text-lsa-v1", "sector precision@10"].difference, figures["text-lsa-v1", "sector precision@10"].value - sector.value)


class Backfills(unittest.TestCase):
    def test_a_backfill_is_told_of_until_its_end(self) -> None:
        told = []
        ended = grid().backfill("joint_profiles", "joint-profile-core-v2", DATE, LAST, progress=told.append)
        self.assertEqual("succeeded", ended.status)
        self.assertEqual(ended, told[-1])
        self.assertEqual([DATE, LAST], [day.as_of_date.isoformat() for day in ended.report.days])
        self.assertEqual(len(grid().vectors("joint-profile-core-v2", DATE)), ended.report.days[0].written + ended.report.days[0].unchanged)
        self.assertEqual(ended, grid().get_backfill(ended.backfill_id))
        self.assertEqual(ended, grid().cancel_backfill(ended.backfill_id))
        self.assertIn(ended.backfill_id, [job.backfill_id for job in grid().backfills()])


class Refusals(unittest.TestCase):
    def test_bad_input_names_field_value_and_what_is_allowed(self) -> None:
        target = grid().vectors(SPACE, DATE).entity_ids[0]
        for ask, field, value in (
            (lambda: grid().search(SPACE, target, as_of_date=DATE, top_k=0), "top_k", 0),
            (lambda: grid().search(SPACE, target, as_of_date="31.12.2023"), "as_of_date", "31.12.2023"),
            (lambda: grid().search(SPACE, target, as_of_date=DATE, filter={"sektor": "Energy"}), "filter.sektor", "Energy"),
            (lambda: grid().search(SPACE, target, as_of_date=DATE, weights={"tekst": 1}), "weights", {"tekst": 1.0}),
            (lambda: grid().prices(target, start="soon"), "start", "soon"),
            (lambda: grid().map(SPACE, DATE, neighbours=1000), "neighbours", 1000),
            (lambda: grid().backfill("numerisch", SPACE, DATE), "kind", "numerisch"),
            # Before anything is sent:
            (lambda: grid().search(SPACE, target, as_of_date=DATE, as_known=datetime(2024, 1, 1)), "as_known", "2024-01-01T00:00:00"),
            (lambda: grid().state(target, "fund"), "kind", "fund"),
            (lambda: grid().within(0), "seconds", 0),
            (lambda: grid().space(".."), "model_id", ".."),
        ):
            with self.subTest(field), self.assertRaises(BadInput) as raised:
                ask()
            self.assertEqual((field, value), (raised.exception.field, raised.exception.value))
            self.assertTrue(raised.exception.allowed)
        with self.assertRaises(BadInput) as raised:
            grid().space("joint/none")
        self.assertEqual(("model_id", "joint/none"), (raised.exception.field, raised.exception.value))
        with self.assertRaises(BadInput) as raised:
            grid().put("text-lsa-v1", LAST, target, [np.nan, 1.0])
        self.assertEqual("vector", raised.exception.field)

    def test_what_is_missing_is_named(self) -> None:
        for ask, key in (
            (lambda: grid().space("joint-none"), None),
            (lambda: grid().issuer("ISS_NONE"), "ISS_NONE"),
            (lambda: grid().search(SPACE, "ISS_NONE", as_of_date=DATE), "ISS_NONE"),
            (lambda: grid().get_backfill("none"), "none"),
        ):
            with self.assertRaises(NotFound) as raised:
                ask()
            self.assertEqual(404, raised.exception.status)
            self.assertTrue(raised.exception.request_id)
            if key is not None:
                self.assertEqual(key, raised.exception.key)
