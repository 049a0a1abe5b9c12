"""What each kernel of a run's first layer does on the whole test set: the patches that it responds to most and least,
and the accuracy that is lost without it.

    python -m lenet.kernels.ablation RUN_ID       # the app starts it; the result is kept in the run's directory

The network runs in a process of its own, one for all servers and visitors (see common/jobs.py; the folder is
`<runs>/.insight/`). Pages read the result. Runs that came with the app have theirs among their files; should it not fit
their weights any more, a new one goes to `<runs>/.cache/`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import arrays, fields, files, jobs, paths
from lenet.common.errors import LenetError
from lenet.common.formatting import clock
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import Run, find, visitors
from lenet.runs.files import MODEL

FILE = "insight.json"
"""The result in the directory of its run."""
PATCHES = 8
"""Patches that are kept for each kernel on each side, each from another image."""
MAX_BYTES = 8 * 2**20
FORMAT = 1


# Equal only if it is the same object: figures are cached by it.
@dataclass(frozen=True, eq=False)
class AblationResult:
    """What a run's network does on the test images, as it is and without each of its `out` first kernels.

    `accuracy` is that of the whole network on so many `images`. `zero_accuracy` and `mean_accuracy` [out] are those
    with the map of one kernel replaced, after the activation, by zero and by its mean over the test set (zero ablation
    and mean ablation).

    `patches` uint8 [out, 2, PATCHES, kh, kw] are the parts of images that excite a kernel most, the strongest first,
    and least, the weakest first. `sums` [out, 2, PATCHES] are their weighted sums, with the bias, and `labels` the
    classes of their images.
    """

    images: int
    accuracy: float
    zero_accuracy: NDArray[np.float64]
    mean_accuracy: NDArray[np.float64]
    patches: NDArray[np.uint8]
    sums: NDArray[np.float64]
    labels: NDArray[np.int64]


def _place(run: Run) -> Path:
    return paths.runs_dir() / ".cache" / f"{run.id}.json" if run.is_reference else run.path / FILE


def _digest(run: Run) -> str:
    return hashlib.sha256(run.raw(MODEL) or b"").hexdigest()


def read(run: Run) -> AblationResult | None:
    """The result for the run's present weights; None if there is none, or the file is damaged."""
    digest = _digest(run)
    for path in dict.fromkeys((run.path / FILE, _place(run))):
        with suppress(OSError, ValueError):
            stat = files.plain_stat(path)
            weights, result = _parsed(path, (stat.st_mtime_ns, stat.st_size))
            if result is not None and weights == digest and _is_of(result, run):
                return result
    return None


def _is_of(result: AblationResult, run: Run) -> bool:
    """Whether the result has the run's number of kernels, and no class that its data set has not."""
    kernels, classes = run.config.model.channels[0], len(run.data_set.classes)
    return len(result.patches) == kernels and result.labels.max(initial=0) < classes


@dataclass(frozen=True)
class _Stored:
    """The file of a result, see `compute`."""

    format: int = 0
    weights: str = ""
    images: int = 0
    accuracy: float = 0.0
    silenced: tuple[float, ...] = ()
    held: tuple[float, ...] = ()
    size: tuple[int, int] = (0, 0)
    patches: str = fields.setting("", length=MAX_BYTES)
    sums: tuple[tuple[tuple[float, ...], ...], ...] = fields.setting((), low=-4e38, high=4e38)
    labels: tuple[tuple[tuple[int, ...], ...], ...] = ()


