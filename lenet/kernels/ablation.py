"""What each kernel of a run's first layer does on the whole test set: the patches that it responds to most and least,
and the accuracy that is lost without it.

    python -m lenet.kernels.ablation RUN_ID       # the app starts it; the result is kept in the run's directory

The network runs in a process of its own, one for all servers and visitors (see common/jobs.py; the folder is
`<runs>/.insight/`). Pages read the result. Runs that came with the app have theirs among their files; should it not fit
their weights any more, a new one goes to `<runs>/.cache/`.
"""

from __future__ import annotations

import argparse
import base64
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

from lenet import data
from lenet.common import files, jobs, paths
from lenet.common.errors import LenetError
from lenet.common.formatting import clock
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import Run, find

PATCHES = 8
"""Patches that are kept for each kernel on each side, each from another image."""
MAX_BYTES = 8 * 2**20
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Insight:
    """What the test images say of the `out` kernels of a run.

    `patches` are uint8 [out, 2, PATCHES, kh, kw]: those with the largest weighted sums, largest first, and those with
    the smallest, smallest first. `sums` [out, 2, PATCHES] are these sums, bias included, `labels` [out, 2, PATCHES] the
    classes of the images that the patches come from.

    `accuracy` is that of the whole network over `images` test images. `silenced` and `held` [out] are its accuracies
    with the map of one kernel set to 0 after the activation, and set to its mean over the test set.
    """

    images: int
    accuracy: float
    silenced: NDArray[np.float64]
    held: NDArray[np.float64]
    patches: NDArray[np.uint8]
    sums: NDArray[np.float64]
    labels: NDArray[np.int64]


def _place(run: Run) -> Path:
    return paths.runs_dir() / ".cache" / f"{run.id}.json" if run.is_reference else run.path / "insight.json"


def _digest(run: Run) -> str:
    return hashlib.sha256(run.raw("model.safetensors") or b"").hexdigest()


def read(run: Run) -> Insight | None:
    """The insight into the run's present weights; None where there is none, or its file is damaged."""
    digest = _digest(run)
    for path in dict.fromkeys((run.path / "insight.json", _place(run))):
        with suppress(OSError, ValueError):
            stat = files.plain_stat(path)
            kept, insight = _parsed(path, (stat.st_mtime_ns, stat.st_size))
            if insight is not None and kept == digest and len(insight.patches) == run.config.model.channels[0]:
                return insight
    return None


@lru_cache(maxsize=64)
def _parsed(path: Path, stamp: tuple[int, int]) -> tuple[str, Insight | None]:
    if stamp[1] > MAX_BYTES:
        return "", None
    try:
        found = json.loads(files.read_plain(path, MAX_BYTES))
        out, size = len(found["silenced"]), tuple(found["size"])
        shape = (out, 2, PATCHES)
        insight = Insight(
            images=int(found["images"]),
            accuracy=float(found["accuracy"]),
            silenced=np.array(found["silenced"], float).reshape(out),
            held=np.array(found["held"], float).reshape(out),
            patches=np.frombuffer(base64.b64decode(found["patches"]), np.uint8).reshape(*shape, *size),
            sums=np.array(found["sums"], float).reshape(shape),
            labels=np.array(found["labels"], np.int64).reshape(shape),
        )
        if found["format"] != FORMAT or insight.labels.min() < 0 or insight.labels.max() >= len(data.CLASSES):
            return "", None
        return str(found["weights"]), insight
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return "", None


# -- asked for, and computed by a process of its own -------------------------------------------------------------


class _Ablations(jobs.TaskQueue):
    """Runs that are looked at one after the other; a task is the id of a run."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        from lenet.architecture.activations import use_one_thread

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
            told = ngettext("{n} other run is looked at first …", "{n} other runs are looked at first …", self.ahead)
            return told.format(n=self.ahead)
        told = _("The network looks at all test images, once without each kernel …")
        return told if self.left is None else told + " " + _("{time} left").format(time=clock(self.left))


def start(run: Run) -> None:
    """Ask for a run's insight; every server and visitor can watch how it is computed. Raises LenetError."""
    _ablations().ask(run.id, run.id)


def stop(run: Run) -> None:
    """Ask for it no longer: the work on it ends within a second. Raises LenetError."""
    _ablations().withdraw(run.id)


def work(run: Run) -> Progress | None:
    """How far the work on a run is, also while other runs come first; None where nobody is at it."""
    found = _ablations().progress(run.id)
    return None if found is None else Progress(found.share, found.left, found.ahead)


