"""A step captured as a CUDA graph.

A GPU computes an operation of LeNet's in less time than Python takes to ask for it. A graph is captured once and then
replayed as a whole. It takes nothing from Python any more: all that changes from step to step (images, learning
rates, the count of steps) lies in tensors whose addresses stay.
"""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager, suppress
from typing import Any

import torch
from torch import Tensor

from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import epoch_seed
from lenet.training.steps.eager import EagerStep
from lenet.training.steps.written_out import WrittenOutStep

_layouts: dict[tuple[str, int], torch.memory_format] = {}
"""The fastest memory layout on this process's GPU, by network and batch size."""


def capture(*steps: EagerStep | WrittenOutStep) -> GraphStep | EagerStep | WrittenOutStep:
    """The first of the steps of a fresh run that can be captured as a CUDA graph which does the same; the last of
    them as it is where none can, and then its name tells why.

    The network and the optimisers are left as they were.
    """
    torch.backends.cudnn.benchmark = True  # have the fastest convolutions looked for, and found before the capture
    fresh = {k: v.clone() for k, v in steps[0].net.state_dict().items()}
    reason = ""
    for step in steps:
        step.buffers.draw(epoch_seed(step.config.seed, 0), step.config.augment)
        step.begin_epoch()
        try:
            captured = GraphStep(step)
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
    """A CUDA graph of a step for whole batches; smaller ones are taken as they come.

    Which memory layout of weights and maps is fastest for torch.nn depends on the card and on the network: it is
    measured, once for all runs of this process. Raises what torch raises where the step cannot be captured.
    """

    name = "CUDA graph"

    def __init__(self, step: EagerStep | WrittenOutStep) -> None:
        self.step = step
        self._batch_size = step.config.batch_size
        layout = torch.contiguous_format
        if isinstance(step, EagerStep):
            kind = str(step.net), self._batch_size
            if kind not in _layouts:
                both = torch.channels_last, torch.contiguous_format
                _layouts[kind] = min(both, key=lambda layout: self._seconds(self._record(layout)))
            layout = _layouts[kind]
        self._graph = self._record(layout)

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
        if size == self._batch_size:
            self._graph.replay()
        else:
            self.step(size)

    def predict(self, split: Split) -> Predictions:
        return self.step.predict(split)

    def check(self, fresh: dict[str, Tensor]) -> None:
        """Raises AssertionError where a replay from the weights `fresh` does not do what the step does."""
        results = []
        for step in (self.step, self):
            _reset(self.step, fresh)
            # Not the one that was captured: a replay must see it change.
            self.step.optimizers.set_learning_rates(0.5)
            torch.manual_seed(0)  # the same units drop out
            step(self._batch_size)
            weights = [p.detach().flatten() for p in self.step.net.parameters()]
            results.append(torch.cat([self.step.buffers.losses[:1], *weights]))
        torch.testing.assert_close(*results, rtol=1e-3, atol=1e-4)

    def _record(self, layout: torch.memory_format) -> Any:
        """One step with the weights in `layout`, as a CUDA graph."""
        count = self.step.buffers.count
        self.step.net.to(memory_format=layout)
        self.step.optimizers.forget()  # its tensors lie in memory as the weights do
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # first runs on a side stream, as torch.cuda.graph asks
            for _ in range(3):
                count.zero_()  # an epoch may have fewer steps
                self.step(self._batch_size)
        torch.cuda.current_stream().wait_stream(stream)
        count.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(self._batch_size)
        return graph

    def _seconds(self, graph: Any) -> float:
        """How long a replay takes: the best of three times ten."""
        best = math.inf
        for _ in range(3):
            torch.cuda.synchronize()
            start = time.perf_counter()
            for _ in range(10):
                self.step.buffers.count.zero_()
                graph.replay()
            torch.cuda.synchronize()
            best = min(best, (time.perf_counter() - start) / 10)
        return best


def _end_failed_capture() -> None:
    """After a capture that broke off, torch's generator waits for its end, and refuses to draw. An empty one ends it."""
    with suppress(Exception), torch.cuda.graph(torch.cuda.CUDAGraph()):
        torch.zeros(1, device="cuda")


def _reset(step: EagerStep | WrittenOutStep, fresh: dict[str, Tensor]) -> None:
    """Back to the weights `fresh`, optimisers that remember nothing and empty buffers, at the same addresses."""
    with torch.no_grad():
        for k, v in step.net.state_dict().items():
            v.copy_(fresh[k])
        step.optimizers.zero()
        step.buffers.clear()
