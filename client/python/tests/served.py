"""A demo of the tests' own and the grid on it, made once for all modules and gone with the process."""

from __future__ import annotations

import atexit
import csv
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Dict, List

import prometheus_grid
from prometheus_grid._server import find_command

SPACE = "joint-profile-core-v3"
FIRST, DATE, LAST = "2023-09-29", "2023-12-29", "2024-03-28"


@functools.lru_cache(maxsize=None)
def demo() -> Path:
    """The folder that ``grid demo`` makes. GRID_TEST_DEMO may name one that is there already; it is copied."""
    folder = Path(tempfile.mkdtemp(prefix="prometheus-grid-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ready = os.environ.get("GRID_TEST_DEMO")
    if ready:
        shutil.copytree(ready, folder, dirs_exist_ok=True)
    else:
        environment = {name: value for name, value in os.environ.items() if name not in ("GRID_DATA", "GRID_POSTGRES", "GRID_SERVER")}
        subprocess.run([*find_command(), "demo", "--data", str(folder), "--quiet"], check=True, stdout=subprocess.DEVNULL, env=environment)
    return folder


@functools.lru_cache(maxsize=None)
def grid() -> prometheus_grid.Grid:
    """The demo, served."""
    opened = prometheus_grid.open(demo())
    atexit.register(opened.close)
    return opened


def table(name: str) -> List[Dict[str, str]]:
    """A table of the demo, as it stands in its file."""
    with open(demo() / f"{name}.csv", encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))
