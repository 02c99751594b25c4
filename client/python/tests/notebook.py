"""Runs the code cells of a notebook without Jupyter: ``python3 -m tests.notebook examples/peer_basket.ipynb`` runs it and keeps the outputs in it."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any, Dict, List


def run(path: Path) -> Dict[str, Any]:
    """The notebook with the outputs that its cells have now: what they print, and the value of a last expression."""
    notebook: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    names: Dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        cell["execution_count"] = number
        cell["outputs"] = _outputs("".join(cell["source"]), f"cell {number}", number, names)
    return notebook


def _outputs(source: str, place: str, number: int, names: Dict[str, Any]) -> List[Dict[str, Any]]:
    tree = ast.parse(source, place)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, place, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), place, "eval"), names)
    outputs: List[Dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue())})
    if value is not None:
        outputs.append({"data": {"text/plain": _lines(repr(value))}, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    return outputs


def _lines(text: str) -> List[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(json.dumps(run(file), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
