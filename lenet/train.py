"""Train LeNet.

    python -m lenet.train                               # the note's recipe: ten epochs, about 30 s on two CPU cores
    python -m lenet.train --recipe modern --seed 3
    python -m lenet.train --recipe modern --epochs 2 --data sample --run-id try1
    python -m lenet.train --resume try1                 # go on after a crash, a stop, a power cut

Everything a run is lies in its RunConfig (recipes.py); everything it leaves lies in its directory (runs.py), where
the app shows it live. The loop keeps the whole data set on the device as tensors, shuffles there, and asks the
device for nothing between two looks at the clock: reading one number a step is what makes the note's loop wait.
"""

from __future__ import annotations

import argparse
import errno
import json
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet import data, errors, files, recipes, runs, settings
from lenet.architecture import check_integer, known_fields
from lenet.errors import LenetError
from lenet.model import LeNet
from lenet.recipes import RECIPES, RunConfig
from lenet.runs import Run, Status

LOOK_EVERY = 0.25  # seconds between two looks at the clock: new points for the curve, and is there a request?


class Stopped(Exception):
    """Somebody asked for the run to stop."""


# -- what a recipe says, as torch says it ------------------------------------------------------------------------


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


def init_weights(net: nn.Module, init: str) -> None:
    """Initialise in place. `xavier_uniform` is the note's: weights only, biases stay as torch made them."""
    if init == "xavier_uniform":
        for m in net.modules():
            if isinstance(m, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(m.weight)


def make_optimizer(net: nn.Module, config: RunConfig) -> torch.optim.Optimizer:
    """The optimiser of the recipe, in its fused form: one pass over all parameters a step."""
    fused = {"fused": True} if next(net.parameters()).device.type != "mps" else {}
    if config.optimizer == "sgd":
        return torch.optim.SGD(
            net.parameters(), config.lr, momentum=config.momentum, weight_decay=config.weight_decay, **fused
        )
    betas = (config.momentum, 0.999)
    return torch.optim.AdamW(net.parameters(), config.lr, betas=betas, weight_decay=config.weight_decay, **fused)


def learning_rate(config: RunConfig, step: int, total_steps: int) -> float:
    """The learning rate of `step` (from 0). One cycle: linear up to `lr` over the warm-up, linear down to zero."""
    if config.schedule == "constant":
        return config.lr
    warm = config.warmup * total_steps
    if step < warm:
        return config.lr * (step + 1) / (warm + 1)
    return config.lr * (total_steps - step) / (total_steps - warm)


def augment(x: Tensor, how: str, generator: torch.Generator) -> Tensor:
    """A batch (N, 1, 28, 28), each image perhaps mirrored, and with `flip_shift` moved by up to 2 pixels."""
    if how == "none":
        return x
    n, device = len(x), x.device
    mirror = torch.rand(n, 1, 1, 1, device=device, generator=generator) < 0.5
    x = torch.where(mirror, x.flip(3), x)
    if how == "flip_shift":
        shift = torch.randint(0, 5, (2, n, 1), device=device, generator=generator)
        rows, cols = torch.arange(28, device=device) + shift
        x = F.pad(x, (2, 2, 2, 2))[torch.arange(n, device=device)[:, None, None], 0, rows[:, :, None], cols[:, None]]
        x = x[:, None]
    return x


# -- data on the device ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dataset:
    """One split on the device: images float32 (N, 1, 28, 28) in [0, 1] as torchvision's ToTensor gives, labels."""

    images: Tensor
    labels: Tensor

    @classmethod
    def load(cls, split: str, source: data.Source, device: torch.device) -> Dataset:
        images, labels = data.load_from(source.folder, split)
        return cls(
            torch.from_numpy(images.copy()).to(device).float().div_(255),
            torch.from_numpy(labels.copy()).to(device),
        )

    def __len__(self) -> int:
        return len(self.labels)


@torch.no_grad()
def accuracy(net: nn.Module, split: Dataset, batch_size: int = 1000) -> float:
    """Share of `split` that `net` classifies correctly, in evaluation mode."""
    net.eval()
    pairs = zip(torch.split(split.images, batch_size), torch.split(split.labels, batch_size), strict=True)
    correct = torch.stack([(net(x).argmax(1) == y).sum() for x, y in pairs]).sum()
    net.train()
    return correct.item() / len(split)


# -- the loop ----------------------------------------------------------------------------------------------------


class Trainer:
    """The state of one training: network, optimiser, and how many steps they have taken.

    What is random in epoch e depends on the seed and e alone, so that a run resumed after epoch e−1 takes the very
    steps that an uninterrupted one takes.
    """

    def __init__(self, config: RunConfig, train: Dataset, test: Dataset) -> None:
        self.config, self.train, self.test = config, train, test
        self.device = train.images.device
        self.steps_per_epoch = -(-len(train) // config.batch_size)
        self.total_steps = self.steps_per_epoch * config.epochs
        torch.manual_seed(config.seed)
        net = LeNet(config.model)  # on the CPU first: the same weights on every device
        init_weights(net, config.init)
        self.net = net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = make_optimizer(self.net, config)
        self.epoch = 0  # finished epochs

    @property
    def step(self) -> int:
        """Finished steps at the end of the last finished epoch."""
        return self.epoch * self.steps_per_epoch

    def run_epoch(self, after_step: Callable[[int, Tensor], None]) -> tuple[float, float]:
        """One pass over the training images; mean loss and accuracy of its batches as they went by.

        `after_step(i, losses)` is called after each step with its number in the epoch (from 1) and the vector of
        all losses of the epoch so far; it must not ask the device for a number more than a few times a second.
        """
        c = self.config
        generator = torch.Generator(self.device).manual_seed(c.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(self.train), device=self.device, generator=generator)
        losses = torch.zeros(self.steps_per_epoch, device=self.device)
        correct = torch.zeros((), dtype=torch.int64, device=self.device)
        batches = torch.split(order, c.batch_size)
        self.net.train()
        for i, batch in enumerate(batches):
            x, y = augment(self.train.images[batch], c.augment, generator), self.train.labels[batch]
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(c, self.step + i, self.total_steps)
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.net(x)
            loss = F.cross_entropy(logits, y, label_smoothing=c.label_smoothing)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses[i] = loss.detach()
            correct += (logits.detach().argmax(1) == y).sum()
            after_step(i + 1, losses)
        self.epoch += 1
        sizes = torch.tensor([len(batch) for batch in batches])  # the last one may be smaller
        mean = (losses.cpu() * sizes).sum().item() / len(self.train)
        return mean, correct.item() / len(self.train)

    def first_kernels(self) -> Tensor:
        """The weights of the first convolution, (out, in, kh, kw), as they are now."""
        weight: Tensor = self.net.get_parameter("0.weight")
        return weight.detach()

    # A checkpoint is the state dict, the optimiser's buffers and the number of finished epochs: with the seed
    # that is everything. Plain tensors and JSON; loading it runs no code.

    def checkpoint(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Tensors as arrays, and plain values, from which `restore` goes on."""
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        for i, buffers in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{i}.{k}": v for k, v in buffers.items() if isinstance(v, Tensor)}
        # The number of threads decides in which order sums are taken, and so their last bits.
        return {k: to_numpy(v) for k, v in tensors.items()}, {"epoch": self.epoch, "threads": torch.get_num_threads()}

    def restore(self, tensors: dict[str, Any], values: dict[str, Any]) -> None:
        """Take up a checkpoint of the same configuration."""
        state: dict[int, dict[str, Tensor]] = {}
        net: dict[str, Tensor] = {}
        parameters = list(self.net.parameters())
        for name, array in tensors.items():
            kind, _, rest = name.partition(".")
            value = torch.from_numpy(array)
            if kind == "net":
                net[rest] = value
                continue
            index, _, key = rest.partition(".")
            parameter = parameters[int(index)]
            if value.shape == parameter.shape:  # laid out in memory as its parameter is, as it was before
                value = torch.empty_like(parameter).copy_(value)
            state.setdefault(int(index), {})[key] = value
        self.net.load_state_dict(net)
        whole = self.optimizer.state_dict()
        self.optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
        torch.set_num_threads(values["threads"])
        self.epoch = values["epoch"]


def to_numpy(t: Tensor) -> np.ndarray[Any, Any]:
    """A copy of a tensor as a contiguous array on the CPU."""
    return t.detach().cpu().contiguous().numpy().copy()


def snapshot_steps(total_steps: int, steps_per_epoch: int) -> set[int]:
    """Steps at which the kernels are kept: dense at first, where everything happens, then thinner; epoch ends too.

    At most about 180 whatever the length, so that a page can send the whole history (600 bytes each for LeNet).
    """
    dense = np.unique(np.geomspace(1, total_steps, 80).round().astype(int))
    ends = np.arange(steps_per_epoch, total_steps + 1, steps_per_epoch)
    return {0, total_steps, *dense.tolist(), *ends[:: -(-len(ends) // 100)].tolist()}


# -- a run: the loop, and what it leaves in its directory --------------------------------------------------------


class Recorder:
    """Writes what a run leaves behind: status, curve, kernels, weights, checkpoint."""

    def __init__(self, run: Run, trainer: Trainer, status: Status) -> None:
        self.run, self.trainer, self.status = run, trainer, status
        self.rows: list[list[float]] = []
        self.losses: list[float] = []  # of the epoch in progress, already written
        self.on_device = torch.empty(0)  # all losses of the epoch in progress
        self.snapshots: list[tuple[int, Tensor]] = []
        self.wanted = snapshot_steps(trainer.total_steps, trainer.steps_per_epoch)
        self.looked = time.perf_counter()

    def begin(self) -> None:
        """Start the files of a fresh run, or put those of an interrupted one back to its last finished epoch."""
        t, path = self.trainer, self.run.path
        checkpoint = path / "checkpoint.safetensors"
        if checkpoint.exists():
            tensors, values = read_checkpoint(checkpoint)
            t.restore(tensors, values)
            self.rows = values["metrics"]
            steps = self.run.steps()
            self._write_steps(list(zip(steps["step"], steps["loss"], strict=True))[: t.step])
            at, kernels = self.run.kernels()
            self.snapshots = [(int(s), torch.from_numpy(k)) for s, k in zip(at, kernels, strict=True) if s <= t.step]
            self.status = replace(self.status, train_seconds=values["train_seconds"])
        else:
            self._write_steps([])
            self.snapshots = [(0, t.first_kernels().clone())]
            self.write_weights()
        self._write_metrics()
        self._write_kernels()
        self.update(state="running", epoch=t.epoch, step=t.step, started=time.time(), started_step=t.step)

    def look(self, i: int, losses: Tensor) -> None:
        """After step i of the epoch: keep a snapshot if one is due; a few times a second write and listen."""
        self.on_device = losses
        step = self.trainer.step + i
        if step in self.wanted:
            self.snapshots.append((step, self.trainer.first_kernels().clone()))
        last = i == self.trainer.steps_per_epoch
        if time.perf_counter() - self.looked < LOOK_EVERY and not last:
            return
        self.flush(i)
        self._write_kernels()
        self.update(step=step)
        if (self.run.path / "request-stop").exists():
            raise Stopped
        self.looked = time.perf_counter()

    def flush(self, i: int) -> None:
        """Append the losses up to step i of the epoch. Raises LenetError where one is not a number."""
        done = len(self.losses)
        new = self.on_device[done:i].tolist()
        first = self.trainer.step + done + 1
        with (self.run.path / "steps.csv").open("a", encoding="utf-8") as f:
            f.write("".join(f"{first + n},{loss:.6g}\n" for n, loss in enumerate(new)))
        self.losses += new
        if not np.isfinite(new).all():
            bad = next(loss for loss in new if not np.isfinite(loss))
            raise LenetError("diverged", loss=str(bad), epoch=self.trainer.epoch + 1)

    def end_epoch(self, loss: float, train_acc: float, test_acc: float, seconds: float) -> None:
        """A row of metrics, the weights and a checkpoint, after an epoch that took `seconds` to train."""
        t = self.trainer
        train_seconds = self.status.train_seconds + seconds
        self.rows.append([t.epoch, t.step, loss, train_acc, test_acc, len(t.train) / seconds])
        self.losses = []
        self._write_kernels()
        tensors, values = t.checkpoint()
        values |= {"metrics": self.rows, "train_seconds": train_seconds}
        # The checkpoint comes first: it holds the rows too, so that no epoch can be in one file and not the other.
        files.write_tensors(self.run.path / "checkpoint.safetensors", tensors, {"values": json.dumps(values)})
        self.write_weights()
        self._write_metrics()
        self.update(
            epoch=t.epoch,
            step=t.step,
            train_seconds=train_seconds,
            examples_per_sec=len(t.train) * t.epoch / train_seconds,
        )
        self.looked = time.perf_counter()

    def update(self, **changes: Any) -> None:
        """Change the status and write it."""
        self.status = replace(self.status, updated=time.time(), **changes)
        files.write_json(self.run.path / "status.json", asdict(self.status))

    def write_weights(self) -> None:
        state = {k: to_numpy(v) for k, v in self.trainer.net.state_dict().items()}
        files.write_tensors(self.run.path / "model.safetensors", state)

    def _write_metrics(self) -> None:
        rows = [[int(r[0]), int(r[1]), *r[2:]] for r in self.rows]
        files.write_atomic(self.run.path / "metrics.csv", files.csv_text(runs.METRICS, rows).encode())

    def _write_steps(self, rows: list[tuple[float, float]]) -> None:
        text = files.csv_text(runs.STEPS, [(int(s), f"{loss:.6g}") for s, loss in rows])  # type: ignore[misc]
        files.write_atomic(self.run.path / "steps.csv", text.encode())

    def _write_kernels(self) -> None:
        at = np.array([s for s, _ in self.snapshots])
        kernels = to_numpy(torch.stack([k.cpu() for _, k in self.snapshots]))
        files.write_tensors(self.run.path / "kernels.safetensors", {"steps": at, "kernels": kernels})


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tensors and plain values of a checkpoint."""
    from safetensors import safe_open

    with safe_open(path, "np") as f:
        return {k: f.get_tensor(k) for k in f.keys()}, json.loads(f.metadata()["values"])  # noqa: SIM118


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


def train_run(run: Run, cache: DataCache | None = None, say: Callable[[str], None] = lambda line: None) -> Status:
    """Train a queued, stopped or interrupted run to its end, in this process; returns its final status.

    A problem of the run (its loss, its data, its device, the disk) ends in its status, not in an exception.
    Raises LenetError only where another process is training it, or its directory cannot be read or written.
    """
    held = runs.lock(run)
    room = run.path / ".room"
    status = run.stored_status()
    try:
        if status.state == "finished":
            return status
        for request in ("request-stop", "request-resume"):
            (run.path / request).unlink(missing_ok=True)
        room.write_bytes(bytes(2**16))  # given up when the disk is full, so that the last word can be written
        recorder = _start(run, status, cache or DataCache(), say)
        status = recorder.status
        _finish_epochs(recorder, say)
        return recorder.status
    except Stopped:
        recorder.write_weights()
        return _end(run, recorder.status, "stopped")
    except KeyboardInterrupt:
        _end(run, run.stored_status(), "stopped")
        raise
    except Exception as e:
        code, params = _diagnosis(e, run)
        room.unlink(missing_ok=True)
        say(errors.say(code, params))
        kept = len(run.metrics()["epoch"])
        return _end(run, run.stored_status(), "failed", epoch=kept, code=code, params=params)
    finally:
        with suppress(OSError):
            room.unlink(missing_ok=True)
            (run.path / "request-stop").unlink(missing_ok=True)
        held.release()


def _start(run: Run, status: Status, cache: DataCache, say: Callable[[str], None]) -> Recorder:
    config = run.config
    device = pick_device(config.device)
    source = data.find(config.data)
    say(f"training on {device}")
    trainer = Trainer(config, *cache.get(source, device))
    status = replace(
        status,
        code="",
        params=None,
        steps_per_epoch=trainer.steps_per_epoch,
        device=str(device),
        device_name=device_name(device),
        data=source.kind,
        train_images=len(trainer.train),
    )
    recorder = Recorder(run, trainer, status)
    recorder.begin()
    return recorder


def _finish_epochs(recorder: Recorder, say: Callable[[str], None]) -> None:
    trainer = recorder.trainer
    for _ in range(trainer.epoch, trainer.config.epochs):
        start = time.perf_counter()
        loss, train_acc = trainer.run_epoch(recorder.look)
        seconds = time.perf_counter() - start
        test_acc = accuracy(trainer.net, trainer.test)
        recorder.end_epoch(loss, train_acc, test_acc, seconds)
        say(f"epoch {trainer.epoch}: loss {loss:.3f}, train acc {train_acc:.3f}, test acc {test_acc:.3f}")
    recorder.update(state="finished")


def _end(run: Run, status: Status, state: str, **changes: Any) -> Status:
    status = replace(status, state=state, updated=time.time(), **changes)
    files.write_json(run.path / "status.json", asdict(status))
    return status


def _diagnosis(error: Exception, run: Run) -> tuple[str, dict[str, Any]]:
    """What ended a run, as a code and its parameters."""
    if isinstance(error, LenetError):
        return error.code, error.params
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", {"epoch": len(run.metrics()["epoch"])}
    if isinstance(error, torch.OutOfMemoryError):
        return "out_of_memory", {"device": run.config.device}
    traceback.print_exception(error)
    return "crashed", {"reason": f"{type(error).__name__}: {error}".splitlines()[0][:200]}


# -- command line ------------------------------------------------------------------------------------------------


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.train",
        description="Train LeNet on Fashion-MNIST; the app shows the run live.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--recipe", choices=list(RECIPES), help="a named configuration (default: classic)")
    parser.add_argument("--epochs", type=int, help="passes over the training images")
    parser.add_argument("--seed", type=int, help="decides the initial weights and every shuffle")
    parser.add_argument("--device", choices=recipes.DEVICES, help="auto takes a GPU where there is one")
    parser.add_argument("--data", choices=recipes.SOURCES, help="full Fashion-MNIST or the bundled sample")
    parser.add_argument("--threads", type=int, help="CPU threads (default: one a core); fewer on a busy machine")
    parser.add_argument("--runs-dir", type=Path, help="where runs lie (default: LENET_RUNS_DIR, else runs/)")
    parser.add_argument("--run-id", help="name of the run (default: made from recipe and time)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON file with a RunConfig or a LeNetConfig")
    parser.add_argument("--resume", metavar="ID", help="finish a stopped or interrupted run with its own settings")
    return parser.parse_args(argv)


def config_from(args: argparse.Namespace) -> RunConfig:
    """The RunConfig that the options ask for: a file or a recipe, changed by what else is given."""
    values: dict[str, Any] = {}
    if "config" in args:
        try:
            values = json.loads(args.config.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as e:
            raise LenetError("config_unreadable", path=str(args.config), reason=str(e)) from e
        values = dict(known_fields(RunConfig, recipes.whole(values), str(args.config)))
    given = {k: v for k, v in vars(args).items() if k in ("recipe", "epochs", "seed", "device", "data")}
    return RunConfig.from_dict({**values, **given})


def main(argv: list[str] | None = None) -> int:
    """Train as the options say; 0 when the run finished, 1 when it failed or was stopped, 2 for a wrong option."""
    args = parse_args(argv)
    if "runs_dir" in args:
        settings.use_runs_dir(args.runs_dir)
    try:
        if "threads" in args:
            torch.set_num_threads(check_integer("threads", args.threads, 1, 256))
        if "resume" in args:
            run = runs.find(args.resume)
        else:
            run = runs.create(config_from(args), args.run_id if "run_id" in args else None, for_worker=False)
        status = train_run(run, say=lambda line: print(line, flush=True))
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"stopped; go on with: python -m lenet.train --resume {run.id}", file=sys.stderr)
        return 130
    if status.state != "finished":
        return 1
    print("\n".join(run.log_lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
