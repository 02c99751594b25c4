"""Answers as tables of pandas and Arrow, where those are."""

from __future__ import annotations

import importlib.util
import unittest
from datetime import date

import numpy as np

from prometheus_grid.messages import BranchShare, Entity, Hit, Prices, SearchAnswer, Vectors
from prometheus_grid.rows import Rows

DAY = date(2024, 3, 28)
PLAIN = Hit(1, "A", "Ä", "Energy", "France", "A.EU", "EU", "num", DAY, 0.5, 1.0)
EXPLAINED = Hit(2, "B", "B", "", "", "", "", "num+text", DAY, 0.25, 1.5, (BranchShare("text", 0.5, 0.2, ("wind", "sea")), BranchShare("numeric", 0.1, 0.05)))
ANSWER = SearchAnswer("m", True, False, 2, (), Rows(Hit, [PLAIN, EXPLAINED]))
VECTORS = Vectors("m", DAY, ("A", "B"), ("A.EU", ""), ("EU", ""), ("num", "num"), np.arange(6, dtype=np.float32).reshape(2, 3))


class Sequences(unittest.TestCase):
    def test_rows_are_a_sequence(self) -> None:
        rows = ANSWER.hits
        self.assertEqual((2, PLAIN, [PLAIN, EXPLAINED]), (len(rows), rows[0], list(rows)))
        self.assertEqual(Rows(Hit, [EXPLAINED]), rows[1:])
        self.assertIn(EXPLAINED, rows)
        self.assertEqual("<2 x Hit>", repr(rows))

    def test_an_explanation_becomes_columns(self) -> None:
        columns = ANSWER.hits.columns()
        self.assertNotIn("explanation", columns)
        self.assertEqual([None, 0.2], columns["text_share"])
        self.assertEqual([None, "wind; sea"], columns["text_shared"])
        self.assertNotIn("numeric_shared", columns)

    def test_no_rows_have_columns_all_the_same(self) -> None:
        columns = Rows(Entity, []).columns()
        self.assertEqual(["entity_id", "name", "sector", "industry", "country", "region", "instrument_id"], list(columns))


@unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not installed")
class Pandas(unittest.TestCase):
    def test_frames_have_types(self) -> None:
        frame = ANSWER.to_pandas()
        self.assertEqual("datetime64[ns]", str(frame.dtypes["as_of_date"])[:14])
        self.assertEqual(("int64", "float64"), (str(frame.dtypes["rank"]), str(frame.dtypes["cosine"])))
        self.assertEqual([0.5, 0.25], frame["cosine"].tolist())

    def test_vectors_and_prices_are_indexed(self) -> None:
        frame = VECTORS.to_pandas()
        self.assertEqual((["A", "B"], "float32", 5.0), (frame.index.tolist(), str(frame.dtypes[0]), frame.loc["B", 2]))
        prices = Prices("A", "A.EU", np.array(["2024-03-27", "2024-03-28"], "datetime64[D]"), np.array([1.0, 2.0])).to_pandas()
        self.assertEqual(("A", 2.0), (prices.name, prices["2024-03-28"]))


@unittest.skipUnless(importlib.util.find_spec("pyarrow"), "pyarrow is not installed")
class Arrow(unittest.TestCase):
    def test_tables_have_types(self) -> None:
        table = ANSWER.to_arrow()
        self.assertEqual("date32[day]", str(table.schema.field("as_of_date").type))
        self.assertEqual([None, 0.2], table["text_share"].to_pylist())

    def test_vectors_are_lists_of_one_size(self) -> None:
        table = VECTORS.to_arrow()
        self.assertEqual([[0, 1, 2], [3, 4, 5]], table["vector"].to_pylist())
        self.assertEqual(3, table.schema.field("vector").type.list_size)
