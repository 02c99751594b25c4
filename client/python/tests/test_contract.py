"""The client knows every question of the kept OpenAPI document, and answers have the members that it says."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import unittest
from pathlib import Path
from typing import Any, Dict

from prometheus_grid import Search, grid, messages

DOCUMENT: Dict[str, Any] = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8"))
SCHEMAS: Dict[str, Any] = DOCUMENT["components"]["schemas"]

# Operators have grid doctor. The vectors of a date come as one array; manifests are for clients that compute with them; pandas and pyarrow write Parquet themselves.
NOT_ASKED = {"/v1/diagnosis", "/v1/catalog", "/v1/tables/parquet", "/v1/spaces/{model_id}/dates/{as_of_date}/vectors"}
SCHEMA_OF = {
    "WhoAmI": "WhoAmI", "SearchAnswer": "SearchResponse", "Backfill": "BackfillJobMessage", "Progress": "BackfillProgressMessage", "Report": "BackfillReportMessage",
    "Day": "BackfillDayMessage",
}
MEMBERS = {name: cls for name, cls in vars(messages).items() if dataclasses.is_dataclass(cls) and cls.__module__ == messages.__name__ and name != "Vectors"}


class Contract(unittest.TestCase):
    def test_every_question_of_the_document_can_be_asked(self) -> None:
        asked = set(re.findall(r'"(/v1/[^"]*)"', inspect.getsource(grid)))
        by_kind = {address for address in asked if "{kind}" in address}
        asked |= {address.format(kind=kind) for address in by_kind for kind in ("issuer", "portfolio")}
        self.assertEqual(set(DOCUMENT["paths"]) - NOT_ASKED, asked - by_kind)

    def test_answers_have_the_members_of_the_document(self) -> None:
        for name, cls in MEMBERS.items():
            with self.subTest(name):
                schema = SCHEMAS[SCHEMA_OF.get(name, f"{name}Message")]
                fields = {field.name: field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING for field in dataclasses.fields(cls)}
                self.assertEqual(set(schema["properties"]), set(fields))
                self.assertEqual(set(schema["required"]), {field for field, optional in fields.items() if not optional})

    def test_requests_have_them_too(self) -> None:
        search = {field.name for field in dataclasses.fields(Search)}
        self.assertLessEqual(set(SCHEMAS["SearchRequest"]["properties"]) - {"target"} | set(SCHEMAS["TargetMessage"]["properties"]), search)
        self.assertLessEqual(search | {"model_id", "self"}, set(inspect.signature(grid.Grid.search).parameters))
        for method, schema in ((grid.Grid.start_backfill, "BackfillMessage"), (grid.Grid.evaluate, "EvaluationRequest"), (grid.Grid.put, "PutRequest")):
            self.assertLessEqual(set(SCHEMAS[schema]["properties"]), set(inspect.signature(method).parameters))
        for name in SCHEMAS["FilterMessage"]["properties"]:
            self.assertIn(f"``{name}``", Search.__doc__)
