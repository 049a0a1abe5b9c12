"""What a run costs: how long it is trained, told before it begins from its network and its settings.

The time of one step of a batch is

    fixed  +  layers, parameters and Muon's products  +  batch · (products and numbers moved of one image)

with what is counted from the layers of the network (`Operations`), and what each takes on a reference machine (`PRICES`).
These reference seconds times the speed of the device, measured there (`speeds.py`), are the estimate. It is a range, and where
nothing has been measured there is none. No torch here: pages ask.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from lenet import data
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import LayerRow
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import speeds
from lenet.runs.configuration import RunConfig
from lenet.runs.files import Status
from lenet.runs.speeds import Measured, Speed, kind_of
from lenet.runs.state import stored_state

TELL_AFTER = 2.0  # seconds of training: the first steps are slow, and what follows from them is wrong
PAST_AFTER = 10.0  # seconds of training before the last pause: each time the first steps are slow
MUON_ITERATIONS = 5  # of Newton and Schulz in torch.optim.Muon
FASTEST = 20.0  # times as fast as the reference machine: no device is expected to be faster
EVALUATED = 0.5  # of the time that an image takes in a step, when it is only classified
WRITTEN_OUT_LIMIT = 4_000_000
"""Numbers in the matrix of a convolution, or rows that its windows consist of, up to which its step is written out
(training/steps/blocks.py). A network beyond that is no longer like LeNet: memory would run out before time is saved."""


# -- durations -----------------------------------------------------------------------------------------------------

HOURS_FROM = 5400.0  # seconds
UNITS = ((90.0, 1.0, N_("{n} s")), (HOURS_FROM, 60.0, N_("{n} min")), (259_200.0, 3600.0, N_("{n} h")))
"""Up to so many seconds, so many of them are one …"""
DAYS = (math.inf, 86_400.0, N_("{n} days"))


@dataclass(frozen=True)
class Duration:
    """An estimated time in seconds: between `low` and `high`."""

    low: float
    high: float

    @classmethod
    def around(cls, seconds: float, spread: float) -> Duration:
        """From `seconds / spread` to `seconds * spread`."""
        return cls(seconds / spread, seconds * spread)

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.low + other.low, self.high + other.high)

    def __truediv__(self, n: float) -> Duration:
        return Duration(self.low / n, self.high / n)

    def at_most(self, seconds: float) -> Duration:
        """The same, cut off at `seconds`."""
        return Duration(min(self.low, seconds), min(self.high, seconds))

    def words(self) -> str:
        """In the reader's language: `2–4 min`, `20 s`. To be shown behind an “about”."""
        _until, unit, template = next((u for u in UNITS if self.high < u[0]), DAYS)
        low, high = (round_plainly(n / unit) for n in (self.low, self.high))
        return _(template).format(n=f"{low:,}–{high:,}" if low < high else f"{high:,}")


def round_plainly(n: float) -> int:
    """A number of at least 1, rounded as one says it: 7, 12, 25, 270."""
    step = 1 if n < 20 else 5 if n < 100 else 10 ** (math.floor(math.log10(n)) - 1)
    return max(round(n / step) * step, 1)


# -- what is counted -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operations:
    """What is done in a step: the first five once, the last two for each image."""

    layers: int  # with weights
    muon_layers: int  # that Muon trains
    parameters: int
    adam_parameters: int  # of which an optimiser remembers the gradients
    muon: int  # multiply-adds of Muon's iterations
    products: float  # multiply-adds, forward and back
    moved: float  # numbers written by layers, or copied into the windows of a convolution


@dataclass(frozen=True)
class Prices:
    """Seconds that each of these takes, and `step` for what is done once whatever the network."""

    step: float
    layers: float
    muon_layers: float
    parameters: float
    adam_parameters: float
    muon: float
    products: float
    moved: float

    def image(self, done: Operations) -> float:
        """Seconds of an image in a step."""
        return self.products * done.products + self.moved * done.moved

    def once(self, done: Operations) -> float:
        """Seconds of a step however small its batch is."""
        of_layers = self.layers * done.layers + self.muon_layers * done.muon_layers + self.muon * done.muon
        return self.step + of_layers + self.parameters * done.parameters + self.adam_parameters * done.adam_parameters


