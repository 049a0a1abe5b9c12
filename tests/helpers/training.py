"""What tests of training share: a short run, the sample on the CPU, what makes two runs the same."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import safetensors.numpy
import torch

from lenet import data, runs
from lenet.runs import BEST
from lenet.runs.configuration import CLASSIC, MODERN, SPRINT, RunConfig
from lenet.training.dataset import Split
from lenet.training.run import train_run

CPU = torch.device("cpu")
SAMPLE = data.find("sample")
SHORT = replace(CLASSIC, epochs=2, data="sample", device="cpu")
WITH_DROPOUT = replace(MODERN, model=replace(MODERN.model, dropout=0.5))
COSINE = replace(MODERN, optimizer="adamw", schedule="cosine", eta_min=1e-4, validation=0.015)
STEPS_DOWN = replace(CLASSIC, lr=0.3, momentum=0.9, schedule="step", step_size=1, gamma=0.5, validation=0.015)
SHORT_ONES = [
    replace(recipe, epochs=2, data="sample", device="cpu", batch_size=64, examples_per_epoch=1500)
    for recipe in (CLASSIC, MODERN, WITH_DROPOUT, COSINE, STEPS_DOWN)
]
"""Two epochs of 24 steps, of which the last has fewer images."""
SHORT_NAMES = ["classic", "modern", "dropout", "cosine", "step"]

RECIPES = [
    CLASSIC,
    MODERN,
    WITH_DROPOUT,
    replace(SPRINT, examples_per_epoch=0, epochs=2),
    replace(CLASSIC, precision="bfloat16"),
    COSINE,
    STEPS_DOWN,
]
"""Every way in which a GPU trains."""
NAMES = ["classic", "modern", "dropout", "sprint", "bfloat16", "cosine", "step"]

Splits = tuple[Split, Split]
"""Training and test images."""


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="lenet-trained-")


@cache
def trained(config: RunConfig) -> runs.Run:
    """A run of that configuration that nothing interrupted, trained in this process for the first who asks. It is the same for
    all: nobody changes it."""
    folder = tempfile.mkdtemp(dir=_folder().name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LENET_")}
    with patch.dict(os.environ, kept | {"LENET_RUNS_DIR": folder}, clear=True):
        run = runs.create(config, "whole", for_worker=False)
        assert train_run(run).state == "finished"
    return run


def cut(split: Split, n: int) -> Split:
    """The first `n` images."""
    return Split(split.pixels[:n], split.labels[:n])


def same(one: runs.Run, other: runs.Run) -> None:
    """Both runs have the same numbers, to the last bit (but for speed), and the same best weights."""
    assert one.best() == other.best()
    if one.best():
        best = [safetensors.numpy.load(run.raw(BEST) or b"") for run in (one, other)]
        assert all(np.array_equal(best[0][name], best[1][name]) for name in best[0])
    for name, w in one.weights().items():
        assert np.array_equal(w, other.weights()[name]), name
    for read in (runs.Run.steps, runs.Run.metrics, runs.Run.gradients):
        assert list(read(one)) == list(read(other))
        for key, column in read(one).items():
            if key != "examples_per_sec":
                assert np.array_equal(column, read(other)[key]), key
    for a, b in zip(one.kernels(), other.kernels(), strict=True):
        assert np.array_equal(a, b)
