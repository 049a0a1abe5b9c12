"""Two sets of kernels matched one to one."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.kernels import matching
from tests.helpers.kernels import random_kernels


@given(st.integers(1, 5), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_assignment_is_the_best_of_all(n: int, more: int, seed: int) -> None:
    gain = np.random.default_rng(seed).integers(-5, 6, (n, n + more)).astype(float)
    best = max(gain[range(n), list(p)].sum() for p in itertools.permutations(range(n + more), n))
    for pairs in (matching.assign(gain), [(row, column) for column, row in matching.assign(gain.T)]):
        assert len({row for row, _column in pairs}) == len({column for _row, column in pairs}) == n
        assert sum(gain[pair] for pair in pairs) == pytest.approx(best)


def test_the_same_kernels_in_another_order_with_other_signs_are_found() -> None:
    first = random_kernels(16, 1, 5, 5)
    rng = np.random.default_rng(0)
    order, signs = rng.permutation(16), rng.choice([-1, 1], 16)
    second = (signs[:, None, None, None] * 3 * first[order] + 0.5).astype(np.float32)
    for pair in matching.align(first, second):
        assert order[pair.second] == pair.first
        assert pair.sign == signs[pair.second]
        assert abs(pair.correlation) == pytest.approx(1)
    assert len(matching.align(first, second[:4])) == len(matching.align(first[:4], second)) == 4


def test_kernels_of_other_sizes_are_not_matched() -> None:
    with pytest.raises(LenetError) as caught:
        matching.align(random_kernels(6, 1, 5, 5), random_kernels(6, 1, 3, 3))
    assert "1×5×5" in str(caught.value) and "1×3×3" in str(caught.value)


def test_only_a_comparison_loads_scipy() -> None:
    code = (
        "import sys, numpy as np; from lenet.kernels import matching; assert 'scipy' not in sys.modules; "
        "matching.align(np.eye(4).reshape(4, 1, 2, 2), np.eye(4).reshape(4, 1, 2, 2)); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)


# -- by chance ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "size"), [(4, 9), (6, 25)])
def test_the_level_of_chance_is_that_of_another_simulation(n: int, size: int) -> None:
    """With another generator, NumPy's own correlation, and for 4 kernels every permutation tried."""
    rng = np.random.RandomState(1)
    found = []
    for _trial in range(600):
        r = np.abs(np.corrcoef(rng.normal(size=(n, size)), rng.normal(size=(n, size)))[:n, n:])
        if n == 4:
            best = max(itertools.permutations(range(n)), key=lambda p: r[range(n), list(p)].sum())
            found.append(sorted(r[range(n), list(best)]))
        else:
            found.append(sorted(r[i, j] for i, j in matching.assign(r)))
    here = matching.chance(n, size)
    assert here.mean == pytest.approx(np.mean(found), abs=0.012)
    assert here.trials[:, 0].mean() == pytest.approx(np.mean(found, 0)[-1], abs=0.02)


def test_a_single_pair_of_random_kernels_has_the_known_distribution_of_r() -> None:
    """(1 + r)/2 of n random pairs of numbers has a beta distribution: its mean |r| is Γ((n−1)/2) / (√π · Γ(n/2))."""
    for size in (9, 25, 363):
        expected = math.exp(math.lgamma((size - 1) / 2) - math.lgamma(size / 2)) / math.sqrt(math.pi)
        assert matching.chance(1, size).mean == pytest.approx(expected, rel=0.12)
        assert abs(matching.chance(1, size, signed=False).mean) < 0.05 * 3 / math.sqrt(size) + 0.02


def test_signs_and_numbers_raise_the_level_and_weights_lower_it() -> None:
    level = {
        "as it is": matching.chance(6, 25).mean,
        "without signs": matching.chance(6, 25, signed=False).mean,
        "larger kernels": matching.chance(6, 121).mean,
        "more kernels": matching.chance(64, 25).mean,
        "more partners": matching.chance(6, 25, partners=16).mean,
    }
    assert sorted(level, key=level.__getitem__) in (
        ["larger kernels", "without signs", "as it is", "more partners", "more kernels"],
        ["without signs", "larger kernels", "as it is", "more partners", "more kernels"],
    )
    low, high = matching.chance(6, 25).band
    assert (low < high).all() and (np.diff(high) < 0).all(), "the strongest first"


def test_the_level_is_the_same_each_time_and_computed_once() -> None:
    first = matching.chance(5, 16)
    assert matching.chance(5, 16) is first
    matching.chance.cache_clear()
    np.testing.assert_array_equal(matching.chance(5, 16).trials, first.trials)


def test_without_signs_a_negative_is_no_partner() -> None:
    kernels = random_kernels(4, 1, 5, 5)
    mirrored = np.concatenate([-kernels[:1], kernels[1:]])
    assert [abs(pair.correlation) for pair in matching.align(kernels, mirrored)] == pytest.approx([1] * 4)
    unsigned = matching.align(kernels, mirrored, signed=False)
    assert unsigned[-1].correlation < 0.5 and unsigned[0].correlation == pytest.approx(1)
