"""How a training steps: data on the device, the step, and the epoch.

The whole data set lies on the device as tensors and is shuffled there. A step (gather a batch, forward, backward,
update, add up what is measured) touches nothing but tensors of fixed address, and asks the device for no number: on a
GPU it is captured once as a CUDA graph and replayed. Reading one number a step is what makes the note's loop wait.
What is left there is the number of kernels one after the other, a few microseconds each whatever they compute: so an
epoch's images are made ready at once, and what is measured runs beside the step.
On a CPU, networks like the note's step through `written_out.py`, which writes their forward and backward out.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from lenet import data
from lenet.architecture.network import LeNet
from lenet.common import malloc
from lenet.common.errors import LenetError
from lenet.runs.configuration import RunConfig
from lenet.training.optimizers import Shares, init_weights, make_optimizers, optimizer_memory, schedule
from lenet.training.steps.written_out import Phases, TooLarge, one_thread, supports


def pick_device(name: str) -> torch.device:
    """`auto` is the first GPU where there is one. Raises LenetError for a device that this machine lacks."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    missing = (name == "cuda" and not torch.cuda.is_available()) or (
        name == "mps" and not torch.backends.mps.is_available()
    )
    if missing:
        raise LenetError("device_unavailable", device=name)
    return torch.device("cuda:0" if name == "cuda" else name)


def device_name(device: torch.device) -> str:
    """What a reader of any language calls the device: the GPU's name, or the CPU and its number of threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if device.type == "mps" else f"CPU × {torch.get_num_threads()}"


class Meter:
    """How busy the device is. Of a CPU: what this process takes of all cores. Of a GPU: what its driver says."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.mark = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, Any]:
        """`use` (0 to 1, since the last reading), and of a GPU `memory` and `memory_total` in bytes; {} if unknown."""
        if self.device.type == "cpu":
            mark = time.perf_counter(), time.process_time()
            wall, busy = (now - then for now, then in zip(mark, self.mark, strict=True))
            self.mark = mark
            return {"use": min(busy / max(wall, 1e-3) / (os.cpu_count() or 1), 1.0)}
        if self.device.type == "cuda":
            free, total = torch.cuda.mem_get_info(self.device)
            found: dict[str, Any] = {"memory": total - free, "memory_total": total}
            with suppress(
                Exception
            ):  # no nvidia-ml-py here, or a driver that does not tell: it has errors of its own
                found["use"] = torch.cuda.utilization(self.device) / 100
            return found
        return {}


# -- data on the device ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dataset:
    """One split on the device: pixels uint8 (N, 1, 28, 28) as they are stored, a quarter of the floats; labels int64."""

    pixels: Tensor
    labels: Tensor

    @classmethod
    def load(cls, split: str, source: data.Source, device: torch.device) -> Dataset:
        images, labels = data.load_from(source.folder, split)
        return cls(torch.from_numpy(images.copy()).to(device), torch.from_numpy(labels.copy()).to(device))

    def images(self, which: Tensor | slice) -> Tensor:
        """Images float32 (N, 1, 28, 28) in [0, 1], as torchvision's ToTensor gives them."""
        pixels = self.pixels[which] if isinstance(which, slice) else self.pixels.index_select(0, which)
        return pixels.to(torch.float32).div_(255)

    def __len__(self) -> int:
        return len(self.labels)


