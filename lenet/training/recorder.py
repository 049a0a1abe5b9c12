"""What a run leaves in its directory while it is trained: status, curve, kernels, weights, checkpoint.

The recorder is called after every step and looks at the clock. A few times a second it fetches what has gathered on
the device, writes it where readers see it, and looks whether somebody has asked for an end.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor

from lenet.common import files
from lenet.common.errors import LenetError
from lenet.runs import Run, Status
from lenet.runs.files import (
    BEST,
    CHECKPOINT,
    GRADIENTS_CSV,
    KERNELS,
    METRICS_CSV,
    MODEL,
    PREDICTIONS,
    STATUS,
    STEPS,
    STEPS_CSV,
)
from lenet.runs.metrics import METRICS, MORE_METRICS, best_epoch
from lenet.training.devices import UsageMeter
from lenet.training.divergence import DivergenceWatch
from lenet.training.trainer import Trainer, to_numpy

LOOK_EVERY = 0.25  # seconds
MAX_PAUSE = 10.0  # seconds between two looks, however slow the disk: somebody may have pressed Stop
EPOCH_COLUMNS = (*METRICS, "train_seconds", *MORE_METRICS)
"""What a checkpoint holds of each finished epoch; older versions left out the last ones."""
NOTHING = dict.fromkeys(EPOCH_COLUMNS, math.nan)
ROWS_AN_EPOCH = 4000  # of steps.csv and gradients.csv: of more steps, every second one is written, every third, …


class EndRequested(Exception):
    """The run is to end here. `state` is its state from then on: `stopped`, `paused`, or `queued` where this process
    has to go and another will take the run up, or where it is the turn of another run."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def snapshot_steps(total_steps: int, steps_per_epoch: int) -> set[int]:
    """Steps at which the kernels are kept: dense at first, where everything happens, then thinner; epoch ends too.

    At most about 180 whatever the length, so that a page can send the whole history (600 bytes each for LeNet).
    """
    dense = np.unique(np.geomspace(1, total_steps, 80).round().astype(int))
    ends = np.arange(steps_per_epoch, total_steps + 1, steps_per_epoch)
    return {0, total_steps, *dense.tolist(), *ends[:: -(-len(ends) // 100)].tolist()}


class Recorder:
    """The writer of one run directory. `leaving` tells whether this process has to end, `turn_over` whether others are to
    be trained before this run goes on."""

    def __init__(
        self,
        run: Run,
        trainer: Trainer,
        status: Status,
        leaving: Callable[[], bool],
        turn_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.run, self.trainer, self.status, self.leaving, self.turn_over = run, trainer, status, leaving, turn_over
        self.metrics: list[dict[str, float]] = []  # for each epoch EPOCH_COLUMNS, NaN where there is no value
        self.snapshots: list[tuple[int, Tensor]] = []  # step and kernels
        self._snapshot_steps = snapshot_steps(trainer.total_steps, trainer.steps_per_epoch)
        self._row_every = -(-trainer.steps_per_epoch // ROWS_AN_EPOCH)  # steps
        self._fetched = 0  # steps of the epoch in progress whose losses have been fetched from the device
        self._meter = UsageMeter(trainer.device)
        self._looked = self._trained_since = time.perf_counter()
        self._pause = LOOK_EVERY  # seconds until the next look
        self._clock_offset = time.time() - self._looked

    def now(self) -> float:
        """Seconds since 1970 by a clock that nobody sets while the run is trained: differences are durations."""
        return self._clock_offset + time.perf_counter()

    def begin(self) -> None:
        """Start the files of a fresh run, or put those of an ended one back to its checkpoint."""
        t, path = self.trainer, self.run.path
        tables = ((STEPS_CSV, STEPS), (GRADIENTS_CSV, ("step", *t.layers)))
        if (path / CHECKPOINT).exists():
            self.metrics, train_seconds = self._restore(path / CHECKPOINT)
            self._fetched = t.i
            rows = t.epoch * (t.steps_per_epoch // self._row_every) + t.i // self._row_every
            for name, columns in tables:
                self._cut_table(name, columns, rows)
            at, kernels = self.run.kernels()
            self.snapshots = [(int(s), torch.from_numpy(k)) for s, k in zip(at, kernels, strict=True) if s <= t.step]
            self.status = replace(self.status, train_seconds=train_seconds)
        else:
            for name, columns in tables:
                files.write_atomic(path / name, files.csv_text(columns, []).encode())
            self.snapshots = [(0, t.first_kernels())]
            self._write_weights()
        self._divergence = DivergenceWatch(self.run.steps()["loss"], t.config.model.num_classes)
        self._write_metrics()
        self._write_kernels()
        self._trained_since = time.perf_counter()
        self.update(
            state="running", epoch=t.epoch, step=t.step, started=self.now(), started_step=t.step, turn_ended=0.0
        )

    def _restore(self, checkpoint: Path) -> tuple[list[dict[str, float]], float]:
        """Take up a checkpoint: its rows of metrics and seconds of training. Raises LenetError where it is damaged."""
        try:
            tensors, values = read_checkpoint(checkpoint)
            rows = [NOTHING | dict(zip(EPOCH_COLUMNS, map(float, row), strict=False)) for row in values["metrics"]]
            if len(rows) != values["epoch"] or any(len(row) <= len(METRICS) for row in values["metrics"]):
                raise ValueError(f"{len(rows)} rows of metrics for {values['epoch']} epochs")
            if not (
                0 <= values["epoch"] <= self.trainer.config.epochs
                and 0 <= values["i"] <= self.trainer.steps_per_epoch
            ):
                raise ValueError(f"it ends at step {values['i']} after epoch {values['epoch']}")
            self.trainer.restore(tensors, values)
            return rows, float(values["train_seconds"])
        except torch.OutOfMemoryError:
            raise
        except Exception as e:  # a damaged file can make safetensors, json and torch raise anything
            reason = str(e).splitlines()[0] if str(e) else ""
            raise self.run.damaged(CHECKPOINT, f"{type(e).__name__}: {reason}") from e

    def after_step(self) -> None:
        """Keep a snapshot if one is due; a few times a second write and look for requests.

        Raises EndRequested where the run is to end here, LenetError where its loss has diverged or it was deleted.
        """
        t = self.trainer
        if t.step in self._snapshot_steps:
            self.snapshots.append((t.step, t.first_kernels()))
        now = time.perf_counter()
        if now - self._looked < self._pause and t.i < t.steps_per_epoch:
            return
        self._append_steps()
        if t.i == t.steps_per_epoch:
            self._looked = now
            return  # the end of the epoch writes the rest
        self._write_kernels()
        self.update(step=t.step, **self._meter.read())
        self._looked = time.perf_counter()
        # A slow disk takes a fifth of the time at most.
        self._pause = min(max(LOOK_EVERY, 4 * (self._looked - now)), MAX_PAUSE)
        self._heed_requests()

    def end_epoch(self, loss: float, train_acc: float) -> None:
        """After an epoch: evaluate, then a row of metrics, the weights (as the best ones too, if they are), the
        predictions and a checkpoint.

        Raises EndRequested as `after_step` does.
        """
        t = self.trainer
        seconds = time.perf_counter() - self._trained_since
        test = t.predict(t.test)
        spent = self.status.train_seconds + seconds
        before = self.metrics[-1]["train_seconds"] if self.metrics else 0.0
        row = NOTHING | {
            "epoch": t.epoch,
            "step": t.step,
            "loss": loss,
            "train_acc": train_acc,
            "test_acc": t.test.accuracy(test.classes),
            "examples_per_sec": t.examples / (spent - before),
            "train_seconds": spent,
            "test_loss": test.losses.mean().item(),
            "train_cross_entropy": t.train_cross_entropy(),
        }
        if t.validation:
            validation = t.predict(t.validation)
            row["val_loss"] = validation.losses.mean().item()
            row["val_acc"] = t.validation.accuracy(validation.classes)
        self.metrics.append(row)
        self._fetched = 0
        if self.patience_is_over and self.snapshots[-1][0] < t.step:
            self.snapshots.append((t.step, t.first_kernels()))
        self._write_kernels()
        self.status = replace(self.status, train_seconds=spent)
        if self.best_epoch == t.epoch:
            # Before the checkpoint: a run that is killed in between takes this epoch again and writes the same.
            self._write_best()
        self._write_checkpoint()
        self._write_weights()
        predictions = {"classes": to_numpy(test.classes).astype(np.uint8), "confidence": to_numpy(test.confidence)}
        files.write_tensors(self.run.path / PREDICTIONS, predictions)
        self._write_metrics()
        self._trained_since = self._looked = time.perf_counter()
        self.update(epoch=t.epoch, step=t.step, examples_per_sec=t.examples * t.epoch / spent)
        if t.epoch < t.config.epochs:
            self._heed_requests()  # an epoch may be over before its first look

    @property
    def best_epoch(self) -> int:
        """The epoch (from 1) with the best validation accuracy so far; 0 if there is none."""
        return best_epoch([row["val_acc"] for row in self.metrics], [row["val_loss"] for row in self.metrics])

    @property
    def patience_is_over(self) -> bool:
        """Whether early stopping ends the run here."""
        return self.trainer.config.ends_early(len(self.metrics), self.best_epoch)

    def end_early(self, state: str) -> None:
        """Keep everything as it is at this step, so that the run can go on from here."""
        seconds = time.perf_counter() - self._trained_since
        self.status = replace(self.status, train_seconds=self.status.train_seconds + seconds)
        self._append_steps()
        self._write_kernels()
        self._write_checkpoint()
        self._write_weights()
        if state == "queued":  # somebody may have asked for an end in the meantime
            state = self._requested_end() or state
        for_worker = self.status.for_worker or state == "queued"
        self.update(state=state, step=self.trainer.step, for_worker=for_worker)

    def update(self, **changes: Any) -> None:
        """Change the status and write it."""
        self.status = replace(self.status, updated=self.now(), **changes)
        files.write_json(self.run.path / STATUS, asdict(self.status))

    def _heed_requests(self) -> None:
        if not self.run.exists:  # a file that we wrote in the middle of `rm -r` keeps the directory
            raise LenetError("no_such_run", id=self.run.id)
        if state := self._requested_end():
            raise EndRequested(state)
        if self.leaving():
            raise EndRequested("queued")
        if self.turn_over():
            self.status = replace(self.status, turn_ended=self.now())
            raise EndRequested("queued")

    def _requested_end(self) -> str:
        """The state that the run is to end in because somebody has asked for it; empty if nobody has."""
        ends = {"stop": "stopped", "pause": "paused"}
        return next((state for request, state in ends.items() if self.run.requested(request)), "")

    def _append_steps(self) -> None:
        """Write the losses and gradient norms that are new. Raises LenetError where the loss has diverged."""
        t, done = self.trainer, self._fetched
        losses = t.buffers.losses[done : t.i].tolist()
        norms = t.buffers.norms[done : t.i].tolist()
        first = t.epoch * t.steps_per_epoch + 1
        written = range(done + (-done - 1) % self._row_every, t.i, self._row_every)
        for name, rows in ((STEPS_CSV, [[x] for x in losses]), (GRADIENTS_CSV, norms)):
            lines = (",".join([str(first + n), *(f"{x:.6g}" for x in rows[n - done])]) + "\n" for n in written)
            with (self.run.path / name).open("a", encoding="utf-8") as f:
                f.write("".join(lines))
        self._fetched = t.i
        self._divergence.check(losses, t.epoch + 1)

    def _cut_table(self, name: str, columns: tuple[str, ...], rows: int) -> None:
        """Keep the first `rows` rows, if all of the last one is there."""
        path = self.run.path / name
        raw = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = raw[: raw.rfind("\n") + 1].splitlines()[1 : rows + 1]
        files.write_atomic(path, "\n".join([",".join(columns), *lines, ""]).encode())

    def _write_checkpoint(self) -> None:
        tensors, values = self.trainer.checkpoint()
        # The rows of metrics are in it too: no epoch can be in one file and not in the other.
        rows = [[row[name] for name in EPOCH_COLUMNS] for row in self.metrics]
        values |= {"metrics": rows, "train_seconds": self.status.train_seconds}
        path = self.run.path / CHECKPOINT
        files.write_tensors(path, tensors, {"values": json.dumps(values)})

    def _write_weights(self) -> None:
        files.write_tensors(self.run.path / MODEL, self._weights(), {"step": str(self.trainer.step)})

    def _write_best(self) -> None:
        row = self.metrics[-1]
        about = {name: str(row[name]) for name in ("val_acc", "val_loss", "test_acc", "test_loss")}
        files.write_tensors(self.run.path / BEST, self._weights(), {"epoch": str(self.trainer.epoch)} | about)

    def _weights(self) -> dict[str, NDArray[Any]]:
        return {name: to_numpy(tensor) for name, tensor in self.trainer.net.state_dict().items()}

    def _write_metrics(self) -> None:
        more = [name for name in MORE_METRICS if any(not math.isnan(row[name]) for row in self.metrics)]
        rows = [[int(r["epoch"]), int(r["step"]), *(r[c] for c in (*METRICS[2:], *more))] for r in self.metrics]
        files.write_atomic(self.run.path / METRICS_CSV, files.csv_text((*METRICS, *more), rows).encode())

    def _write_kernels(self) -> None:
        at = np.array([s for s, _ in self.snapshots])
        kernels = to_numpy(torch.stack([k.cpu() for _, k in self.snapshots]))
        files.write_tensors(self.run.path / KERNELS, {"steps": at, "kernels": kernels})


def read_checkpoint(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Tensors and plain values of a checkpoint."""
    files.plain_stat(path)
    with safe_open(path, "np") as f:
        return {k: f.get_tensor(k) for k in f.keys()}, json.loads(f.metadata()["values"])  # noqa: SIM118
