"""The benchmark: the JSON has the promised keys. No timing is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lenet import bench
from tests.helpers.training import SAMPLE

pytestmark = pytest.mark.slow


def test_json_has_the_promised_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "find", lambda dataset: SAMPLE)
    path = tmp_path / "bench.json"
    assert bench.main(["--device", "cpu", "--epochs", "1", "--seeds", "1", "--json", str(path)]) == 0
    figures = json.loads(path.read_text())
    assert set(figures) == {
        "device", "reference_examples_per_sec", "examples_per_sec", "throughput_ratio", "reference_seconds",
        "seconds_to_80_5", "time_to_accuracy_ratio",
    }  # fmt: skip
    ratio = figures["examples_per_sec"] / figures["reference_examples_per_sec"]
    assert figures["throughput_ratio"] == pytest.approx(ratio)
    assert np.isfinite(figures["reference_seconds"])
