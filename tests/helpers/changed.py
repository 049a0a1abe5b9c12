"""Tests of a changed app: one line of it is replaced in memory, and pytest runs in an interpreter of its own over the rest.

What "one change in one place" means is written down in this way: everything that has to follow a change is looked at
after the change, and the change is all that was done. See tests/runs/test_one_change.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from lenet.common.paths import PROJECT

VARIABLE = "LENET_TEST_CHANGE"


def passes(tests: str, module: str, before: str, after: str) -> None:
    """Assert that the `tests` of a file pass once `before` is replaced by `after` in the source of `module`."""
    change = json.dumps({"module": module, "before": before, "after": after})
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-p",
        "tests.helpers.changed",
        "-p",
        "no:cacheprovider",
        tests,
    ]
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | {VARIABLE: change}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class _Loader(SourceFileLoader):
    """Compiles the source with the change in it, whatever was compiled before."""

    def __init__(self, name: str, path: str, before: str, after: str) -> None:
        super().__init__(name, path)
        self.before, self.after = before, after

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        assert source.count(self.before) == 1, f"{fullname} has {self.before!r} not once"
        return compile(source.replace(self.before, self.after), self.path, "exec", dont_inherit=True)


class _Finder(PathFinder):
    """Finds the one module that is to be changed."""

    def __init__(self, module: str, before: str, after: str) -> None:
        self.module, self.before, self.after = module, before, after

    def find_spec(  # type: ignore[override]
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self.module else None
        if spec and spec.origin:
            spec.loader = _Loader(fullname, spec.origin, self.before, self.after)
        return spec


if VARIABLE in os.environ:  # this is the interpreter that `passes` has started, and pytest loads its plugins
    _change = json.loads(os.environ[VARIABLE])
    assert _change["module"] not in sys.modules
    sys.meta_path.insert(0, _Finder(**_change))
