"""The borders of the house (README, "How it is built"): who may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lenet.common.paths import PROJECT

MODULES = sorted((PROJECT / "lenet").rglob("*.py"))
WITH_TORCH = {
    "bench", "model", "train",
    "architecture.network", "architecture.activations",
    "training.trainer", "training.optimizers", "training.recorder", "training.written_out",
}  # fmt: skip
"""The modules that may import torch; everything else is loaded by pages that must not wait for it."""
FIGURES = [p for p in MODULES if "figures" in (p.parent.name, p.stem)]


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PROJECT)))
def test_only_ui_imports_streamlit(path: Path) -> None:
    assert "streamlit" not in imported(path) or path.parent == PROJECT / "lenet" / "ui"


@pytest.mark.parametrize("path", FIGURES, ids=lambda p: str(p.relative_to(PROJECT)))
def test_figures_never_import_torch(path: Path) -> None:
    assert not imported(path) & {"torch", "torchvision"}


def test_pooling_imports_numpy_alone() -> None:
    assert imported(PROJECT / "lenet" / "pooling" / "arithmetic.py") - set(sys.stdlib_module_names) == {"numpy"}


@pytest.mark.parametrize("path", sorted((PROJECT / "pages").rglob("*.py")), ids=lambda p: p.name)
def test_pages_neither_compute_nor_draw(path: Path) -> None:
    assert not imported(path) & {"torch", "torchvision", "numpy", "plotly"}


def test_what_pages_share_loads_without_torch() -> None:
    """Not even indirectly: one fresh interpreter imports all of it."""
    torch = {(PROJECT / "lenet").joinpath(*name.split(".")).with_suffix(".py") for name in WITH_TORCH}
    names = (".".join(p.relative_to(PROJECT).with_suffix("").parts) for p in MODULES if p not in torch)
    imports = "; ".join(f"import {name.removesuffix('.__init__')}" for name in names)
    code = f"import sys; {imports}; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False", out.stderr