@lru_cache(maxsize=64)
def _parsed(path: Path, stamp: tuple[int, int]) -> tuple[str, AblationResult | None]:
    try:
        stored = fields.read(_Stored, json.loads(files.read_plain(path, MAX_BYTES)), path.name)
        out = len(stored.silenced)
        shape = (out, 2, PATCHES)
        result = AblationResult(
            images=stored.images,
            accuracy=stored.accuracy,
            zero_accuracy=np.array(stored.silenced, float),
            mean_accuracy=np.array(stored.held, float).reshape(out),
            patches=arrays.from_base64(stored.patches, "u1").reshape(*shape, *stored.size),
            sums=np.array(stored.sums, float).reshape(shape),
            labels=np.array(stored.labels, np.int64).reshape(shape),
        )
    except (ValueError, RecursionError):  # a file of another version, or damaged
        return "", None
    return stored.weights, result if stored.format == FORMAT else None


# -- asked for, and computed by a process of its own -------------------------------------------------------------


class _Ablations(jobs.TaskQueue):
    """Runs that are looked at one after the other; a task is the id of a run."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        from lenet.architecture.inference import use_one_thread

        use_one_thread()  # somebody may be training beside it
        run = find(task)
        place = _place(run)
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(place, compute(run, tell))

    def is_done(self, task: str) -> bool:
        return read(find(task)) is not None

    def error(self, cause: Exception | None) -> LenetError:
        if cause is None:
            return LenetError("insight_killed")
        return cause if isinstance(cause, LenetError) else LenetError("insight_failed", reason=str(cause)[:200])

    def version(self, task: str) -> str:
        return _digest(find(task))


def _ablations() -> _Ablations:
    return _Ablations(paths.runs_dir() / ".insight", "lenet.kernels.ablation")


@dataclass(frozen=True)
class Progress(jobs.Progress):
    """How far the work on a run is."""

    def words(self) -> str:
        """What is going on, in the reader's language."""
        if self.ahead:
            told = ngettext("{n} other run comes first …", "{n} other runs come first …", self.ahead)
            return told.format(n=self.ahead)
        told = _("Testing the network on all test images, and again without each kernel …")
        return told if self.left is None else told + " " + _("{time} left").format(time=clock(self.left))


def start(run: Run) -> None:
    """Ask for a run's result; every server and visitor can watch how it is computed. Raises LenetError."""
    visitors.check_may_act()
    _ablations().ask(run.id, run.id)


def stop(run: Run) -> None:
    """Ask for it no longer: the work on it ends within a second. Raises LenetError."""
    visitors.check_may_act()
    _ablations().withdraw(run.id)


def work(run: Run) -> Progress | None:
    """How far the work on a run is, also while other runs come first; None where nobody is at it."""
    found = _ablations().progress(run.id)
    return None if found is None else Progress(found.share, found.left, found.ahead)


def failure(run: Run) -> LenetError | None:
    """Why the last attempt with these weights did not succeed; None where none has failed."""
    return _ablations().failure(run.id)


# -- the numbers --------------------------------------------------------------------------------------------------


