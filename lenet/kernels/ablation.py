"""What a run's first layer does on the whole test set: the patches that excite each kernel most and least, and the
accuracy that is lost when it is switched off.

    python -m lenet.kernels.ablation RUN_ID       # the app starts it; its result is kept with the run

The network runs in a process of its own, one for all servers and visitors; the page reads the file. Results of the runs that came with the app are
among their files; should they no longer fit, new ones go to `<runs>/.cache/`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import filelock
import numpy as np
from numpy.typing import NDArray

from lenet import data
from lenet.common import files, paths
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
    """`patches` uint8 [out, 2, PATCHES, kh, kw]: those that excite a kernel most, strongest first, and least, weakest
    first; `sums` [out, 2, PATCHES] are their weighted sums (with bias), `labels` the classes of their images.

    `accuracy` is the whole network's; `silenced` and `held` [out] are its accuracies with the map of one kernel set to
    0 after the activation, and to its mean over the test set.
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
    """What is known of the run as it is now; None where nothing is, or the file is damaged."""
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
        if (
            found["format"] != FORMAT
            or insight.labels.min() < 0
            or insight.labels.max() >= len(data.data_set().classes)
        ):
            return "", None
        return str(found["weights"]), insight
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return "", None


# -- at work ------------------------------------------------------------------------------------------------------
#
# One process at a time works off what was asked for, the oldest first. In `<runs>/.insight/`:
#     lock           held by that process
#     progress.json  the run it looks at, the share that is done, the seconds that are left
#     ID.asked       somebody wants this run; taking the file away stops the work on it
#     ID.failed      why it did not succeed, and with which weights


class Stopped(Exception):
    """Nobody wants this run any more."""


@dataclass(frozen=True)
class Work:
    """`share` of the work that is done, 0 to 1; `left` seconds, None while not known; `ahead` runs come before it."""

    share: float
    left: float | None
    ahead: int

    def words(self) -> str:
        """What is going on, in the reader's language."""
        if self.ahead:
            told = ngettext("{n} other run is looked at first …", "{n} other runs are looked at first …", self.ahead)
            return told.format(n=self.ahead)
        told = _("The network looks at all test images, once without each kernel …")
        return told if self.left is None else told + " " + _("{time} left").format(time=clock(self.left))


def _folder() -> Path:
    return paths.runs_dir() / ".insight"


def _asked(run_id: str) -> Path:
    return _folder() / f"{run_id}.asked"


def _failed(run_id: str) -> Path:
    return _folder() / f"{run_id}.failed"


def _waiting() -> list[str]:
    """The ids of the runs that were asked for, the oldest first."""
    found = []
    for path in _folder().glob("*.asked"):
        with suppress(OSError):  # taken away just now
            found.append((path.stat().st_mtime_ns, path.name.removesuffix(".asked")))
    return [run_id for _time, run_id in sorted(found)]


def start(run: Run) -> None:
    """Ask for a run's insight, and see that a process is there to compute it; every server and visitor can watch.

    Raises LenetError.
    """
    folder = _folder()
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _failed(run.id).unlink(missing_ok=True)
        if not _asked(run.id).exists():
            _asked(run.id).touch()
        files.start("lenet.kernels.ablation", run.id, log=folder / "log")


def stop(run: Run) -> None:
    """Ask for it no longer: the work on it ends within a second. Raises LenetError."""
    with files.writing(_folder()):
        _asked(run.id).unlink(missing_ok=True)


def work(run: Run) -> Work | None:
    """How far the work on a run is, also while other runs come first; None where nobody is at it."""
    if not _asked(run.id).exists() or not files.is_locked(_folder() / "lock"):
        return None
    progress = _progress()
    if progress is None:
        return Work(0.0, None, 0)
    now, share, left = progress
    if now == run.id:
        return Work(share, left, 0)
    ahead = [id for id in _waiting() if id != now]
    return Work(0.0, None, 1 + (ahead.index(run.id) if run.id in ahead else 0))


def _progress() -> tuple[str, float, float | None] | None:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        found = json.loads(files.read_plain(_folder() / "progress.json", MAX_BYTES))
        left = found["left"]
        return str(found["run"]), min(max(float(found["share"]), 0.0), 1.0), None if left is None else float(left)
    return None


def failure(run: Run) -> LenetError | None:
    """Why the last attempt with these weights did not succeed; None where none has failed."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        found = json.loads(files.read_plain(_failed(run.id), MAX_BYTES))
        if found["weights"] == _digest(run):
            return LenetError(str(found["code"]), **found["params"])
    return None


def _fail(run_id: str, error: Exception) -> None:
    told = error if isinstance(error, LenetError) else LenetError("insight_failed", reason=str(error)[:200])
    print(f"{run_id}: {told}", file=sys.stderr)
    with suppress(LenetError, OSError):
        weights = _digest(find(run_id))
        files.write_json(_failed(run_id), {"code": told.code, "params": told.params, "weights": weights})


def compute(run: Run, tell: Callable[[float], None] = lambda share: None, batch: int = 500) -> dict[str, Any]:
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
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    _folder().mkdir(parents=True, exist_ok=True)
    _asked(run.id).touch()
    try:
        # Who ends just now has looked for requests before: this process waits a moment for the lock.
        with filelock.FileLock(_folder() / "lock", timeout=2):
            _work_off()
    except filelock.Timeout:
        print("another process computes what was asked for, one run after the other", file=sys.stderr)
        return 0
    return 0 if read(run) else 1


def _work_off() -> None:
    from lenet.architecture.activations import use_one_thread

    use_one_thread()  # somebody may be training beside it
    if dead := _progress():  # a run at which a process before this one died: not again by itself
        _asked(dead[0]).unlink(missing_ok=True)
        _fail(dead[0], LenetError("insight_killed"))
        (_folder() / "progress.json").unlink(missing_ok=True)
    while waiting := _waiting():
        run_id = waiting[0]
        try:
            run = find(run_id)
            if read(run) is None:
                _place(run).parent.mkdir(parents=True, exist_ok=True)
                files.write_json(_place(run), compute(run, _teller(run_id)))
        except Stopped:
            pass
        except Exception as e:  # one run that cannot be looked at keeps no other from it
            _fail(run_id, e)
        finally:
            (_folder() / "progress.json").unlink(missing_ok=True)
        _asked(run_id).unlink(missing_ok=True)


def _teller(run_id: str, every: float = 0.3) -> Callable[[float], None]:
    """What hears how far the work on a run is, and writes it down; it raises Stopped once nobody asks for the run."""
    begin: tuple[float, float] | None = None
    last = 0.0

    def tell(share: float) -> None:
        nonlocal begin, last
        if not _asked(run_id).exists():
            raise Stopped
        now = time.monotonic()
        begin = begin or (now, share)
        if now - last < every:
            return
        last, (began, before) = now, begin
        left = (now - began) * (1 - share) / (share - before) if share > before else None
        with suppress(OSError):
            files.write_json(
                _folder() / "progress.json",
                {"run": run_id, "share": round(share, 3), "left": left and round(left, 1)},
            )

    tell(0.0)
    begin = None  # the clock begins with the first batch, once everything is loaded
    return tell


if __name__ == "__main__":
    sys.exit(main())
