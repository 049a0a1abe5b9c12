"""A step captured as a CUDA graph.

A GPU computes an operation of LeNet's in less time than Python takes to ask for it. A graph is captured once and then
replayed as a whole. It takes nothing from Python any more: all that changes from step to step (images, learning
rates, the count of steps) lies in tensors whose addresses stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

import torch
from torch import Tensor

from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import epoch_seed
from lenet.training.steps.blocks import TooLarge
from lenet.training.steps.eager import EagerStep
from lenet.training.steps.written_out import WrittenOutStep
from lenet.training.steps.written_out_gpu import WrittenOutGpuStep

PlainStep = EagerStep | WrittenOutStep | WrittenOutGpuStep
"""Steps of which each operation is asked for by Python."""


def capture(ways: Sequence[Callable[[], PlainStep]], sizes: Collection[int]) -> GraphStep | PlainStep:
    """The first of several ways to step of a fresh run that can be captured as CUDA graphs, for batches of the given
    `sizes`, which do the same. Where none can, the last as it is, and then its name tells why.

    The network and the optimisers are left as they were.
    """
    torch.backends.cudnn.deterministic = True  # a run that goes on takes the steps that it would have taken
    reason = ""
    for way in ways:
        try:
            step = way()
        except TooLarge:
            continue
        fresh = {k: v.clone() for k, v in step.net.state_dict().items()}
        try:
            step.buffers.draw(epoch_seed(step.config.seed, 0), step.config.augment)
            step.begin_epoch()
            captured = GraphStep(step, sizes)
            captured.check(fresh)
            return captured
        except Exception as e:  # whatever it is: the step does without what has failed
            reason = f"{type(e).__name__}: {e}".splitlines()[0][:200]
            print(f"the {step.name} step could not be captured: {e}", flush=True)
            _end_failed_capture()
        finally:
            _reset(step, fresh)
    step.name = f"{step.name}: {reason}"
    return step


class GraphStep:
    """A CUDA graph of a step for each size of a batch. Raises what torch raises where the step cannot be captured."""

    name = "CUDA graph"

    def __init__(self, step: PlainStep, sizes: Collection[int]) -> None:
        self.step = step
        self._graphs = {size: self._record(size) for size in sizes}

    @property
    def threads(self) -> int:
        return self.step.threads

    @threads.setter
    def threads(self, n: int) -> None:
        self.step.threads = n

    def running(self) -> AbstractContextManager[None]:
        return self.step.running()

    def begin_epoch(self) -> None:
        self.step.begin_epoch()

    def __call__(self, size: int) -> None:
        self._graphs[size].replay()

    def predict(self, split: Split) -> Predictions:
        return self.step.predict(split)

    def check(self, fresh: dict[str, Tensor]) -> None:
        """Raises AssertionError where a replay from the weights `fresh` does not do what the step does."""
        for size in self._graphs:
            results = []
            for step in (self.step, self):
                _reset(self.step, fresh)
                # Not the one that was captured: a replay must see it change.
                self.step.optimizers.set_learning_rates(0.5)
                torch.manual_seed(0)  # the same units drop out
                step(size)
                weights = [p.detach().flatten() for p in self.step.net.parameters()]
                results.append(torch.cat([self.step.buffers.losses[:1], *weights]))
            torch.testing.assert_close(*results, rtol=1e-3, atol=1e-4)

    def _record(self, size: int) -> Any:
        """One step with `size` images as a CUDA graph."""
        count = self.step.buffers.count
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # first runs on a side stream, as torch.cuda.graph asks
            for _ in range(3):
                count.zero_()  # an epoch may have fewer steps
                self.step(size)
        torch.cuda.current_stream().wait_stream(stream)
        count.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(size)
        return graph


def _end_failed_capture() -> None:
    """After a capture that broke off, torch's generator waits for its end, and refuses to draw. An empty one ends it."""
    with suppress(Exception), torch.cuda.graph(torch.cuda.CUDAGraph()):
        torch.zeros(1, device="cuda")


def _reset(step: PlainStep, fresh: dict[str, Tensor]) -> None:
    """Back to the weights `fresh`, optimisers that remember nothing and empty buffers, at the same addresses."""
    with torch.no_grad():
        for k, v in step.net.state_dict().items():
            v.copy_(fresh[k])
        step.optimizers.zero()
        step.buffers.clear()
