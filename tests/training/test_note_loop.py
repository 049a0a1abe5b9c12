"""The note's loop: it does the same work as ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader

from lenet import data
from lenet.runs.configuration import CLASSIC
from lenet.training.note_loop import NoteLoop, write_torchvision_layout
from lenet.training.trainer import Trainer
from tests.helpers.training import CPU, Splits


def test_the_note_reads_the_same_images(tmp_path: Path) -> None:
    write_torchvision_layout(tmp_path, data.find("sample"))
    note = NoteLoop(tmp_path, CPU, workers=0)
    images, labels = data.load("test", "sample")
    x, y = next(iter(note.test_iter))
    assert torch.equal(x, torch.from_numpy(images[:256].copy()).float() / 255)
    assert y.tolist() == labels[:256].tolist()
    assert len(note.train_iter.dataset) == 6000


def test_both_loops_learn_the_same_from_the_same_batches(tmp_path: Path, splits: Splits) -> None:
    """The note's epoch over our order of images: the same loss and accuracies within float tolerance."""
    write_torchvision_layout(tmp_path, data.find("sample"))
    note = NoteLoop(tmp_path, CPU, workers=0)
    ours = Trainer(replace(CLASSIC, data="sample"), *splits)
    note.net.load_state_dict(ours.net.state_dict())
    ours.begin_epoch()
    order = ours.buffers.order.tolist()
    note.train_iter = DataLoader(note.train_iter.dataset, CLASSIC.batch_size, sampler=order)
    loss, train_acc = ours.run_epoch()
    expected = note.epoch()
    assert loss == pytest.approx(expected[0], rel=1e-3)
    assert train_acc == pytest.approx(expected[1], abs=0.005)
    assert ours.accuracy() == pytest.approx(expected[2], abs=0.01)
