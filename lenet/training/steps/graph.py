"""The eager step captured as a CUDA graph.

A GPU computes an operation of LeNet's in less time than Python takes to ask for it. A graph is captured once and then
replayed as a whole. It takes nothing from Python any more: all that changes from step to step (images, learning
rates, the count of steps) lies in tensors whose addresses stay.
"""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import epoch_seed
from lenet.training.steps.eager import EagerStep

_layouts: dict[tuple[str, int], torch.memory_format] = {}
"""The fastest memory layout on this process's GPU, by network and batch size."""


def capture(eager: EagerStep) -> GraphStep | EagerStep:
    """The eager step of a fresh run as a CUDA graph; the eager step itself where that fails or computes otherwise.

    The network and the optimisers are left as they were.
    """
    torch.backends.cudnn.benchmark = True  # have the fastest convolutions looked for, and found before the capture
    eager.buffers.draw(epoch_seed(eager.config.seed, 0), eager.config.augment)
    eager.begin_epoch()
    fresh = {k: v.clone() for k, v in eager.net.state_dict().items()}
    try:
        step = GraphStep(eager)
        step.check(fresh)
        return step
    except (RuntimeError, AssertionError) as e:
        print(f"the step could not be captured, going on without: {e}", flush=True)
        return eager
    finally:
        _reset(eager, fresh)


class GraphStep:
    """A CUDA graph of the eager step for whole batches; smaller ones are taken eagerly.

    Which memory layout of weights and maps is fastest depends on the card and on the network: it is measured, once
    for all runs of this process. Raises RuntimeError where the step cannot be captured.
    """

    name = "CUDA graph"

    def __init__(self, eager: EagerStep) -> None:
        self.eager = eager
        self._batch_size = eager.config.batch_size
        kind = str(eager.net), self._batch_size
        if kind not in _layouts:
            both = torch.channels_last, torch.contiguous_format
            _layouts[kind] = min(both, key=lambda layout: self._seconds(self._record(layout)))
        self._graph = self._record(_layouts[kind])

    @property
    def threads(self) -> int:
        return self.eager.threads

    @threads.setter
    def threads(self, n: int) -> None:
        self.eager.threads = n

    def running(self) -> AbstractContextManager[None]:
        return self.eager.running()

    def begin_epoch(self) -> None:
        self.eager.begin_epoch()

    def __call__(self, size: int) -> None:
        if size == self._batch_size:
            self._graph.replay()
        else:
            self.eager(size)

    def predict(self, split: Split) -> Predictions:
        return self.eager.predict(split)

    def check(self, fresh: dict[str, Tensor]) -> None:
        """Raises AssertionError where a replay from the weights `fresh` does not do what an eager step does."""
        results = []
        for step in (self.eager, self):
            _reset(self.eager, fresh)
            self.eager.optimizers.set_learning_rates(
                0.5
            )  # not the one that was captured: a replay must see it change
            torch.manual_seed(0)  # the same units drop out
            step(self._batch_size)
            weights = [p.detach().flatten() for p in self.eager.net.parameters()]
            results.append(torch.cat([self.eager.buffers.losses[:1], *weights]))
        torch.testing.assert_close(*results, rtol=1e-3, atol=1e-4)

    def _record(self, layout: torch.memory_format) -> Any:
        """One step with the weights in `layout`, as a CUDA graph."""
        count = self.eager.buffers.count
        self.eager.net.to(memory_format=layout)
        self.eager.optimizers.forget()  # its tensors lie in memory as the weights do
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # first runs on a side stream, as torch.cuda.graph asks
            for _ in range(3):
                count.zero_()  # an epoch may have fewer steps
                self.eager(self._batch_size)
        torch.cuda.current_stream().wait_stream(stream)
        count.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.eager(self._batch_size)
        return graph

    def _seconds(self, graph: Any) -> float:
        """How long a replay takes: the best of three times ten."""
        best = math.inf
        for _ in range(3):
            torch.cuda.synchronize()
            start = time.perf_counter()
            for _ in range(10):
                self.eager.buffers.count.zero_()
                graph.replay()
            torch.cuda.synchronize()
            best = min(best, (time.perf_counter() - start) / 10)
        return best


def _reset(eager: EagerStep, fresh: dict[str, Tensor]) -> None:
    """Back to the weights `fresh`, optimisers that remember nothing and empty buffers, at the same addresses."""
    with torch.no_grad():
        for k, v in eager.net.state_dict().items():
            v.copy_(fresh[k])
        eager.optimizers.zero()
        eager.buffers.clear()
