"""Fixtures of the tests of steps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="module")
def doubles() -> Iterator[None]:
    """Rounding is not what a test is about: in doubles, equal sums differ by 1e-15, and a mistake by 1."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