class DataCache:
    """The last data set used, on its device: a worker trains many runs on the same one."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._splits: tuple[Dataset, Dataset] | None = None

    def get(self, source: data.Source, device: torch.device) -> tuple[Dataset, Dataset]:
        if self._splits is None or self._key != (source, device):
            self._splits = None  # let the old one go before the new one comes
            self._splits = Dataset.load("train", source, device), Dataset.load("test", source, device)
            self._key = (source, device)
        return self._splits


@torch.no_grad()
def predict(net: nn.Module | Phases, split: Dataset, batch_size: int = 1000) -> tuple[Tensor, Tensor]:
    """The class that `net` gives each image of `split`, (N,) int64, and its softmax, (N,) float32."""
    if isinstance(net, nn.Module):
        net.eval()
    parts = [slice(n, n + batch_size) for n in range(0, len(split), batch_size)]
    best = [F.softmax(net(split.images(part)), 1).max(1) for part in parts]
    if isinstance(net, nn.Module):
        net.train()
    return torch.cat([b.indices for b in best]), torch.cat([b.values for b in best])


def accuracy(net: nn.Module | Phases, split: Dataset) -> float:
    """Share of `split` that `net` classifies correctly, in evaluation mode."""
    return int((predict(net, split)[0] == split.labels).sum()) / len(split)


class Ready:
    """The images of one epoch in its order, float32 and already mirrored and shifted, at addresses that stay.

    188 MB for 60 000 images: on a GPU a batch is then two kernels, where it was seven.
    """

    def __init__(self, split: Dataset, examples: int) -> None:
        self.images = torch.empty(examples, *split.pixels.shape[1:], device=split.pixels.device)
        self.labels = torch.empty(examples, dtype=torch.int64, device=split.pixels.device)

    def fill(self, gather: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
        """Take what `gather` gives for each place of the epoch."""
        places = torch.arange(len(self.labels), device=self.labels.device)
        for part in (slice(n, n + 8192) for n in range(0, len(places), 8192)):
            self.images[part], self.labels[part] = gather(places[part])

    def take(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Images and labels at `places` of the epoch."""
        return self.images.index_select(0, places), self.labels.index_select(0, places)


def mirror_and_shift(x: Tensor, mirror: Tensor | None, shift: Tensor | None) -> Tensor:
    """A batch (N, 1, 28, 28); image n mirrored where `mirror[n]`, and moved by `shift[:, n]` − 2 rows and columns."""
    if mirror is not None:
        x = torch.where(mirror[:, None, None, None], x.flip(3), x)
    if shift is not None:
        pixels = torch.arange(28, device=x.device)
        rows, cols = pixels + shift[:, :, None]
        images = torch.arange(len(x), device=x.device)
        x = F.pad(x, (2, 2, 2, 2))[images[:, None, None], 0, rows[:, :, None], cols[:, None]][:, None]
    return x


# -- the loop ----------------------------------------------------------------------------------------------------


_layouts: dict[tuple[str, int], torch.memory_format] = {}
"""The fastest on this process's GPU, by network and batch size."""


