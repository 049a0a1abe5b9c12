"""Which weights a network has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lenet import runs
from lenet.architecture import inference, weights
from lenet.common.errors import LenetError
from lenet.runs.configuration import RECIPES

MODERN = weights.of_run(runs.find("reference-modern"))


def test_a_network_is_built_once_for_all_visitors_and_again_when_its_weights_change(tmp_path: Path) -> None:
    assert inference.build(MODERN) is inference.build(weights.of_run(runs.find("reference-modern")))
    run = runs.create(RECIPES["modern"], "mine")
    with pytest.raises(LenetError, match=r"model.safetensors of the run “mine”"):
        weights.of_run(run)
    file = run.path / "model.safetensors"
    shutil.copy(runs.find("reference-modern").path / "model.safetensors", file)
    before = weights.of_run(run)
    replacement = run.path / "new"
    shutil.copy(runs.find("reference-modern").path / "model.safetensors", replacement)
    replacement.replace(file)
    assert weights.of_run(run) != before
