"""The measurement of a device of which nothing is known."""

from __future__ import annotations

import pytest

from lenet.common import paths
from lenet.runs import speeds
from lenet.runs.configuration import CLASSIC
from lenet.training import calibration
from lenet.training.devices import device_name
from tests.helpers.training import CPU


def test_a_device_is_measured_once_and_by_runs_that_are_unlike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "SECONDS", 0.01)
    calibration.measure(CPU)
    found = speeds.on_device("cpu", device_name(CPU))
    assert [m.batch for m in found] == [256, 1, 64]
    assert all(0.01 < m.ratio < 1000 for m in found)
    assert found[2].image > 5 * found[0].image
    assert speeds.expected(found, found[0].image, CLASSIC.batch_size)
    file = paths.runs_dir() / ".cache" / "speeds.json"
    before = file.read_bytes()
    calibration.measure(CPU)
    assert file.read_bytes() == before
