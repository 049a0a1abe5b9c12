"""Kernels that tests make: random ones, and runs that have saved some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import files
from lenet.kernels import History, Kernels
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC


def random_kernels(*shape: int, seed: int = 0) -> Kernels:
    """Normally distributed weights; the same for the same shape and seed."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def random_history(*shape: int, seed: int = 0) -> History:
    """A history [T, out, in, kh, kw] from step 0 on."""
    return History(np.arange(shape[0]), random_kernels(*shape, seed=seed))


def run_with_kernels(run_id: str = "made", *, steps: Any = (0, 1, 235), values: Any = None, **model: Any) -> Run:
    """A run with kernels that fit its network, or with `values` in their place."""
    config = replace(CLASSIC, model=LeNetConfig(**model))
    run = runs.create(config, run_id)
    size = config.model.kernel_size[0]
    if values is None:
        values = random_kernels(len(steps), config.model.channels[0], 1, size, size)
    tensors = {"steps": np.array(steps), "kernels": np.asarray(values, np.float32)}
    files.write_tensors(run.path / "kernels.safetensors", tensors)
    return run
