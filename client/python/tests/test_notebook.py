"""The example says what it says because it was run: its outputs are those of the demo as it is now."""

from __future__ import annotations

import importlib.util
import os
import unittest
from pathlib import Path
from unittest import mock

from . import notebook
from .served import demo

EXAMPLES = Path(__file__).parent.parent / "examples"


@unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not installed")
class Notebooks(unittest.TestCase):
    maxDiff = None

    def test_the_peer_basket_comes_out_as_it_stands_there(self) -> None:
        path = EXAMPLES / "peer_basket.ipynb"
        with mock.patch.dict(os.environ, {"GRID_DATA": str(demo())}):
            now = notebook.run(path)
        kept = notebook.json.loads(path.read_text(encoding="utf-8"))
        for there, here in zip(kept["cells"], now["cells"]):
            self.assertEqual(there.get("outputs"), here.get("outputs"), f"of {there['id']}; python3 -m tests.notebook keeps new ones")
        self.assertTrue(any(cell.get("outputs") for cell in kept["cells"]))
