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


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--epochs", "0"], "epochs must lie between 1 and 1000; it is 0."),
        (["--seeds", "0"], "seeds must lie between 1 and 1000; it is 0."),
        (["--batch-size", "0"], "batch-size must lie between 1 and 60000; it is 0."),
        (["--json", "/nowhere/x.json"], "The file /nowhere/x.json cannot be written: there is no folder /nowhere."),
        (["--json", "/"], "The file / cannot be written: it is a folder."),
    ],
)
def test_what_cannot_be_measured_or_kept_is_said_before_anything_is(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(options) == 2
    assert capsys.readouterr().err.strip() == sentence
