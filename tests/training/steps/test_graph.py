"""Capturing the step, with stand-ins for what a GPU does; and how much a GPU has to do in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lenet.runs.configuration import MODERN, RunConfig
from lenet.training.epoch import PreparedImages, PreparedRows
from lenet.training.steps import EagerStep, GraphStep, WrittenOutGpuStep, graph
from lenet.training.steps.graph import PlainStep
from lenet.training.trainer import Trainer
from tests.helpers.training import SHORT, Splits, cut


def eager_step(trainer: Trainer) -> EagerStep:
    assert isinstance(trainer.train_step, EagerStep)
    return trainer.train_step


class FakeCuda:
    """The calls that capturing a step makes, for a machine that has no GPU.

    A captured graph repeats the step by taking it again, with `off` added to its loss.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, step: EagerStep | WrittenOutGpuStep, off: float = 0.0
    ) -> None:
        self.replays = 0
        stream = SimpleNamespace(wait_stream=lambda other: None)

        def graph() -> SimpleNamespace:
            def replay() -> None:
                self.replays += 1
                step(recorded.size)
                step.buffers.losses.add_(off)

            recorded = SimpleNamespace(replay=replay, size=0)
            return recorded

        @contextmanager
        def capturing(recorded: SimpleNamespace) -> Iterator[None]:
            """The step that is taken in here tells its size to the graph."""
            take = type(step).__call__

            def noting(self: PlainStep, size: int) -> None:
                recorded.size = size
                take(self, size)

            with monkeypatch.context() as patch:
                patch.setattr(type(step), "__call__", noting)
                yield

        stand_ins: dict[str, Callable[..., Any]] = {
            "Stream": lambda: stream,
            "current_stream": lambda: stream,
            "stream": lambda s: nullcontext(),
            "synchronize": lambda: None,
            "graph": capturing,
            "CUDAGraph": graph,
        }
        for name, stand_in in stand_ins.items():
            monkeypatch.setattr(torch.cuda, name, stand_in)
        monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
        monkeypatch.setattr(step._measuring, "_stream", stream)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "config", [SHORT, replace(MODERN, data="sample", device="cpu", epochs=2)], ids=lambda c: c.recipe
)
def test_recording_a_step_leaves_no_trace_in_the_run(
    config: RunConfig, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the recording itself: weights and the optimiser's memory put back, every step replayed."""
    plain, captured = (Trainer(config, cut(splits[0], 600), splits[1]) for _ in range(2))
    cuda = FakeCuda(monkeypatch, eager_step(captured))
    captured.train_step = graph.capture([lambda: eager_step(captured)], [256, 88])
    assert captured.train_step.name == "CUDA graph"
    assert captured.step == captured.buffers.count.item() == captured.buffers.correct.item() == 0
    cuda.replays = 0
    for _ in range(2):
        np.testing.assert_allclose(captured.run_epoch(), plain.run_epoch(), rtol=1e-3, atol=5e-3)
    np.testing.assert_allclose(captured.buffers.norms, plain.buffers.norms, rtol=0.05)
    assert cuda.replays == 6, "two whole batches an epoch, and the 88 images that are left"


def gpu_step(trainer: Trainer) -> WrittenOutGpuStep:
    images = PreparedRows(trainer.train, trainer.buffers, trainer.examples)
    return WrittenOutGpuStep(trainer.config, trainer.net, trainer.optimizers, images, trainer.buffers)


def test_where_the_first_step_cannot_be_captured_the_second_is(
    splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network like the note's is written out; where a card refuses that, torch.nn and autograd train."""
    plain, trainer = (Trainer(SHORT, cut(splits[0], 600), splits[1]) for _ in range(2))
    images = PreparedImages(trainer.train, trainer.buffers, trainer.examples)
    eager = EagerStep(SHORT, trainer.net, trainer.optimizers, images, trainer.buffers)
    cuda = FakeCuda(monkeypatch, eager)

    def refused(self: WrittenOutGpuStep, size: int) -> None:
        raise MemoryError("no workspace")

    monkeypatch.setattr(WrittenOutGpuStep, "__call__", refused)
    trainer.train_step = graph.capture([lambda: gpu_step(trainer), lambda: eager], [256, 88])
    assert isinstance(trainer.train_step, GraphStep) and trainer.train_step.step is eager
    cuda.replays = 0
    np.testing.assert_allclose(trainer.run_epoch(), plain.run_epoch(), rtol=1e-3, atol=5e-3)
    assert cuda.replays == 3
    last = graph.capture([lambda: gpu_step(trainer)], [256, 88])
    assert last.name == "phases: MemoryError: no workspace", "the last one goes on as it is"


def test_the_written_out_step_is_captured_where_it_can_be(splits: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, trainer = (Trainer(SHORT, cut(splits[0], 600), splits[1]) for _ in range(2))
    written = gpu_step(trainer)
    cuda = FakeCuda(monkeypatch, written)
    trainer.train_step = graph.capture([lambda: written], [256, 88])
    assert trainer.train_step.name == "CUDA graph"
    cuda.replays = 0
    np.testing.assert_allclose(trainer.run_epoch(), plain.run_epoch(), rtol=1e-3, atol=5e-3)
    assert cuda.replays == 3


@pytest.mark.usefixtures("eager")
def test_a_recorded_step_that_does_something_else_is_not_used(
    splits: Splits, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, wrong, failing = (Trainer(SHORT, cut(splits[0], 600), splits[1]) for _ in range(3))
    FakeCuda(monkeypatch, eager_step(wrong), off=0.01)
    wrong.train_step = graph.capture([lambda: eager_step(wrong)], [256, 88])

    FakeCuda(monkeypatch, eager_step(failing))

    def refused(graph: object) -> None:
        raise KeyError("operation not permitted when stream is capturing")

    monkeypatch.setattr(torch.cuda, "graph", refused)
    failing.train_step = graph.capture([lambda: eager_step(failing)], [256, 88])
    assert "not permitted" in capsys.readouterr().out
    assert failing.train_step.name == "eager: KeyError: 'operation not permitted when stream is capturing'"
    expected = plain.run_epoch()
    for trainer in (wrong, failing):
        assert trainer.train_step.name.startswith("eager: ")
        np.testing.assert_allclose(trainer.run_epoch(), expected, rtol=1e-5)


@pytest.mark.usefixtures("eager")
def test_a_step_of_the_notes_network_is_few_operations(splits: Splits) -> None:
    """A GPU takes as long for each, whatever it computes: those that only measure are not in its way."""
    trainer = Trainer(SHORT, splits[0], splits[1])
    step = eager_step(trainer)
    step.images = PreparedImages(trainer.train, trainer.buffers, trainer.examples)
    trainer.begin_epoch()
    step(256)

    measuring = False

    @contextmanager
    def beside(*read: object) -> Iterator[None]:
        nonlocal measuring
        measuring = True
        yield
        measuring = False

    step._measuring.beside = beside  # type: ignore[method-assign]
    seen: list[str] = []

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if not measuring and not func.is_view:
                seen.append(str(func))
            return func(*args, **(kwargs or {}))

    with Operations():
        step(256)
    assert len([name for name in seen if name.startswith("aten")]) <= 38, seen
