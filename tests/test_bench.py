"""The benchmark: both loops do the same work, and the JSON has the promised keys. No timing is asserted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lenet import bench, data
from lenet.common import paths
from lenet.runs.configuration import CLASSIC
from lenet.training import trainer

CPU = torch.device("cpu")
SAMPLE = data.Source("sample", paths.SAMPLE_DIR)


def test_reference_reads_the_same_images(tmp_path: Path) -> None:
    bench.write_torchvision_layout(tmp_path, paths.SAMPLE_DIR)
    reference = bench.Reference(tmp_path, CPU, workers=0)
    images, labels = data.load("test", "sample")
    x, y = next(iter(reference.test_iter))
    assert torch.equal(x, torch.from_numpy(images[:256].copy()).float() / 255)
    assert y.tolist() == labels[:256].tolist()
    assert len(reference.train_iter.dataset) == 6000


def test_both_loops_learn_the_same_from_the_same_batches(tmp_path: Path) -> None:
    """The reference's epoch over our order of images: the same loss and accuracies within float tolerance."""
    bench.write_torchvision_layout(tmp_path, paths.SAMPLE_DIR)
    reference = bench.Reference(tmp_path, CPU, workers=0)
    splits = trainer.DataCache().get(SAMPLE, CPU)
    ours = trainer.Trainer(replace(CLASSIC, data="sample"), *splits)
    reference.net.load_state_dict(ours.net.state_dict())
    ours.begin_epoch()
    reference.train_iter = DataLoader(reference.train_iter.dataset, CLASSIC.batch_size, sampler=ours.order.tolist())
    loss, train_acc = ours.run_epoch()
    expected = reference.epoch()
    assert loss == pytest.approx(expected[0], rel=1e-3)
    assert train_acc == pytest.approx(expected[1], abs=0.005)
    assert trainer.accuracy(ours.net, ours.test) == pytest.approx(expected[2], abs=0.01)


def test_json_has_the_promised_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "find", lambda: SAMPLE)
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
