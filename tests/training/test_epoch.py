"""What is drawn for an epoch, and its images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lenet.training.epoch import PreparedImages, PreparedRows, mirror_and_shift
from lenet.training.steps import EagerStep
from lenet.training.trainer import Trainer
from tests.helpers.training import SHORT, Splits, cut


def test_augmentation_mirrors_and_moves() -> None:
    x = torch.rand(8, 1, 28, 28)
    assert mirror_and_shift(x, None, None) is x
    mirror = torch.tensor([False, True] * 4)
    for n, image in enumerate(mirror_and_shift(x, mirror, None)):
        assert torch.equal(image, x[n].flip(2) if mirror[n] else x[n])
    shift = torch.tensor([[0, 1, 2, 3, 4, 2, 2, 0], [2, 2, 2, 2, 2, 0, 4, 4]])
    for n, image in enumerate(mirror_and_shift(x, mirror, shift)):
        padded = F.pad(x[n].flip(2) if mirror[n] else x[n], (2, 2, 2, 2))
        down, right = shift[:, n].tolist()
        assert torch.equal(image, padded[:, down : down + 28, right : right + 28])


def test_an_epoch_draws_every_image_once_and_each_epoch_anew(splits: Splits) -> None:
    trainer = Trainer(replace(SHORT, augment="flip_shift"), cut(splits[0], 500), splits[1])
    orders, mirrors = [], []
    for trainer.epoch in (0, 1, 0):
        trainer.begin_epoch()
        assert sorted(trainer.buffers.order.tolist()) == list(range(500))
        orders.append(trainer.buffers.order.tolist())
        mirrors.append(trainer.buffers.mirror.tolist())  # type: ignore[union-attr]
    assert orders[0] == orders[2] != orders[1]
    assert mirrors[0] == mirrors[2] != mirrors[1]
    assert 0.3 < np.mean(mirrors[0]) < 0.7
    assert set(trainer.buffers.shift.flatten().tolist()) == {0, 1, 2, 3, 4}  # type: ignore[union-attr]


@pytest.mark.usefixtures("eager")
def test_images_made_ready_for_an_epoch_are_those_of_its_order(splits: Splits) -> None:
    """As a GPU takes them: the run is the same to the bit, also from the middle of an epoch and with fewer images."""
    config = replace(SHORT, augment="flip_shift", batch_size=100, examples_per_epoch=950, epochs=2)

    def trained(ready: bool) -> Trainer:
        trainer = Trainer(config, cut(splits[0], 1000), splits[1])
        if ready:
            assert isinstance(trainer.train_step, EagerStep)
            trainer.train_step.images = PreparedImages(trainer.train, trainer.buffers, trainer.examples)
        return trainer

    plain, ready, resumed = trained(False), trained(True), trained(True)
    assert plain.run_epoch() == ready.run_epoch()

    def stop() -> None:
        if plain.i == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain.run_epoch(stop)
    resumed.restore(*plain.checkpoint())
    assert plain.run_epoch() == ready.run_epoch() == resumed.run_epoch()
    for trainer in (ready, resumed):
        for (name, p), q in zip(plain.net.named_parameters(), trainer.net.parameters(), strict=True):
            assert torch.equal(p, q), name


def test_rows_made_ready_for_an_epoch_are_the_same_images_with_the_batch_last(splits: Splits) -> None:
    config = replace(SHORT, augment="flip_shift", batch_size=100, examples_per_epoch=350)
    trainer = Trainer(config, cut(splits[0], 500), splits[1])
    images, prepared = (kind(trainer.train, trainer.buffers, 350) for kind in (PreparedImages, PreparedRows))
    trainer.begin_epoch()
    images.prepare()
    prepared.prepare()
    for step, size in enumerate((100, 100, 100, 50)):
        trainer.buffers.count.fill_(step)
        x, y = images.take(trainer.buffers.places(size))
        rows = prepared.next_rows(size)
        assert rows.shape == (786, size)
        assert torch.equal(rows[:-2], x.flatten(1).t())
        assert not rows[-2].any() and rows[-1].eq(1).all()
        assert torch.equal(prepared.next_labels(size), y)