def failure(run: Run) -> LenetError | None:
    """Why the last attempt with these weights did not succeed; None where none has failed."""
    return _ablations().failure(run.id)


def compute(run: Run, tell: jobs.Tell = lambda share: None, batch: int = 500) -> dict[str, Any]:
    """The run's insight as JSON values; `tell` hears the share that is done. Imports torch. Raises LenetError."""
    import torch

    from lenet.architecture.activations import trained

    config = run.config.model
    net = trained(config, run.weights(), run.id)
    after = 3 if config.batch_norm else 2  # the layers up to the first activation
    activate, rest = (torch.nn.Sequential(*part) for part in (list(net)[1:after], list(net)[after:]))
    images, labels = data.load("test")
    out, size = config.channels[0], config.kernel_size[0]
    starts = range(0, len(images), batch)
    work, done = len(starts) * (2 * out + 3), 0
    best = np.empty((2, len(images), out), np.float32)  # strongest and weakest sum in each image, and where
    where = np.empty((2, len(images), out), np.int64)
    total = torch.zeros(out, dtype=torch.float64)
    right = np.zeros((2, out), np.int64)
    whole = width = 0

    def maps(at: int) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.from_numpy(images[at : at + batch].copy()).float() / 255
        sums = net[0](x)
        return sums, activate(sums)

    def correct(active: torch.Tensor, truth: torch.Tensor) -> int:
        return int((rest(active).argmax(1) == truth).sum())

    with torch.inference_mode():
        for at in starts:
            sums, active = maps(at)
            width = sums.shape[3]
            for side, (value, place) in enumerate((sums.flatten(2).max(2), sums.flatten(2).min(2))):
                best[side, at : at + batch], where[side, at : at + batch] = value.numpy(), place.numpy()
            total += active.double().mean((2, 3)).sum(0)
            whole += correct(active, torch.from_numpy(labels[at : at + batch].copy()))
            tell((done := done + 2) / work)
        mean = (total / len(images)).float()
        for at in starts:
            _sums, active = maps(at)
            truth = torch.from_numpy(labels[at : at + batch].copy())
            tell((done := done + 1) / work)
            for n in range(out):
                kept = active[:, n].clone()
                for how, value in enumerate((torch.zeros(()), mean[n])):
                    active[:, n] = value
                    right[how, n] += correct(active, truth)
                active[:, n] = kept
                tell((done := done + 2) / work)

    # The strongest of each image; of equally strong ones the earlier.
    best = np.nan_to_num(best, nan=0, posinf=3e38, neginf=-3e38)
    chosen = np.stack([np.argsort(-best[0], axis=0, kind="stable"), np.argsort(best[1], axis=0, kind="stable")])
    chosen = np.resize(chosen[:, :PATCHES], (2, PATCHES, out)) if len(images) < PATCHES else chosen[:, :PATCHES]
    index = np.moveaxis(chosen, 2, 0)  # [out, 2, PATCHES]
    kernel, sides = np.arange(out)[:, None, None], np.arange(2)[None, :, None]
    places = where[sides, index, kernel]
    padding, stride = config.padding[0], config.stride[0]
    padded = np.pad(images[:, 0], ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = places // width * stride, places % width * stride
    patches = np.array(
        [
            padded[i, r : r + size, c : c + size]
            for i, r, c in zip(index.ravel(), rows.ravel(), columns.ravel(), strict=True)
        ]
    )
    return {
        "format": FORMAT,
        "weights": _digest(run),
        "images": len(images),
        "accuracy": whole / len(images),
        "silenced": (right[0] / len(images)).tolist(),
        "held": (right[1] / len(images)).tolist(),
        "size": [size, size],
        "patches": base64.b64encode(patches.tobytes()).decode("ascii"),
        "sums": best[sides, index, kernel].round(4).tolist(),
        "labels": labels[index].tolist(),
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.kernels.ablation", description=(__doc__ or "").partition("\n\n")[0]
    )
    parser.add_argument("run", metavar="RUN_ID")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the result there, whoever is at work")
    args = parser.parse_args(argv)
    try:
        run = find(args.run)
        if args.to:
            files.write_json(args.to, compute(run))
            return 0
        _ablations().work_off(run.id)
    except jobs.AlreadyRunning:
        print("another process computes what was asked for, one run after the other", file=sys.stderr)
        return 0
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 0 if read(run) else 1


if __name__ == "__main__":
    sys.exit(main())
