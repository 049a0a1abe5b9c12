"""What a run leaves in its directory while it is trained: status, curve, kernels, weights, checkpoint.

The recorder looks at the clock after every step. A few times a second it fetches what the device has gathered, writes
it where readers see it, and listens for requests.
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor

from lenet import data, runs
from lenet.common import files
from lenet.common.errors import LenetError
from lenet.runs import Run, Status
from lenet.training.trainer import Meter, Trainer, snapshot_steps, to_numpy

LOOK_EVERY = 0.25  # seconds
LOOK_AT_THE_LATEST = 10.0  # seconds, however slow the disk: somebody may have pressed Stop
LOST_AFTER = 50  # steps, of which most have a loss more than LOST times the first one, and no run has come back
LOST = 10.0
ROWS_AN_EPOCH = 4000  # of steps.csv and gradients.csv: of more steps, every second one is written, every third, …


class Asked(Exception):
    """The run is to end here; `state` is what it is called then: `stopped`, `paused`, or `queued` where its process
    has to go and another will take it up."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Recorder:
    """The writer of one run directory."""

    def __init__(self, run: Run, trainer: Trainer, status: Status, leaving: Callable[[], bool]) -> None:
        self.run, self.trainer, self.status, self.leaving = run, trainer, status, leaving
        self.rows: list[list[float]] = []  # of metrics.csv
        self.written = 0  # steps of the epoch in progress that have been looked at for steps.csv
        self.first_loss = 0.0  # of the run; 0 until it is there
        self.latest: deque[float] = deque(maxlen=LOST_AFTER)  # losses
        self.every = -(-trainer.steps_per_epoch // ROWS_AN_EPOCH)
        self.snapshots: list[tuple[int, Tensor]] = []
        self.wanted = snapshot_steps(trainer.total_steps, trainer.steps_per_epoch)
        self.looked = self.clock = time.perf_counter()
        self.meter = Meter(trainer.device)
        self.rest = LOOK_EVERY  # seconds until the next look
        self.epoch_of_clock = time.time() - self.clock

    def now(self) -> float:
        """Seconds since 1970 by a clock that nobody sets while the run is trained: differences are durations."""
        return self.epoch_of_clock + time.perf_counter()

    def begin(self) -> None:
        """Start the files of a fresh run, or put those of an ended one back to its checkpoint."""
        t, path = self.trainer, self.run.path
        checkpoint = path / "checkpoint.safetensors"
        if checkpoint.exists():
            tensors, values = read_checkpoint(checkpoint)
            t.restore(tensors, values)
            self.rows = values["metrics"]
            self.written = t.i
            for name, columns in (("steps.csv", runs.STEPS), ("gradients.csv", ("step", *t.layers))):
                rows = t.epoch * (t.steps_per_epoch // self.every) + t.i // self.every
                self._cut_table(name, columns, rows)
            at, kernels = self.run.kernels()
            self.snapshots = [(int(s), torch.from_numpy(k)) for s, k in zip(at, kernels, strict=True) if s <= t.step]
            self.status = replace(self.status, train_seconds=values["train_seconds"])
            self.first_loss = float(self.run.steps()["loss"][:1].sum())
        else:
            files.write_atomic(path / "steps.csv", files.csv_text(runs.STEPS, []).encode())
            files.write_atomic(path / "gradients.csv", files.csv_text(("step", *t.layers), []).encode())
            self.snapshots = [(0, t.first_kernels())]
            self._write_weights()
        self._write_metrics()
        self._write_kernels()
        self.clock = time.perf_counter()
        self.update(state="running", epoch=t.epoch, step=t.step, started=self.now(), started_step=t.step)

    def look(self) -> None:
        """After a step: keep a snapshot if one is due; a few times a second write and listen.

        Raises Asked where somebody asked for an end or this process has to go, LenetError where the loss is no number any
        more or has exploded, or the run was deleted.
        """
        t = self.trainer
        if t.step in self.wanted:
            self.snapshots.append((t.step, t.first_kernels()))
        now = time.perf_counter()
        if now - self.looked < self.rest and t.i < t.steps_per_epoch:
            return
        self._append_steps()
        if t.i == t.steps_per_epoch:
            self.looked = now
            return  # the end of the epoch writes the rest
        self._write_kernels()
        self.update(step=t.step, **self.meter.read())
        self.looked = time.perf_counter()
        self.rest = min(
            max(LOOK_EVERY, 4 * (self.looked - now)), LOOK_AT_THE_LATEST
        )  # a slow disk takes a fifth at most
        self._listen()

    def _listen(self) -> None:
        if not self.run.exists:  # a file that we wrote in the middle of `rm -r` keeps the directory
            raise LenetError("no_such_run", id=self.run.id)
        for request, state in (("stop", "stopped"), ("pause", "paused")):
            if self.run.requested(request):
                raise Asked(state)
        if self.leaving():
            raise Asked("queued")

    def end_epoch(self, loss: float, train_acc: float) -> None:
        """After an epoch: evaluate, then a row of metrics, the weights, the predictions and a checkpoint.

        Raises Asked as `look` does.
        """
        t = self.trainer
        seconds = time.perf_counter() - self.clock
        classes, confidence = t.predict(t.test)
        test_acc = int((classes == t.test.labels).sum()) / len(t.test)
        spent = self.status.train_seconds + seconds
        before = self.rows[-1][-1] if self.rows else 0.0  # seconds of training at the end of the last epoch
        self.rows.append([t.epoch, t.step, loss, train_acc, test_acc, t.examples / (spent - before), spent])
        self.written = 0
        self._write_kernels()
        self.status = replace(self.status, train_seconds=spent)
        self._write_checkpoint()
        self._write_weights()
        predictions = {"classes": to_numpy(classes).astype(np.uint8), "confidence": to_numpy(confidence)}
        files.write_tensors(self.run.path / "predictions.safetensors", predictions)
        self._write_metrics()
        self.clock = self.looked = time.perf_counter()
        self.update(epoch=t.epoch, step=t.step, examples_per_sec=t.examples * t.epoch / spent)
        if t.epoch < t.config.epochs:
            self._listen()  # an epoch may be over before its first look

    def end_early(self, state: str) -> None:
        """Keep everything as it is at this step, so that the run can go on from here."""
        seconds = time.perf_counter() - self.clock
        self.status = replace(self.status, train_seconds=self.status.train_seconds + seconds)
        self._append_steps()
        self._write_kernels()
        self._write_checkpoint()
        self._write_weights()
        for_worker = self.status.for_worker or state == "queued"
        self.update(state=state, step=self.trainer.step, for_worker=for_worker)

    def update(self, **changes: Any) -> None:
        """Change the status and write it."""
        self.status = replace(self.status, updated=self.now(), **changes)
        files.write_json(self.run.path / "status.json", asdict(self.status))

    def _append_steps(self) -> None:
        t, done = self.trainer, self.written
        losses = t.losses[done : t.i].tolist()
        norms = t.norms[done : t.i].tolist()
        first = t.epoch * t.steps_per_epoch + 1
        kept = range(done + (-done - 1) % self.every, t.i, self.every)
        for name, rows in (("steps.csv", [[x] for x in losses]), ("gradients.csv", norms)):
            lines = (",".join([str(first + n), *(f"{x:.6g}" for x in rows[n - done])]) + "\n" for n in kept)
            with (self.run.path / name).open("a", encoding="utf-8") as f:
                f.write("".join(lines))
        self.written = t.i
        if not np.isfinite(losses).all():
            bad = next(x for x in losses if not np.isfinite(x))
            raise LenetError("diverged", loss=str(bad), epoch=t.epoch + 1)
        self._check_loss(losses)

    def _check_loss(self, losses: list[float]) -> None:
        """Raises LenetError where most of the latest losses are far beyond that of the first step.

        Most, and of many steps: a run may leap and come back, at the peak of a learning rate or where one batch was odd.
        A network that guesses has a loss of ln 10 = 2.3; one whose first step has less is measured by that.
        """
        self.first_loss = self.first_loss or next(iter(losses), 0.0)
        self.latest += losses
        usual = float(np.median(self.latest)) if self.latest else 0.0
        if len(self.latest) == LOST_AFTER and usual > LOST * max(
            self.first_loss, math.log(len(data.data_set().classes))
        ):
            raise LenetError("diverged", loss=f"{usual:.3g}", epoch=self.trainer.epoch + 1)

    def _cut_table(self, name: str, columns: tuple[str, ...], rows: int) -> None:
        """Keep the first `rows` rows, if all of the last one is there."""
        path = self.run.path / name
        raw = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = raw[: raw.rfind("\n") + 1].splitlines()[1 : rows + 1]
        files.write_atomic(path, "\n".join([",".join(columns), *lines, ""]).encode())

    def _write_checkpoint(self) -> None:
        tensors, values = self.trainer.checkpoint()
        # The rows of metrics are in it too: no epoch can be in one file and not in the other.
        values |= {"metrics": self.rows, "train_seconds": self.status.train_seconds}
        path = self.run.path / "checkpoint.safetensors"
        files.write_tensors(path, tensors, {"values": json.dumps(values)})

    def _write_weights(self) -> None:
        state = {k: to_numpy(v) for k, v in self.trainer.net.state_dict().items()}
        files.write_tensors(self.run.path / "model.safetensors", state)

    def _write_metrics(self) -> None:
        rows = [[int(r[0]), int(r[1]), *r[2 : len(runs.METRICS)]] for r in self.rows]
        files.write_atomic(self.run.path / "metrics.csv", files.csv_text(runs.METRICS, rows).encode())

    def _write_kernels(self) -> None:
        at = np.array([s for s, _ in self.snapshots])
        kernels = to_numpy(torch.stack([k.cpu() for _, k in self.snapshots]))
        files.write_tensors(self.run.path / "kernels.safetensors", {"steps": at, "kernels": kernels})


def read_checkpoint(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Tensors and plain values of a checkpoint."""
    files.plain_stat(path)
    with safe_open(path, "np") as f:
        return {k: f.get_tensor(k) for k in f.keys()}, json.loads(f.metadata()["values"])  # noqa: SIM118
