"""The borders of the house (README, "How it is built"): who may import what, and how long a file may be.

Read from the source, not from what happens to be loaded: imports inside functions and for types count as well.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from lenet.common.paths import PROJECT

ROOMS = (
    "lenet.common", "lenet.course", "lenet.data", "lenet.grid", "lenet.exercises", "lenet.lessons", "lenet.convolution",
    "lenet.pooling", "lenet.architecture", "lenet.model", "lenet.runs", "lenet.training", "lenet.kernels", "lenet.experiments",
    "lenet.classroom", "lenet.ui", "pages", "app",
)  # fmt: skip
"""A room may import the rooms before it, and no other."""
COMMANDS = {"lenet.train", "lenet.bench", "lenet.worker", "lenet.launch", "lenet.export", "lenet.experiment"}
"""Started with `python -m`, and imported by nobody."""

FILES = sorted([*(PROJECT / "lenet").rglob("*.py"), *(PROJECT / "pages").rglob("*.py"), PROJECT / "app.py"])
OURS = [p for p in FILES if p.name != "__init__.py"]


def name_of(path: Path) -> str:
    """`lenet.runs.store` of `lenet/runs/store.py`, `lenet.runs` of its `__init__.py`."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in FILES}


def room_of(module: str) -> str:
    """The package or public module that a module is of."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "lenet" else parts[0]


@cache
def imports(path: Path) -> frozenset[str]:
    """Full names of what a file imports anywhere in it, names of modules before names in them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: write imports from the top"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def arrows(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports."""
    for name in imports(path):
        owner = name if name in MODULES else name.rpartition(".")[0]
        if owner in MODULES:
            yield owner


def packages(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports anywhere in it."""
    return {name.split(".")[0] for name in imports(path)}


def label(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


# -- one direction -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=label)
def test_imports_go_one_way(path: Path) -> None:
    here = room_of(name_of(path))
    for module in arrows(path):
        there = room_of(module)
        assert there not in COMMANDS or here == there, f"{module} is a command: start it with python -m"
        if here in ROOMS and there != here and there != "lenet":
            assert ROOMS.index(there) < ROOMS.index(here), f"{here} must not import {module}"


def test_every_room_has_its_place() -> None:
    rooms = {room_of(name) for name in MODULES} - {"lenet"}
    assert rooms <= set(ROOMS) | COMMANDS


def test_the_readme_lists_all_rooms_in_their_order_and_all_commands() -> None:
    """It says that a package imports only those above it."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    tree = text.partition("\nlenet/\n")[2].partition("```")[0]
    listed = re.findall(r"^  (\w+)(?:/|\.py) ", tree, re.M)
    rooms = [room.removeprefix("lenet.") for room in ROOMS if room.startswith("lenet.")]
    assert [name for name in listed if name in rooms] == rooms
    commands = re.findall(r"(\w+)\.py", next(line for line in tree.splitlines() if line.endswith("commands")))
    assert {f"lenet.{name}" for name in commands} == COMMANDS


def test_no_circle_of_modules() -> None:
    """Also within a package: a module never imports itself by way of others."""
    after = {name: set(arrows(path)) - {name} for name, path in MODULES.items() if path.name != "__init__.py"}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name not in done:
            for module in after.get(name, ()):
                visit(module, (*way, name))
            done.add(name)

    for name in after:
        visit(name, ())


def test_the_test_sees_a_circle_and_an_arrow_up(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("def f() -> None:\n    from lenet.ui import parts\n    import lenet.runs.store\n")
    assert set(arrows(file)) == {"lenet.ui.parts" if "lenet.ui.parts" in MODULES else "lenet.ui", "lenet.runs.store"}
    assert all(a != b for a, b in pairwise(ROOMS))


# -- who may import which library ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=label)
def test_only_ui_pages_and_app_import_streamlit(path: Path) -> None:
    assert "streamlit" not in packages(path) or room_of(name_of(path)) in ("lenet.ui", "pages", "app")


INSIDE = ("runtime", "proto", "web", "delta_generator", "delta_generator_singletons", "commands", "error_util")
"""Parts of Streamlit that are its own affair."""


def test_one_file_touches_the_inside_of_streamlit() -> None:
    touching = {
        name_of(path)
        for path in FILES
        for name in imports(path)
        if name.startswith(tuple(f"streamlit.{part}" for part in INSIDE)) or name.endswith(".get_script_run_ctx")
    }
    assert touching == {"lenet.ui.streamlit_internals"}
    for path in FILES:  # nor by way of the module that everybody has: `st.runtime`
        if name_of(path) not in touching:
            assert not re.search(
                rf"\b(?:st|streamlit)\.(?:{'|'.join(INSIDE)})\b", path.read_text(encoding="utf-8")
            ), path


@pytest.mark.parametrize("path", [p for p in FILES if "figures" in (p.parent.name, p.stem)], ids=label)
def test_figures_never_import_torch(path: Path) -> None:
    assert not packages(path) & {"torch", "torchvision"}


@pytest.mark.parametrize("path", sorted((PROJECT / "pages").rglob("*.py")), ids=label)
def test_pages_neither_compute_nor_draw(path: Path) -> None:
    assert not packages(path) & {"torch", "torchvision", "numpy", "plotly"}


WITH_TORCH = {
    "lenet.model",
    "lenet.architecture.network",
    "lenet.architecture.inference",
    "lenet.architecture.examples",
    "lenet.architecture.occlusion",
}
"""The modules beside `lenet/training` and the commands that may import torch; pages load the rest without it."""


def test_what_pages_share_loads_without_torch() -> None:
    """Not even indirectly: one fresh interpreter imports all of it."""
    torch_free = [
        name
        for name, path in MODULES.items()
        if name not in WITH_TORCH | COMMANDS and "torch" not in packages(path) and room_of(name) not in ("pages", "app")
        and not any(module in WITH_TORCH or "torch" in packages(MODULES[module]) for module in arrows(path))
    ]  # fmt: skip
    assert {"lenet.runs", "lenet.kernels", "lenet.training", "lenet.pooling", "lenet.ui"} <= set(torch_free)
    code = f"import sys; {'; '.join(f'import {name}' for name in torch_free)}; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False", out.stderr


# -- sizes -----------------------------------------------------------------------------------------------------------


def test_the_hall_is_small() -> None:
    """In `lenet/` itself only public modules and commands."""
    assert len(list((PROJECT / "lenet").glob("*.py"))) <= 10


SCRIPTS = sorted((PROJECT / "lenet").rglob("*.js"))


@pytest.mark.parametrize("path", [*OURS, *SCRIPTS], ids=label)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    limit = 260 if path.is_relative_to(PROJECT / "pages") else 450
    assert lines <= limit, f"{lines} lines"