def compute(run: Run, tell: jobs.Tell = lambda share: None, batch: int = 500) -> dict[str, Any]:
    """The AblationResult of a run as JSON values, from `batch` test images at a time. Imports torch.

    `tell` is called again and again with the share of the work that is done. Raises LenetError if the run's weights
    cannot be read or do not fit its network, or if its images are not on this machine.
    """
    import torch

    from lenet.architecture.inference import trained
    from lenet.architecture.layers import first_of

    digest, config = _digest(run), run.config.model
    net = trained(config, run.weights(), run.id)
    convolution, activation = (first_of(config.layers, group) for group in ("conv", "activation"))
    parts = (slice(convolution + 1, activation + 1), slice(activation + 1, None))
    activate, rest = (torch.nn.Sequential(*list(net)[part]) for part in parts)
    images, labels = run.images("test")
    out = config.channels[0]
    batches = [slice(at, at + batch) for at in range(0, len(images), batch)]
    work, done = len(batches) * (2 * out + 3), 0

    extreme = np.empty((2, len(images), out), np.float32)  # the largest and the smallest sum in each image
    position = np.empty((2, len(images), out), np.int64)  # where it is in the map, row by row
    map_size = (0, 0)
    total = torch.zeros(out, dtype=torch.float64)  # of the maps' means
    correct, correct_without = 0, np.zeros((2, out), np.int64)

    def maps(part: slice) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.from_numpy(images[part].copy()).float() / 255
        sums = net[convolution](x)
        return sums, activate(sums)

    def count_correct(active: torch.Tensor, part: slice) -> int:
        return int((rest(active).argmax(1) == torch.from_numpy(labels[part].copy())).sum())

    with torch.inference_mode():
        for part in batches:
            sums, active = maps(part)
            map_size = (sums.shape[2], sums.shape[3])
            for n, (value, place) in enumerate((sums.flatten(2).max(2), sums.flatten(2).min(2))):
                extreme[n, part], position[n, part] = value.numpy(), place.numpy()
            total += active.double().mean((2, 3)).sum(0)
            correct += count_correct(active, part)
            tell((done := done + 2) / work)
        mean = (total / len(images)).float()
        for part in batches:
            _sums, active = maps(part)
            tell((done := done + 1) / work)
            for n in range(out):
                unchanged = active[:, n].clone()
                for how, value in enumerate((torch.zeros(()), mean[n])):
                    active[:, n] = value
                    correct_without[how, n] += count_correct(active, part)
                active[:, n] = unchanged
                tell((done := done + 2) / work)

    image, sums_of_patches = _strongest(extreme)
    kernel, side = np.arange(out)[:, None, None], np.arange(2)[None, :, None]
    rows, columns = np.unravel_index(position[side, image, kernel], map_size)
    size = config.kernel_size[0]
    patches = _cut(images[:, 0], image, rows, columns, size, config.padding[0], config.stride[0])
    return {
        "format": FORMAT,
        "weights": digest,
        "images": len(images),
        "accuracy": correct / len(images),
        "silenced": (correct_without[0] / len(images)).tolist(),
        "held": (correct_without[1] / len(images)).tolist(),
        "size": [size, size],
        "patches": arrays.to_base64(patches, "u1"),
        "sums": sums_of_patches.round(4).tolist(),
        "labels": labels[image].tolist(),
    }


def _strongest(extreme: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The images with the PATCHES largest and smallest sums, and these sums, [out, 2, PATCHES] each.

    `extreme` [2, images, out] has the largest and the smallest sum of each image. Among equal ones the earlier image
    comes first. If there are fewer images than PATCHES, they are repeated.
    """
    extreme = np.nan_to_num(extreme, nan=0, posinf=3e38, neginf=-3e38)
    order = np.stack([np.argsort(-extreme[0], axis=0, kind="stable"), np.argsort(extreme[1], axis=0, kind="stable")])
    chosen = order[:, np.arange(PATCHES) % order.shape[1]]
    return np.moveaxis(chosen, 2, 0), np.moveaxis(np.take_along_axis(extreme, chosen, 1), 2, 0)


def _cut(
    images: NDArray[np.uint8], index: NDArray[Any], rows: NDArray[Any], columns: NDArray[Any],
    size: int, padding: int, stride: int,
) -> NDArray[np.uint8]:  # fmt: skip
    """What a kernel of size×size sees of `images` [N, H, W] where its map has these rows and columns: [..., size, size]."""
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.asarray(windows[index, rows * stride, columns * stride])


# -- the process --------------------------------------------------------------------------------------------------


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.kernels.ablation", description=(__doc__ or "").partition("\n\n")[0]
    )
    parser.add_argument("run", metavar="RUN_ID")
    parser.add_argument(
        "--to",
        type=paths.option,
        metavar="FILE",
        help="write the result to FILE, even while another process computes results",
    )
    args = parser.parse_args(argv)
    try:
        run = find(args.run)
        if args.to:
            files.check_writable(args.to)
            files.write_json(args.to, compute(run))
            return 0
        return _ablations().work_off_as_command(run.id)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