class Trainer:
    """One training: network, optimiser, and how far it is.

    What is random in epoch e depends on the seed and e alone, and everything else is in `checkpoint`, so that a run
    resumed at any step takes the very steps that an uninterrupted one takes.
    """

    def __init__(self, config: RunConfig, train: Dataset, test: Dataset) -> None:
        self.config, self.train, self.test = config, train, test
        device = self.device = train.pixels.device
        malloc.keep_freed_memory()
        self.examples = min(config.examples_per_epoch or len(train), len(train))
        self.steps_per_epoch = -(-self.examples // config.batch_size)
        self.total_steps = self.steps_per_epoch * config.epochs
        torch.manual_seed(config.seed)
        net = LeNet(config.model)  # on the CPU first: the same weights on every device
        init_weights(net, config.init)
        self.phases: Phases | None = None
        self.net: LeNet = net
        if device.type == "cpu" and config.precision == "float32" and supports(net):
            with suppress(TooLarge):
                self.phases = Phases(net, train.pixels.shape[1:], torch.get_num_threads())
        if self.phases is None:
            self.net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizers = make_optimizers(self.net, config)
        self._rates = Shares(self.optimizers)
        self.layers = [name for name, p in self.net.named_parameters() if p.ndim > 1]
        self._weights = [self.net.get_parameter(name) for name in self.layers]
        self.epoch = 0  # finished epochs
        self.i = 0  # finished steps of the epoch in progress
        # What a step reads and writes on the device, always at the same addresses.
        self.order = torch.zeros(len(train), dtype=torch.int64, device=device)
        augment = config.augment != "none"
        self.mirror = torch.zeros(len(train), dtype=torch.bool, device=device) if augment else None
        self.shift = (
            torch.zeros(2, len(train), dtype=torch.int64, device=device) if config.augment == "flip_shift" else None
        )
        self.count = torch.zeros(1, dtype=torch.int64, device=device)  # steps of this epoch, on the device
        self.losses = torch.zeros(self.steps_per_epoch, device=device)
        self.norms = torch.zeros(self.steps_per_epoch, len(self.layers), device=device)
        self.correct = torch.zeros((), dtype=torch.int64, device=device)
        self._range = torch.arange(config.batch_size, device=device)
        self._source: Any = torch if device.type == "cpu" else torch.get_device_module(device)
        self._random: Tensor | None = None  # the state of torch's generator in the middle of an epoch, once restored
        self._one = torch.ones((), device=device)
        # Without its cache: that would be filled while a step is recorded, and then stay as it was.
        bfloat16 = config.precision == "bfloat16"
        self._rounding = torch.autocast(device.type, torch.bfloat16, enabled=bfloat16, cache_enabled=False)
        self._ready = Ready(train, self.examples) if device.type != "cpu" else None
        self._side: Any = torch.cuda.Stream() if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        self._graph: Any = None
        self.engine = "phases" if self.phases else "eager"
        if device.type == "cuda":
            self._capture()

    @property
    def step(self) -> int:
        """Finished steps in all."""
        return self.epoch * self.steps_per_epoch + self.i

    def begin_epoch(self) -> None:
        """Draw what is random in this epoch; dropout draws in each step."""
        seed = self.config.seed * 1_000_003 + self.epoch
        torch.manual_seed(seed)
        if self._random is not None:
            self._source.set_rng_state(self._random)
            self._random = None
        generator = torch.Generator(self.device).manual_seed(seed)
        n = len(self.train)
        self.order.copy_(torch.randperm(n, device=self.device, generator=generator))
        if self.mirror is not None:
            self.mirror.copy_(torch.rand(n, device=self.device, generator=generator) < 0.5)
        if self.shift is not None:
            self.shift.copy_(torch.randint(0, 5, (2, n), device=self.device, generator=generator))
        if self._ready:
            self._ready.fill(self._gather)

    def run_epoch(self, after_step: Callable[[], None] = lambda: None) -> tuple[float, float]:
        """The rest of an epoch; mean loss and accuracy over its images, as its batches went by.

        `after_step` is called after each step; it may read `losses[:i]` and `norms[:i]`, but not every time: reading
        waits for the device.
        """
        with one_thread() if self.phases else nullcontext():
            return self._run_epoch(after_step)

    def predict(self, split: Dataset) -> tuple[Tensor, Tensor]:
        """`predict` with the weights as they are, the fast way of this device."""
        if self.phases is None:
            return predict(self.net, split)
        with one_thread():
            return predict(self.phases, split)

    def accuracy(self) -> float:
        """Share of the test images that the weights as they are classify correctly."""
        return int((self.predict(self.test)[0] == self.test.labels).sum()) / len(self.test)

    def _run_epoch(self, after_step: Callable[[], None]) -> tuple[float, float]:
        self.begin_epoch()
        self.net.train()
        while self.i < self.steps_per_epoch:
            size = min(self.config.batch_size, self.examples - self.i * self.config.batch_size)
            self._rates.set(schedule(self.config, self.step, self.steps_per_epoch))
            if self._graph is not None and size == self.config.batch_size:
                self._graph.replay()
            else:
                self._step(size)
            self.i += 1
            after_step()
        sizes = torch.full((self.steps_per_epoch,), self.config.batch_size)
        sizes[-1] = self.examples - (self.steps_per_epoch - 1) * self.config.batch_size
        result = (self.losses.cpu() * sizes).sum().item() / self.examples, self.correct.item() / self.examples
        self.epoch, self.i = self.epoch + 1, 0
        self.count.zero_()
        self.correct.zero_()
        return result

    def _step(self, size: int) -> None:
        places = torch.add(self._range[:size], self.count, alpha=self.config.batch_size)
        if self.phases:
            loss, correct = self.phases.step(places, self._fetch, self.config.label_smoothing)
        else:
            x, y = self._fetch(places)
            self.net.zero_grad(set_to_none=True)
            with self._rounding:
                logits = self.net(x).float()
            loss = F.cross_entropy(logits, y, label_smoothing=self.config.label_smoothing)
            with self._beside():
                correct = (logits.detach().argmax(1) == y).sum()
            loss.backward(self._one)  # type: ignore[no-untyped-call]
        with self._beside():
            norms = torch.stack(torch._foreach_norm([w.grad for w in self._weights if w.grad is not None]))
            self.losses.index_copy_(0, self.count, loss.detach()[None])
            self.norms.index_copy_(0, self.count, norms[None])
            self.correct += correct
            self.count += 1
        for optimizer in self.optimizers:
            optimizer.step()
        if self._side is not None:
            torch.cuda.current_stream().wait_stream(self._side)

    @contextmanager
    def _beside(self) -> Iterator[None]:
        """On a GPU, a stream beside the step's, from what is known by now: what is measured holds no kernel up."""
        if self._side is None:
            yield
            return
        self._side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._side):
            yield

    def _fetch(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Images and labels at `places` of this epoch's order."""
        return self._ready.take(places) if self._ready else self._gather(places)

    def _gather(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """`_fetch` from the data set."""
        batch = self.order.index_select(0, places)
        x = mirror_and_shift(
            self.train.images(batch),
            None if self.mirror is None else self.mirror[places],
            None if self.shift is None else self.shift[:, places],
        )
        return x, self.train.labels.index_select(0, batch)

    def _capture(self) -> None:
        """Record one step as a CUDA graph. Where that fails, or its step is not the eager one, steps stay eager.

        Which convolutions and which layout of the maps are fastest depends on the card and on the network: measured
        here, once for all runs of this process.
        """
        if self.examples < self.config.batch_size:
            return
        torch.backends.cudnn.benchmark = True
        self.begin_epoch()
        fresh = {k: v.clone() for k, v in self.net.state_dict().items()}
        kind = str(self.net), self.config.batch_size
        try:
            if kind not in _layouts:
                both = torch.channels_last, torch.contiguous_format
                _layouts[kind] = min(both, key=lambda layout: self._time(self._record(layout)))
            graph = self._record(_layouts[kind])
            self._check(graph, fresh)
            self._graph, self.engine = graph, "CUDA graph"
        except (RuntimeError, AssertionError) as e:
            print(f"the step could not be captured, going on without: {e}", flush=True)
        self._reset(fresh)

    def _record(self, layout: torch.memory_format) -> Any:
        """One step with the weights in `layout`, as a CUDA graph."""
        self.net.to(memory_format=layout)
        for optimizer in self.optimizers:
            optimizer.state.clear()  # its buffers lie in memory as the weights do
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # first runs on a side stream, as torch.cuda.graph asks
            for _ in range(3):
                self.count.zero_()  # an epoch may have fewer steps
                self._step(self.config.batch_size)
        torch.cuda.current_stream().wait_stream(stream)
        self.count.zero_()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step(self.config.batch_size)
        return graph

    def _time(self, graph: Any) -> float:
        """Seconds that a replay takes, the best of three times ten."""
        best = math.inf
        for _ in range(3):
            torch.cuda.synchronize()
            start = time.perf_counter()
            for _ in range(10):
                self.count.zero_()
                graph.replay()
            torch.cuda.synchronize()
            best = min(best, (time.perf_counter() - start) / 10)
        return best

    def _check(self, graph: Any, fresh: dict[str, Tensor]) -> None:
        """Raises AssertionError where a replay from the weights `fresh` does not do what an eager step does."""
        results = []
        for take in (lambda: self._step(self.config.batch_size), graph.replay):
            self._reset(fresh)
            self._rates.set(0.5)  # another one than was captured: it must have been taken up
            torch.manual_seed(0)  # the same units drop out
            take()
            results.append(torch.cat([self.losses[:1], *(p.detach().flatten() for p in self.net.parameters())]))
        torch.testing.assert_close(*results, rtol=1e-3, atol=1e-4)

    def _reset(self, fresh: dict[str, Tensor]) -> None:
        """Back to the weights `fresh` and an optimiser without memory, at the same addresses."""
        with torch.no_grad():
            for k, v in self.net.state_dict().items():
                v.copy_(fresh[k])
            for optimizer in self.optimizers:
                for buffers in optimizer.state.values():
                    for t in buffers.values():
                        if isinstance(t, Tensor):
                            t.zero_()
            for t in (self.count, self.losses, self.norms, self.correct):
                t.zero_()

    def first_kernels(self) -> Tensor:
        """A copy of the first convolution's weights, (out, in, kh, kw), as they are now."""
        weight: Tensor = self.net.get_parameter("0.weight")
        return weight.detach().clone()

    # A checkpoint holds what steps have changed: weights, the optimiser's memory, the sums of the epoch in progress.
    # Plain tensors and numbers; loading it runs no code.

    def checkpoint(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Tensors as arrays, and plain values, from which `restore` goes on."""
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        for name, (_p, buffers) in optimizer_memory(self.net, self.optimizers).items():
            tensors |= {f"{k}.{name}": v for k, v in buffers.items() if isinstance(v, Tensor)}
        tensors |= {"epoch.losses": self.losses, "epoch.norms": self.norms, "epoch.correct": self.correct}
        if self.i and self.config.model.dropout:
            tensors["random.state"] = self._source.get_rng_state()
        # The number of threads decides in which order sums are taken, and so their last bits.
        threads = self.phases.threads if self.phases else torch.get_num_threads()
        values = {"epoch": self.epoch, "i": self.i, "threads": threads}
        return {k: to_numpy(v) for k, v in tensors.items()}, values

    def restore(self, tensors: dict[str, NDArray[Any]], values: dict[str, Any]) -> None:
        """Take up a checkpoint of the same configuration (it may have fewer epochs)."""
        remembered = optimizer_memory(self.net, self.optimizers)
        net: dict[str, Tensor] = {}
        for name, array in tensors.items():
            kind, _, rest = name.partition(".")
            value = torch.from_numpy(array)
            if kind == "net":
                net[rest] = value
            elif kind == "random":
                self._random = value
            elif kind == "epoch":
                getattr(self, rest).copy_(value)
            else:
                p, buffers = remembered[rest]
                if kind in buffers:  # a captured step knows it by its address
                    buffers[kind].copy_(value)
                elif value.shape == p.shape:  # laid out in memory as its parameter is, as it was before
                    buffers[kind] = torch.empty_like(p).copy_(value).detach()
                else:  # AdamW's count of steps, which its fused form keeps on the parameter's device
                    buffers[kind] = value.to(p.device)
        self.net.load_state_dict(net)  # copies in place
        if self.phases:
            self.phases = Phases(self.net, self.train.pixels.shape[1:], values["threads"])
        elif self.device.type == "cpu":
            torch.set_num_threads(values["threads"])
        self.epoch, self.i = values["epoch"], values["i"]
        self.count.fill_(self.i)


def to_numpy(t: Tensor) -> NDArray[Any]:
    """A copy of a tensor as a contiguous array on the CPU."""
    return t.detach().cpu().contiguous().numpy().copy()


def snapshot_steps(total_steps: int, steps_per_epoch: int) -> set[int]:
    """Steps at which the kernels are kept: dense at first, where everything happens, then thinner; epoch ends too.

    At most about 180 whatever the length, so that a page can send the whole history (600 bytes each for LeNet).
    """
    dense = np.unique(np.geomspace(1, total_steps, 80).round().astype(int))
    ends = np.arange(steps_per_epoch, total_steps + 1, steps_per_epoch)
    return {0, total_steps, *dense.tolist(), *ends[:: -(-len(ends) // 100)].tolist()}
