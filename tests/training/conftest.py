"""Fixtures of the training tests."""

from __future__ import annotations

import pytest

from lenet.training.dataset import Split
from tests.helpers.training import CPU, SAMPLE, Splits


@pytest.fixture(scope="session")
def splits() -> Splits:
    """The bundled sample on the CPU."""
    return Split.load("train", SAMPLE, CPU), Split.load("test", SAMPLE, CPU)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks train as on a GPU, by torch.nn and autograd, but on this CPU."""
    monkeypatch.setattr("lenet.training.steps.supports", lambda net: False)