PRICES = {
    "written out": Prices(1.7e-4, 2.6e-5, 2.2e-4, 2.8e-9, 8e-10, 4.5e-12, 2.6e-11, 1.3e-9),
    "eager": Prices(0.0, 1.4e-4, 2.9e-4, 5e-10, 9e-10, 4.8e-12, 8e-12, 2.5e-9),
    "gpu": Prices(5e-5, 3e-5, 2e-4, 1e-11, 1e-11, 2e-14, 2e-13, 5e-12),
}
"""By the way in which steps are taken (training/steps/). Those of a CPU were fitted to steps of ten networks with batches of
1 to 512 and three optimisers on one core of a Xeon: each was within a factor of 1.7. Those of a GPU are orders of magnitude
from data sheets; what is measured on the GPU corrects them."""


def is_written_out(config: RunConfig) -> bool:
    """Whether a CPU takes the steps of such a run written out (training/steps/written_out.py), as far as that can be told
    without building them."""
    m = config.model
    plain = m.activation != "gelu" and not m.batch_norm and not m.dropout and m.head == "flatten"
    if not plain or config.precision != "float32":
        return False
    return all(max(size) <= WRITTEN_OUT_LIMIT for size in _windows(m))


def _windows(model: LeNetConfig) -> list[tuple[int, int]]:
    """Of each convolution, written out: the entries of its matrix, and the numbers in its windows for an image."""
    found = []
    for row, after in zip(model.layers, [*model.layers[2:], None, None], strict=True):
        if row.kind.group == "conv" and row.weight_shape and row.stride:
            tile = (
                2 if after is not None and after.kind.group == "pool" else 1
            )  # outputs that a pooling joins, each way
            out, channels, kernel, _width = row.weight_shape
            window = channels * ((tile - 1) * row.stride[0] + kernel) ** 2
            places = (row.output_shape[2] // tile) * (row.output_shape[3] // tile)
            found.append((tile * tile * out * window, window * places))
    return found


def operations(config: RunConfig, *, written_out: bool) -> Operations:
    """What a step of this run consists of."""
    rows: Sequence[LayerRow] = config.model.layers
    weighted = [row for row in rows if row.macs]
    by_muon = weighted[:-1] if config.optimizer == "muon" else []
    # Forward, the gradient of the weights, and that of the input, which the first layer does not need.
    products = 3 * sum(row.macs for row in weighted) - weighted[0].macs
    moved = sum(row.activations for row in rows)
    if written_out:
        moved = sum(numbers for _entries, numbers in _windows(config.model))
    parameters = config.model.cost()[0]
    return Operations(
        layers=len(weighted),
        muon_layers=len(by_muon),
        parameters=parameters,
        adam_parameters=0 if config.optimizer == "sgd" else parameters,
        muon=sum(map(_newton_schulz, by_muon)),
        products=products,
        moved=moved,
    )


def _newton_schulz(row: LayerRow) -> int:
    """Multiply-adds with which Muon orthogonalises a weight, taken as a matrix (n, m) with n ≤ m: in each iteration
    A = X Xᵀ, A A and A X."""
    assert row.weight_shape
    n, m = sorted((row.weight_shape[0], math.prod(row.weight_shape[1:])))
    return MUON_ITERATIONS * (2 * n * n * m + n**3)


# -- the time of a run ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """The reference seconds of a run."""

    image: float  # of an image in a step
    step: float
    evaluation: float  # at the end of an epoch
    steps_per_epoch: int

    def seconds(self, first: int, last: int) -> float:
        """From step `first` to step `last`, with the evaluations between them."""
        evaluations = last // self.steps_per_epoch - first // self.steps_per_epoch
        return (last - first) * self.step + evaluations * self.evaluation

    def all_seconds(self, epochs: int) -> float:
        """From the first step to the end of so many epochs."""
        return self.seconds(0, epochs * self.steps_per_epoch)


@lru_cache(maxsize=1024)
def work(config: RunConfig, kind: str, train: int, test: int) -> Work:
    """What a run costs on a `kind` of device (`cpu`, `cuda`, `mps`) with so many images in training and test set."""
    written_out = kind == "cpu" and is_written_out(config)
    prices = PRICES["written out" if written_out else "eager" if kind == "cpu" else "gpu"]
    done = operations(config, written_out=written_out)
    held_out = min(max(round(config.validation * train), 1), train - 1) if config.validation else 0
    train, evaluated = max(train - held_out, 1), test + held_out
    image, batch = prices.image(done), min(config.batch_size, train)
    return Work(
        image=image,
        step=prices.once(done) + batch * image,
        evaluation=EVALUATED * evaluated * image,
        steps_per_epoch=math.ceil(min(config.examples_per_epoch or train, train) / config.batch_size),
    )


def estimate(config: RunConfig) -> Duration | None:
    """How long the worker will train such a run; None where nothing is known of its device or there are no such images."""
    kind, measured = _device(config)
    with suppress(data.DataError):
        whole = _work_here(config, kind)
        if speed := speeds.expected(measured, whole.image, config.batch_size):
            return Duration.around(whole.all_seconds(config.epochs) * speed.ratio, speed.spread)
    return None


def shortest(config: RunConfig) -> float:
    """The seconds that such a run takes on the fastest device of its kind; 0 where there are no such images."""
    kind, _measured = _device(config)
    with suppress(data.DataError):
        return _work_here(config, kind).all_seconds(config.epochs) / FASTEST
    return 0.0


def _work_here(config: RunConfig, kind: str) -> Work:
    """What a run costs with the images of this machine. Raises DataError where they are missing."""
    sizes = data.find(config.data, config.dataset).sizes
    return work(config, kind, sizes["train"], sizes["test"])


def remaining(config: RunConfig, status: Status) -> Duration | None:
    """How long the rest of a run is trained: at its own speed as soon as that is known; None where nothing is known."""
    if not status.steps_per_epoch or not status.train_size:
        return estimate(config)
    kind = kind_of(status.device)
    whole = work(config, kind, status.train_size, status.test_size)
    speed = _own_speed(whole, status) or speeds.expected(
        speeds.on_device(kind, status.device_name), whole.image, config.batch_size
    )
    if speed is None:
        return None
    seconds = whole.seconds(status.step, config.epochs * whole.steps_per_epoch)
    return Duration.around(seconds * speed.ratio, speed.spread)


def _own_speed(whole: Work, status: Status) -> Speed | None:
    """The speed of the training in progress, which is the surer the longer it lasts; of a run that waits, that of its past."""
    if status.state == "running":
        first, took = status.started_step, status.updated - status.started
    else:
        first, took = 0, status.train_seconds if status.train_seconds >= PAST_AFTER else 0.0
    if took < TELL_AFTER or status.step <= first:
        return None
    done = whole.seconds(first, status.step) if status.state == "running" else status.step * whole.step
    return Speed(took / done, 1.05 + 1 / (1 + took / TELL_AFTER))


def _device(config: RunConfig) -> tuple[str, list[Measured]]:
    """The kind of device on which the worker would train a run, and what has been measured there."""
    here = stored_state()
    kind = kind_of(here.device) if config.device == "auto" else config.device
    if kind == "cpu" and config.threads and (measured := speeds.on_device(kind, f"CPU × {config.threads}")):
        return kind, measured
    return kind, speeds.on_device(kind, here.device_name if kind == kind_of(here.device) else "")


def device_name(config: RunConfig) -> str:
    """What the device is called on which the worker would train a run."""
    here = stored_state()
    same = config.device in ("auto", kind_of(here.device))
    return here.device_name if same else config.device.upper()


def learn(config: RunConfig, status: Status) -> None:
    """Keep the speed of a training that has ended, for the estimates of others. Called by the worker."""
    took = status.updated - status.started
    if took < TELL_AFTER or status.step <= status.started_step:
        return
    whole = work(config, kind_of(status.device), status.train_size, status.test_size)
    ratio = took / whole.seconds(status.started_step, status.step)
    speeds.record(Measured(status.device, status.device_name, whole.image, config.batch_size, ratio, trained=True))
