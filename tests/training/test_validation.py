"""Images held out for validation, and losses on them and on the test images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lenet import data, runs
from lenet.architecture.network import LeNet
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, MODERN
from lenet.training.dataset import Split, predict
from lenet.training.epoch import epoch_seed, hold_out
from lenet.training.optimizers import init_weights
from lenet.training.run import train_run
from lenet.training.steps.written_out import WrittenOutNet, one_thread
from lenet.training.trainer import Trainer
from tests.helpers.training import CPU, SAMPLE, SHORT, Splits, cut


@given(st.integers(2, 3000), st.floats(1e-6, 0.9), st.integers(0, 2**32 - 1))
def test_every_image_is_trained_on_or_held_out(images: int, share: float, seed: int) -> None:
    state = torch.get_rng_state()
    kept, held = hold_out(images, share, seed)
    assert torch.equal(torch.get_rng_state(), state), "nothing else that is random changes"
    assert sorted([*kept.tolist(), *held.tolist()]) == list(range(images))
    assert len(kept) >= 1 and abs(len(held) - share * images) <= 1
    assert all(map(torch.equal, hold_out(images, share, seed), (kept, held)))


def test_the_seed_chooses_them() -> None:
    one, other = (set(hold_out(1000, 0.1, seed)[1].tolist()) for seed in (0, 1))
    assert len(one) == len(other) == 100 > len(one & other)


def test_a_run_trains_on_the_others_and_is_judged_by_these(splits: Splits) -> None:
    trainer = Trainer(replace(SHORT, validation=0.1), *splits)
    kept, held = hold_out(6000, 0.1, SHORT.seed)
    assert (len(trainer.train), trainer.examples, trainer.steps_per_epoch) == (5400, 5400, 22)
    assert trainer.validation is not None
    for part, numbers in ((trainer.train, kept), (trainer.validation, held)):
        assert torch.equal(part.pixels, splits[0].pixels[numbers])
        assert torch.equal(part.labels, splits[0].labels[numbers])
    few = replace(SHORT, validation=0.5, examples_per_epoch=5000)
    assert Trainer(few, *splits).examples == 3000, "no more than are left"


def test_one_image_cannot_be_divided(splits: Splits) -> None:
    with pytest.raises(LenetError, match="Of 1 training images none can be held out"):
        Trainer(replace(SHORT, validation=0.5), cut(splits[0], 1), splits[1])


def test_classic_takes_the_very_steps_that_it_took_before_there_was_a_split(splits: Splits) -> None:
    """To the last bit: the note's batches, one product after another, and torch's SGD, with nothing beside them."""
    trainer = Trainer(replace(CLASSIC, data="sample", device="cpu"), *splits)
    torch.manual_seed(CLASSIC.seed)
    net = LeNet()
    init_weights(net, "xavier_uniform")
    written_out = WrittenOutNet(net, (1, 28, 28), torch.get_num_threads())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.9, fused=True)
    losses = []
    for epoch in range(2):
        trainer.run_epoch()
        order = torch.randperm(6000, generator=torch.Generator().manual_seed(epoch_seed(0, epoch)))
        with one_thread():
            for batch in order.split(256):
                taken = lambda places, batch=batch: (  # noqa: E731
                    splits[0].images(batch[places]), splits[0].labels[batch[places]]
                )  # fmt: skip
                losses.append(written_out.gradients(torch.arange(len(batch)), taken)[0])
                optimizer.step()
    for (name, ours), p in zip(trainer.net.named_parameters(), net.parameters(), strict=True):
        assert torch.equal(ours, p), name
    assert torch.equal(trainer.buffers.losses, torch.stack(losses[24:]))


@pytest.mark.skipif(data.find().kind == "sample", reason="the full data set is not on this machine")
def test_classic_takes_the_steps_of_the_run_that_came_with_the_app() -> None:
    full = data.find("full")
    trainer = Trainer(CLASSIC, Split.load("train", full, CPU), Split.load("test", full, CPU))

    class Enough(Exception):
        pass

    def stop() -> None:
        if trainer.i == 25:
            raise Enough

    with pytest.raises(Enough):
        trainer.run_epoch(stop)
    shipped = runs.find("reference-classic").steps()["loss"][:25]
    np.testing.assert_allclose(trainer.buffers.losses[:25], shipped, rtol=1e-5)


def test_losses_are_torchs_on_the_stored_weights() -> None:
    """Of the last epoch and, in the file of the best weights, of the best."""
    config = replace(MODERN, data="sample", device="cpu", epochs=3, validation=0.1, examples_per_epoch=1500)
    run = runs.create(config, "r")
    train_run(run)
    assert list(run.metrics()) == [*runs.METRICS, *runs.MORE_METRICS]
    train, test = (Split.load(name, SAMPLE, CPU) for name in ("train", "test"))
    last = {name: column[-1] for name, column in run.metrics().items()}
    best = run.best()
    assert best["epoch"] == 1 + np.argmax(run.metrics()["val_acc"])
    for name in ("val_acc", "test_acc", "val_loss", "test_loss"):
        assert best[name] == run.metrics()[name][int(best["epoch"]) - 1]
    for file, told in ((runs.MODEL, last), (runs.BEST, best)):
        net = LeNet(config.model).eval()
        net.load_state_dict(safetensors.torch.load_file(run.path / file))
        for kind, images in (("test", test), ("val", train.part(hold_out(6000, 0.1, config.seed)[1]))):
            with torch.no_grad():
                logits = net(images.images(slice(None)))
            assert told[f"{kind}_loss"] == pytest.approx(float(F.cross_entropy(logits, images.labels)), rel=1e-5)
            accuracy = float((logits.argmax(1) == images.labels).float().mean())
            assert told[f"{kind}_acc"] == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.parametrize("step", ["written out", "eager"])
def test_with_label_smoothing_the_plain_cross_entropy_is_measured_as_well(
    step: str, splits: Splits, request: pytest.FixtureRequest
) -> None:
    if step == "eager":
        request.getfixturevalue("eager")
    config = replace(SHORT, label_smoothing=0.2, batch_size=100)
    trainer = Trainer(config, cut(splits[0], 250), splits[1])
    assert trainer.train_step.name == {"written out": "phases"}.get(step, step)
    expected = []

    def measured_before_the_step(size: int, take: object = trainer.train_step) -> None:
        batch = trainer.buffers.order[trainer.i * 100 : trainer.i * 100 + size]
        with torch.no_grad():
            logits = trainer.net(trainer.train.images(batch))
        expected.append(float(F.cross_entropy(logits, trainer.train.labels[batch], reduction="sum")))
        take(size)  # type: ignore[operator]

    step_taken = trainer.train_step
    trainer.train_step = type(  # type: ignore[assignment]
        "Watched", (), {"__call__": staticmethod(measured_before_the_step), "__getattr__": lambda _, name: getattr(step_taken, name)}
    )()  # fmt: skip
    loss, _accuracy = trainer.run_epoch()
    assert trainer.train_cross_entropy() == pytest.approx(sum(expected) / 250, rel=1e-4)
    assert loss > trainer.train_cross_entropy() - 0.1
    assert np.isnan(Trainer(SHORT, cut(splits[0], 250), splits[1]).train_cross_entropy()), "it is the loss itself"


def test_what_is_told_of_an_image_is_its_own(splits: Splits) -> None:
    """Also where the last batch is a smaller one."""
    net, some = LeNet().eval(), cut(splits[1], 25)
    said = predict(net, some, batch_size=10)
    with torch.no_grad():
        logits = net(some.images(slice(None)))
    torch.testing.assert_close(said.losses, F.cross_entropy(logits, some.labels, reduction="none"))
    torch.testing.assert_close(said.confidence, F.softmax(logits, 1).max(1).values)
    assert torch.equal(said.classes, logits.argmax(1))
