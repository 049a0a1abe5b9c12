"""Kernels that are learned again are found where they were planted, and not where there is nothing but chance."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lenet.experiments import detectors
from lenet.experiments.detectors import Detectors
from lenet.kernels.history import Kernels
from tests.helpers.kernels import random_kernels

RUNS = 8


def planted(runs: int = RUNS, noise: float = 0.2, seed: int = 3) -> tuple[Kernels, np.ndarray, np.ndarray]:
    """Kernels [runs, 4, 1, 5, 5]: three that every run has, one of its own; and where each is, and with which sign."""
    rng = np.random.default_rng(seed)
    templates = rng.standard_normal((3, 1, 5, 5))
    kernels = np.empty((runs, 4, 1, 5, 5), np.float32)
    where = np.stack([rng.permutation(4) for _run in range(runs)])
    signs = rng.choice([-1, 1], (runs, 4))
    for run in range(runs):
        own = np.concatenate([templates, rng.standard_normal((1, 1, 5, 5))])
        for kind in range(4):
            size = rng.uniform(0.1, 3)
            drawn = own[kind] + noise * rng.standard_normal((1, 5, 5))
            kernels[run, where[run, kind]] = signs[run, kind] * size * drawn
    return kernels, where, signs


def test_planted_kernels_are_found() -> None:
    kernels, where, signs = planted()
    found = detectors.find(range(RUNS), kernels, random_kernels(RUNS, 4, 1, 5, 5, seed=1))
    assert len(found.detectors) == 3 and found.from_initial
    kinds = []
    for detector in found.detectors:
        assert detector.runs == RUNS == len(detector.members) and detector.by_chance == 0
        first = detector.members[0]
        kind = where[first.run].tolist().index(first.kernel)
        kinds.append(kind)
        assert {(m.run, m.kernel) for m in detector.members} == {(run, where[run, kind]) for run in range(RUNS)}
        assert len({m.sign * signs[m.run, kind] for m in detector.members}) == 1  # up to one sign for all
    assert sorted(kinds) == [0, 1, 2] and found.largest_by_chance == 1
    own = int(where[0, 3])
    assert found.of(0, own) is None and found.of(0, int(where[0, kinds[1]])) == 1


def test_rows_of_the_wall_have_one_kernel_each() -> None:
    kernels, where, _signs = planted(noise=0.05)
    rows = detectors.aligned(kernels)
    assert [sorted(member.kernel for member in row) for row in rows] == [[0, 1, 2, 3]] * RUNS
    for column in range(3):  # the strongest
        members = [row[column] for row in rows]
        assert len({where[m.run].tolist().index(m.kernel) for m in members}) == 1
        shown = np.stack([m.sign * kernels[m.run, m.kernel].ravel() for m in members])
        assert (np.corrcoef(shown) > 0.9).all()


def test_chance_is_what_the_runs_began_with() -> None:
    """If they began with the same, all of it is there before training."""
    kernels, _where, _signs = planted()
    assert detectors.find(range(RUNS), kernels, kernels).largest_by_chance == RUNS
    assert [d.by_chance for d in detectors.find(range(RUNS), kernels, kernels).detectors] == [RUNS] * 3
    unknown = detectors.find(range(RUNS), kernels)
    assert not unknown.from_initial and "of random kernels, 0 of 8 sets" in detectors.describe(unknown)


def test_random_kernels_have_nothing_in_common() -> None:
    found = detectors.find(range(16), random_kernels(16, 6, 1, 5, 5))
    assert found.detectors == () and "No two of the 16 runs" in detectors.describe(found)


def test_in_words() -> None:
    kernels, _where, _signs = planted()
    text = detectors.describe(detectors.find(range(RUNS), kernels, random_kernels(RUNS, 4, 1, 5, 5, seed=1)))
    assert text == (
        "3 kinds of kernels are learned by two of the 8 runs or more, 3 by at least half of them. The most frequent, A, is "
        "learned in 8 of 8; of the kernels that these runs began with, 0 of 8 sets have one like it. Put into groups in the "
        "same way, no two sets of the kernels that these runs began with share a kind."
    )


def test_kernels_that_are_not_finite_or_all_zero() -> None:
    """As of runs that diverged, and of kernels that died."""
    kernels, _where, _signs = planted()
    kernels[0, 0] = np.nan
    kernels[1:4] = 0
    found = detectors.find(range(RUNS), kernels)
    assert isinstance(found, Detectors)
    assert all(np.isfinite(detector.mean).all() for detector in found.detectors)
    assert all(member.run not in (1, 2, 3) for detector in found.detectors for member in detector.members)


@pytest.mark.parametrize("out", [1, 6])
def test_quick(out: int) -> None:
    kernels = random_kernels(16, out, 1, 5, 5)
    detectors.find(range(16), kernels)
    begun = time.process_time()
    detectors.find(range(16), kernels)
    assert time.process_time() - begun < 1
