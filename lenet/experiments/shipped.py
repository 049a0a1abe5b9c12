"""The experiments that came with the app: what is left of their runs, in three files each.

    lenet/reference/experiments/<id>.json         the question, as store.py keeps it
    lenet/reference/experiments/<id>.csv          a row for each epoch of each run: arm, seed, and the columns of its metrics.csv
    lenet/reference/experiments/<id>.safetensors  `kernels` [arms, seeds, out, in, kh, kw]: the first layer after the last epoch

`python -m tests.tools.ship_experiment` makes them from a finished experiment. `python -m lenet.experiment` with what
`arguments.command` writes trains the same runs again; on a CPU like that one, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from lenet.common import files
from lenet.experiments.experiment import Experiment
from lenet.runs import parsing
from lenet.runs.parsing import Arrays

PLACE = ("arm", "seed")


@dataclass(frozen=True)
class Shipped:
    """What the runs of one experiment have led to."""

    metrics: dict[tuple[int, int], Arrays]
    """By arm and seed the columns of `Run.metrics`."""
    kernels: NDArray[np.float32]
    """[arms, seeds, out, in, kh, kw]."""


@lru_cache(maxsize=8)
def load(experiment_file: Path) -> Shipped:
    """What lies beside the file of an experiment that came with the app."""
    table = parsing.table(experiment_file.with_suffix(".csv").read_bytes())
    arm, seed = (table.pop(name).astype(int) for name in PLACE)
    places = dict.fromkeys(zip(arm.tolist(), seed.tolist(), strict=True))
    metrics = {(a, s): {name: column[(arm == a) & (seed == s)] for name, column in table.items()} for a, s in places}
    kernels = safetensors.numpy.load(experiment_file.with_suffix(".safetensors").read_bytes())["kernels"]
    return Shipped(metrics, kernels)


def save(experiment_file: Path, experiment: Experiment, shipped: Shipped) -> None:
    """Write the three files."""
    columns = list(next(iter(shipped.metrics.values())))
    rows = []
    for (arm, seed), metrics in sorted(shipped.metrics.items()):
        for epoch in zip(*(metrics[name].tolist() for name in columns), strict=True):
            rows.append(
                [
                    arm,
                    seed,
                    *(int(x) if name in ("epoch", "step") else x for name, x in zip(columns, epoch, strict=True)),
                ]
            )
    files.write_json(experiment_file, experiment.to_dict())
    files.write_atomic(experiment_file.with_suffix(".csv"), files.csv_text([*PLACE, *columns], rows).encode())
    files.write_tensors(experiment_file.with_suffix(".safetensors"), {"kernels": shipped.kernels})
