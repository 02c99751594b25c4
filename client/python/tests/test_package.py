"""What is installed: the package alone, typed, and every public thing says what it is."""

from __future__ import annotations

import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import prometheus_grid
from prometheus_grid import errors, messages, rows, search

PROJECT = Path(__file__).parent.parent
CHECKOUT = PROJECT.parent.parent


class Package(unittest.TestCase):
    @unittest.skipUnless(importlib.util.find_spec("pip") and importlib.util.find_spec("setuptools"), "pip and setuptools are not installed")
    def test_pip_installs_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "source"), Path(folder, "target")
            shutil.copytree(PROJECT, source)
            subprocess.run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", target, source],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.assertEqual(["prometheus_grid"], [path.name for path in target.iterdir() if not path.name.endswith(".dist-info")])
            self.assertTrue((target / "prometheus_grid" / "py.typed").is_file())
            ask = "import prometheus_grid, importlib.metadata as m; print(prometheus_grid.__file__, m.version('prometheus-grid'))"
            said = subprocess.run([sys.executable, "-c", ask], check=True, stdout=subprocess.PIPE, text=True, cwd=folder, env={"PYTHONPATH": str(target)}).stdout
            self.assertEqual(f"{target / 'prometheus_grid' / '__init__.py'} {self.version()}", said.strip())

    def test_it_has_the_version_of_the_product(self) -> None:
        product = re.search(r"<Version>(.+?)</Version>", (CHECKOUT / "Directory.Build.props").read_text(encoding="utf-8"))
        self.assertEqual(product[1], self.version())

    def test_everything_public_has_a_docstring_and_types(self) -> None:
        things = [prometheus_grid.connect, prometheus_grid.open]
        for module in (prometheus_grid.grid, errors, messages, rows, search):
            for cls in vars(module).values():
                if inspect.isclass(cls) and cls.__module__ == module.__name__:
                    self.assertTrue(cls.__doc__ and not cls.__doc__.startswith(f"{cls.__name__}("), cls)
                    things += [getattr(member, "__func__", member) for name, member in vars(cls).items() if not name.startswith("_") and callable(getattr(member, "__func__", member))]
        self.assertGreater(len(things), 40)
        for thing in things:
            with self.subTest(thing.__qualname__):
                self.assertTrue(thing.__doc__)
                signature = inspect.signature(thing)
                self.assertIsNot(signature.return_annotation, inspect.Signature.empty)
                for name, parameter in signature.parameters.items():
                    self.assertTrue(name in ("self", "cls") or parameter.annotation is not inspect.Parameter.empty, name)

    @staticmethod
    def version() -> str:
        return re.search(r'^version = "(.+?)"', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
