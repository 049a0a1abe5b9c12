"""Two sets of kernels matched one to one."""

from __future__ import annotations

import itertools
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
    for pair in matching.match(first, second):
        assert order[pair.second] == pair.first
        assert pair.sign == signs[pair.second]
        assert abs(pair.correlation) == pytest.approx(1)
    assert len(matching.match(first, second[:4])) == len(matching.match(first[:4], second)) == 4


def test_kernels_of_other_sizes_are_not_matched() -> None:
    with pytest.raises(LenetError) as caught:
        matching.match(random_kernels(6, 1, 5, 5), random_kernels(6, 1, 3, 3))
    assert "1×5×5" in str(caught.value) and "1×3×3" in str(caught.value)


def test_only_a_comparison_loads_scipy() -> None:
    code = (
        "import sys, numpy as np; from lenet.kernels import matching; assert 'scipy' not in sys.modules; "
        "matching.match(np.eye(4).reshape(4, 1, 2, 2), np.eye(4).reshape(4, 1, 2, 2)); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)
