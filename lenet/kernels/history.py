"""What the kernel gallery computes: the history of a run's first-layer kernels, checked and made small enough to
send to a browser, and the kernels that the note published. NumPy only."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import files
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.training import curves
from lenet.training.curves import Curve

Kernels = NDArray[np.float32]

MAX_VALUES = 100_000
"""Weights of a history that go to the browser, 2 bytes each: 267 kB in base64, a whole LeNet run has 11 400."""
MAX_SECOND = 12_000
"""Weights of a second layer that can be drawn at once; LeNet's has 2 400."""
MISSING = -(2**15)
"""The packed form of a weight that is not a finite number."""
CSV_COLUMNS = ("kernel", "channel", "row", "column", "weight")


@dataclass(frozen=True)
class History:
    """First-layer kernels [T, out, in, kh, kw] after each of the optimiser `steps` [T], which grow."""

    steps: NDArray[np.int64]
    kernels: Kernels

    @property
    def final(self) -> Kernels:
        """The kernels of the last step, [out, in, kh, kw]."""
        last: Kernels = self.kernels[-1]
        return last

    def limit(self) -> float:
        """The largest absolute weight in the whole history; what is not finite is passed over."""
        return float(np.abs(self.kernels, where=np.isfinite(self.kernels), out=np.zeros_like(self.kernels)).max())

    def thinned(self, max_values: int = MAX_VALUES) -> History:
        """At most `max_values` weights: evenly chosen snapshots, the first and the last always among them."""
        keep = max(2, max_values // self.final.size)
        if len(self.steps) <= keep:
            return self
        at = np.linspace(0, len(self.steps) - 1, keep).round().astype(int)
        return History(self.steps[at], self.kernels[at])


def history(run: Run) -> History:
    """The kernels of a run from initialisation to now.

    Raises LenetError where the file cannot be read, or does not belong to the network of the run's configuration.
    """
    steps, kernels = run.kernels()
    model = run.config.model
    size = model.kernel_size[0]
    fits = kernels.shape[1:] == (model.channels[0], model.in_channels, size, size)
    ordered = steps.ndim == 1 and steps.dtype.kind in "iu" and steps[0] >= 0 and bool((np.diff(steps) > 0).all())
    if not (fits and ordered and kernels.dtype.kind == "f"):
        raise LenetError("weights_do_not_fit", id=run.id)
    return History(steps.astype(np.int64), kernels.astype(np.float32))


def still(kernels: Kernels) -> History:
    """Kernels of one moment, without a history."""
    return History(np.zeros(1, np.int64), kernels[None])


def pixels(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An image (1, height, width) as (height, width) from 0 to 1, as the network gets it."""
    return np.asarray(image[0], np.float32) / np.float32(255)


def kept(run: Run) -> bool:
    """Whether the run has kept kernels yet; one that waits has none."""
    return (run.path / "kernels.safetensors").exists()


@dataclass(frozen=True)
class Course:
    """How a run's training went: its curve, its length, and how many steps an epoch has (0: not known yet)."""

    curve: Curve
    epochs: int
    steps_per_epoch: int


def course(run: Run) -> Course:
    """The course of a run so far. Raises LenetError where a file of it cannot be read."""
    return Course(curves.curve(run), run.config.epochs, run.status().steps_per_epoch)


def second_layer(run: Run) -> Kernels | None:
    """The kernels of the second convolution at the end of training, [out, in, kh, kw].

    None where the network has no second convolution, where it is too large to be drawn, or where there are no
    weights (yet). Raises LenetError where they do not belong to the run's network.
    """
    model = run.config.model
    if len(model.channels) < 2 or not (run.path / "model.safetensors").exists():
        return None
    convolutions = [row.name for row in model.layers if row.type == "Conv2d"]
    if model.pooling == "conv":  # every second one pools
        convolutions = convolutions[::2]
    weight = run.weights().get(f"{convolutions[1]}.weight")
    size = model.kernel_size[1]
    if (
        weight is None
        or weight.shape != (model.channels[1], model.channels[0], size, size)
        or weight.dtype.kind != "f"
    ):
        raise LenetError("weights_do_not_fit", id=run.id)
    return weight.astype(np.float32) if weight.size <= MAX_SECOND else None


def flat(kernels: Kernels) -> NDArray[np.float64]:
    """Kernels [out, …] as vectors [out, n] in double precision; what is not finite counts as zero."""
    return np.nan_to_num(kernels.reshape(len(kernels), -1).astype(np.float64), nan=0, posinf=0, neginf=0)


def cosines(kernels: Kernels) -> NDArray[np.float64]:
    """Cosine of the angle between every two kernels, [out, out]; 0 with a kernel that is all zeros."""
    vectors = flat(kernels)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return np.asarray(np.clip(unit @ unit.T, -1, 1))


def orders(kernels: Kernels) -> dict[str, list[int]]:
    """Two ways to hang the kernels [out, …]: indices by place.

    `norm`: the largest first. `similarity`: from the largest on, each beside the one of those left that has the
    largest |cosine| with it (an edge and its negative are the same edge).
    """
    norms = np.linalg.norm(flat(kernels), axis=1)
    by_norm = np.argsort(-norms, kind="stable").tolist()
    alike = np.abs(cosines(kernels))
    chain, left = by_norm[:1], set(by_norm[1:])
    while left:
        here = chain[-1]
        chain.append(max(sorted(left), key=lambda n: alike[here, n]))
        left.remove(chain[-1])
    return {"norm": by_norm, "similarity": chain}


def paths(history: History) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How each kernel moved, [T, out] each: the distance that it has travelled so far (the sum of the lengths of its
    moves from snapshot to snapshot), and the cosine of its angle to its final form."""
    moves = flat(history.kernels.reshape(len(history.steps), -1)).reshape(*history.kernels.shape[:2], -1)
    travelled = np.zeros(moves.shape[:2])
    travelled[1:] = np.linalg.norm(np.diff(moves, axis=0), axis=2).cumsum(0)
    norms = np.linalg.norm(moves, axis=2)
    lengths = norms * norms[-1]
    products = (moves * moves[-1]).sum(2)
    cosine = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return travelled, np.clip(cosine, -1, 1)


def pack(kernels: Kernels) -> tuple[float, str]:
    """Weights as whole multiples of a unit: the unit, and little-endian 16-bit integers in base64.

    The unit is 0.0001 (four decimals, as the note prints them) as long as every weight fits: up to ±3.2767.
    """
    finite = np.isfinite(kernels)
    values = np.where(finite, kernels, 0).astype(np.float64)
    unit = max(1e-4, float(np.abs(values).max(initial=0.0)) / 32767)
    whole = np.where(finite, (values / unit).round(), MISSING).astype("<i2")
    return unit, base64.b64encode(whole.tobytes()).decode("ascii")


def to_csv(kernels: Kernels) -> str:
    """Kernels [out, in, kh, kw] as CSV, a row for each weight; all places are counted from 1."""

    def rows() -> Iterable[tuple[Any, ...]]:
        for (kernel, channel, row, column), weight in np.ndenumerate(kernels):
            yield kernel + 1, channel + 1, row + 1, column + 1, str(weight)  # the shortest exact float32

    return files.csv_text(CSV_COLUMNS, rows())


# -- the note's kernels ------------------------------------------------------------------------------------------

NOTE = np.array(
    [
        [0.4587, 0.9623, 0.8670, 0.4964, 0.3089],
        [0.6552, 1.0398, 1.1224, 0.7174, 0.1807],
        [0.6282, 1.0901, 1.1454, 0.7885, 0.0931],
        [-0.0701, 0.7881, 0.6510, 0.5285, -0.1383],
        [-0.4480, 0.0050, 0.2505, 0.0305, -0.6273],

        [0.2813, -0.7380, -1.0756, 0.0994, 0.9983],
        [0.1324, -1.1169, -1.5388, -0.3630, 0.7220],
        [0.5710, -1.2043, -1.3466, -0.2483, 0.9263],
        [0.8825, -0.7165, -1.0330, -0.2627, 1.2286],
        [0.7197, -0.2831, -0.6991, -0.1023, 1.0881],

        [-0.2562, -0.3698, -0.5058, -0.5433, -0.2179],
        [-0.2519, -0.9381, -1.3914, -1.2632, -0.6284],
        [-0.1006, -1.0503, -1.5608, -1.2406, -0.6634],
        [-0.0841, -0.8037, -0.9964, -1.0884, -0.1780],
        [0.4274, -0.1798, -0.3585, -0.3298, 0.4001],

        [1.3652, 0.3242, -0.6089, -1.1077, -0.3269],
        [1.3465, 0.6187, -0.5226, -1.3528, -0.4494],
        [1.4649, 0.5162, -0.7658, -1.5320, -0.7495],
        [1.3108, 0.6676, -0.6614, -1.3077, -0.4605],
        [1.2666, 0.5929, -0.5263, -0.8645, -0.0532],

        [-0.1916, 0.1918, 0.1830, -0.1576, -0.7518],
        [-0.0383, 0.6332, 0.8412, 0.2415, -0.5478],
        [0.0588, 1.0093, 0.8956, 0.5301, -0.4315],
        [-0.2797, 0.6476, 0.5846, 0.3092, -0.4632],
        [-0.4576, 0.3427, 0.4679, 0.0045, -0.7528],

        [0.0822, -0.3571, -1.1740, -1.0378, 0.0807],
        [0.0478, -0.9784, -1.6519, -1.5483, -0.4701],
        [0.4050, -0.5875, -1.8024, -1.8586, -0.3538],
        [0.6129, -0.1174, -1.0187, -1.0747, 0.1752],
        [1.0586, 0.1861, -0.2323, -0.1765, 0.5327],
    ],
    np.float32,
).reshape(6, 1, 5, 5)  # fmt: skip
"""The six first-layer kernels printed in the note 深度学习之卷积神经网络 (LXG, 31 March 2026), [6, 1, 5, 5]."""
NOTE_RESULT = {"loss": "0.470", "train_acc": "0.824", "test_acc": "0.805"}
"""What the note reports of the training that it logs, ten epochs of `classic`."""
NOTE_LOGGED_WEIGHT = -0.6876
"""The first weight of the network whose training the note logs. It is not NOTE's: that is another network."""
