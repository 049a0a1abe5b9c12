"""What the training page tells of runs: curves thinned for drawing, progress in words, mistakes, tables."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import data, runs
from lenet.common import paths
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import clock, number
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.data import CLASSES
from lenet.runs import Run, Status, configuration, rules
from lenet.runs.configuration import RunConfig
from lenet.runs.visitors import visitor

MAX_POINTS = 600  # of one step-level curve: a screen has no pixels for more, and a live page sends them every second
TELL_AFTER = 2.0  # seconds of training: the first steps are slow, and what follows from them is wrong
SPRINT_EPOCHS = 2  # that take `sprint` past the note's accuracy on the sample

# -- curves -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curve:
    """One run as the figure draws it. All x are in epochs; losses of steps are means over neighbours.

    Equal is only what is the same object: figures are kept by it.
    """

    id: str
    label: str
    epochs: NDArray[Any]
    loss: NDArray[Any]
    train_acc: NDArray[Any]
    test_acc: NDArray[Any]
    step_x: NDArray[Any]
    step_loss: NDArray[Any]


def curve(run: Run) -> Curve:
    """The curve of a run so far, the same object until it grows. Raises LenetError where a file cannot be read."""
    per_epoch = max(run.status().steps_per_epoch, 1)
    return _curve(run, run.label(), per_epoch, run.stamp("metrics.csv"), run.stamp("steps.csv"))


@lru_cache(maxsize=64)
def _curve(run: Run, label: str, per_epoch: int, *_stamps: tuple[int, ...]) -> Curve:
    m, s = run.metrics(), run.steps()
    x, y = thin(s["step"] / per_epoch, s["loss"], MAX_POINTS)
    return Curve(run.id, label, m["epoch"], m["loss"], m["train_acc"], m["test_acc"], x, y)


def thin(x: NDArray[Any], y: NDArray[Any], points: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most `points` points: each the last x and the mean y of as many neighbours as that takes."""
    size = -(-len(x) // points)
    if size <= 1:
        return x, y
    starts = np.arange(0, len(x), size)
    ends = np.minimum(starts + size, len(x))
    return x[ends - 1], np.add.reduceat(y, starts) / (ends - starts)


def view_range(view: str, longest: int, status: Status) -> tuple[float, float]:
    """The epochs to show: `all`, `last` (the epoch in progress or the last one), or a range as `2-5`."""
    if view == "all":
        return 0.0, float(longest)
    if view == "last":
        done = max(status.step / max(status.steps_per_epoch, 1), 1.0)
        return math.ceil(done) - 1.0, float(math.ceil(done))
    low, _dash, high = view.partition("-")
    return float(low), float(high)


def gradients(run: Run) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """For each layer: x in epochs, and the norm of the loss's gradient in its weights (a mean over neighbours)."""
    table = dict(run.gradients())
    if not table:
        return {}
    x = table.pop("step") / max(run.status().steps_per_epoch, 1)
    words = _layer_words(run, list(table))
    return {words[name]: thin(x, norms, MAX_POINTS) for name, norms in table.items()}


def _layer_words(run: Run, names: Sequence[str]) -> dict[str, str]:
    """What the layers of these weights are, with PyTorch's names in brackets."""
    weights: Mapping[str, NDArray[Any]] = {}
    with suppress(LenetError):
        weights = run.weights()
    words, convolutions, dense = {}, count(1), count(1)
    for name in names:
        axes = weights[name].ndim if name in weights else 0
        if axes == 4:
            words[name] = _("convolution {n} ({name})").format(n=next(convolutions), name=name)
        elif axes == 2:
            words[name] = _("dense {n} ({name})").format(n=next(dense), name=name)
        else:
            words[name] = name
    return words


# -- before a run -------------------------------------------------------------------------------------------------


def changes(config: RunConfig, recipe: RunConfig) -> list[str]:
    """What of `config` is not as in `recipe`, one phrase a setting: `Learning rate 0.9 → 0.5`."""
    was, now = configuration.flat(recipe), configuration.flat(config)
    outside = {"recipe", "epochs", "seed", "device", "data", "cycles"}  # not of the recipe
    return [
        f"{_(words)} {_plain(was[name])} → {_plain(now[name])}"
        for name, words in configuration.SETTINGS.items()
        if name not in outside and was[name] != now[name]
    ]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sample_hint(config: RunConfig) -> str:
    """What to expect of a recipe on the sample; empty where there is nothing to say."""
    try:
        if data.find(config.data).kind != "sample":
            return ""
    except data.DataError:
        return ""
    steps = -(-data.SAMPLE_SIZES["train"] // config.batch_size)
    if config.recipe == "sprint" and config.epochs < SPRINT_EPOCHS:
        text = _(
            "On the bundled sample an epoch is only {steps} steps: take {epochs} epochs or more to get past 0.805."
        )
        return text.format(steps=steps, epochs=SPRINT_EPOCHS)
    if config.model.activation != "sigmoid" or config.optimizer != "sgd":
        return ""
    text = _(
        "On the bundled sample an epoch is only {steps} steps. A sigmoid network needs some 300 steps to leave its "
        "plateau: take {epochs} epochs or more, the modern recipe, or the complete data."
    )
    return text.format(steps=steps, epochs=round(900 / steps))


def limits_line() -> tuple[str, str] | None:
    """What this server lets who asks train, in a line, and the rest of its rules; None where nothing is limited."""
    limits, who = rules.limits(), visitor()
    if limits is None or who.operator:
        return None
    line = _("On this server: up to {epochs} epochs a run; runs of yours in the queue: {n} of {limit}")
    rest = _(
        "Owners take turns in the queue; {running} of all runs can be in training at a time. The server keeps {runs} runs "
        "and {disk} MB: the oldest go first, but for pinned ones (up to {pinned} of yours). Only who started a run, in the "
        "same browser, can change it."
    )
    return (
        line.format(epochs=limits.epochs, limit=limits.waiting, n=runs.waiting_of(who.owner)),
        rest.format(running=limits.running, runs=limits.runs, disk=limits.disk_mb, pinned=limits.pinned),
    )


# -- how a run stands, in words -----------------------------------------------------------------------------------


def progress_line(run: Run, status: Status) -> str:
    """State, epoch, speed, device and time left in one line of the reader's language."""
    config = run.config
    parts = [status.words()]
    if status.state == "queued" and status.epoch:  # how far it goes on may not be in its configuration yet
        parts.append(_("goes on after epoch {epoch}").format(epoch=status.epoch))
    else:
        parts.append(_("epoch {epoch} of {epochs}").format(epoch=status.epoch, epochs=config.epochs))
    if status.state == "queued" and (ahead := runs.ahead_of(run)):
        parts.append(ngettext("{n} run before it", "{n} runs before it", len(ahead)).format(n=len(ahead)))
        if (wait := runs.seconds_to_train(ahead)) is not None:
            parts.append(_("begins in about {time}").format(time=clock(wait)))
    speed = examples_per_sec(status, config.batch_size)
    if speed:
        parts.append(_("{speed} examples/sec on {device}").format(speed=number(speed), device=status.device_name))
    if status.state == "running":
        parts += device_in_use(status)
    if status.train_images:
        parts.append(_("{n} images an epoch").format(n=number(status.train_images)))
    if status.state == "running" and (left := seconds_left(status, config.epochs)) is not None:
        parts.append(_("{time} left").format(time=clock(left)))
    return " · ".join(parts)


def fraction_done(status: Status, epochs: int) -> float:
    """Share of all steps that are done, 0 to 1."""
    total = status.steps_per_epoch * epochs
    return min(status.step / total, 1.0) if total else 0.0


def seconds_left(status: Status, epochs: int) -> float | None:
    """Time to the end at the speed of this training so far, evaluation included; None before that can be told."""
    done, took = status.step - status.started_step, status.updated - status.started
    if done <= 0 or took < TELL_AFTER:
        return None
    return (status.steps_per_epoch * epochs - status.step) * took / done


def examples_per_sec(status: Status, batch_size: int) -> float:
    """Speed of the training in progress, evaluation included; of an ended run, of its training alone."""
    done, took = status.step - status.started_step, status.updated - status.started
    if status.state != "running" or done <= 0 or took <= 0:
        return status.examples_per_sec
    return done * batch_size / took


def device_in_use(status: Status) -> list[str]:
    """How busy the device is and how full its memory, as far as that was measured."""
    parts = []
    if status.use:
        words = (
            _("{share} of the GPU busy") if status.memory_total else _("{share} of all cores used by this training")
        )
        parts.append(words.format(share=f"{status.use:.0%}"))
    if status.memory_total:
        used, total = (f"{n / 2**30:,.1f}" for n in (status.memory, status.memory_total))
        parts.append(_("{used} of {total} GiB").format(used=used, total=total))
    return parts


def why_interrupted(run: Run) -> str:
    """What an interrupted run is, and how it goes on."""
    text = _("Its process ended before the run was finished: it was killed, or the machine went down.")
    if runs.will_be_requeued(run):
        return text + " " + _("The next trainer that starts takes it up by itself; Resume does so now.")
    return text + " " + _("Resume goes on from the last step that was kept.")


def how_it_ran(status: Status) -> str:
    """How the run stepped and what memory that took, in one line; empty before it has ended."""
    if not status.peak_memory:
        return ""
    text = _("Steps: {engine} · peak memory {memory} MiB · {device}")
    return text.format(engine=status.engine, memory=number(status.peak_memory / 2**20), device=status.device_name)


# -- what its network does ----------------------------------------------------------------------------------------


def judged_images(run: Run) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """Test images, their labels, the classes that the run's network gave them, and its softmax; None before epoch 1.

    A run of the full data set on a machine that has only the sample shows the sample's images, which are its first.
    """
    predictions = run.predictions()
    if predictions is None:
        return None
    try:
        images, labels = data.load("test", run.status().data or "auto")
    except data.DataError as error:
        if error.code != "data_missing":
            raise
        images, labels = data.load("test", "sample")
    n = min(len(labels), len(predictions[0]))
    return images[:n], labels[:n], predictions[0][:n], predictions[1][:n]


def confusion(labels: NDArray[Any], classes: NDArray[Any], n: int = 10) -> NDArray[np.int64]:
    """[n, n]: how many images of label i were given class j."""
    counts = np.bincount(labels * n + classes, minlength=n * n)
    return np.asarray(counts[: n * n], np.int64).reshape(n, n)


def worst_mistakes(
    labels: NDArray[Any], classes: NDArray[Any], confidence: NDArray[Any], count: int
) -> NDArray[np.int64]:
    """Indices of the `count` wrongly classified images of which the network was surest, surest first."""
    wrong = np.flatnonzero(labels != classes)
    return np.asarray(wrong[np.argsort(-confidence[wrong], kind="stable")][:count])


def mistake_words(label: int, given: int, confidence: float) -> tuple[str, str]:
    """The two lines under a picture that the network got wrong."""
    return f"{_(CLASSES[label])} →", f"{_(CLASSES[given])}, {confidence:.2f}"


def parameter_dump(run: Run) -> str:
    """Every parameter's name, shape and first ten values, as the note prints them."""
    return _dump(run, run.stamp("model.safetensors"))


@lru_cache(maxsize=32)  # 2 ms that all who watch a run share
def _dump(run: Run, _stamp: tuple[int, ...]) -> str:
    lines = []
    for name, w in run.weights().items():
        values = np.array2string(
            w.ravel()[:10], precision=4, separator=", ", floatmode="fixed", max_line_width=46, prefix="tensor("
        )
        lines += [f"{name}: shape={tuple(w.shape)}", f"tensor({values})"]
    return "\n".join(lines)


# -- runs side by side --------------------------------------------------------------------------------------------


def run_labels() -> dict[str, str | None]:
    """Every run by id with the name a reader knows it by, newest first; None for one whose settings or state cannot be
    read."""
    labels: dict[str, str | None] = {}
    for run in runs.list_runs():
        try:
            run.stored_status()
            labels[run.id] = run.label()
        except LenetError:
            labels[run.id] = None
    return labels


def run_table() -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each run that can be read: what it was, how it stands, how good it is. And a sentence for each that
    cannot."""
    rows: list[dict[str, Any]] = []
    damaged: list[str] = []
    for run in runs.list_runs():
        try:
            name, config, status, metrics = run.short(), run.config, run.status(), run.metrics()
        except LenetError as error:
            damaged.append(explain(error))
            continue
        best = float(metrics["test_acc"].max(initial=0.0))
        rows.append(
            {
                _("Run"): name,
                _("State"): status.words(),
                _("Recipe"): config.recipe,
                _("Epochs"): f"{status.epoch} / {config.epochs}",
                _("Seed"): config.seed,
                _("Loss"): round(float(metrics["loss"][-1]), 3) if len(metrics["loss"]) else None,
                _("Best test accuracy"): round(best, 4) if len(metrics["loss"]) else None,
                _("Examples/sec"): round(status.examples_per_sec) or None,
                _("Device"): status.device_name,
                _("Data"): status.data,
                **({_("Yours"): run.may_change} if paths.hosted() else {}),
                _("In files"): run.id,
            }
        )
    return rows, damaged


def short_names(runs: Sequence[Run]) -> list[str]:
    """What readers know several runs by, each by another name."""
    names = [run.short() for run in runs]
    return [name if names.count(name) == 1 else f"{name} ({run.id})" for name, run in zip(names, runs, strict=True)]


def settings_table(runs: Sequence[Run], *, differing: bool) -> list[dict[str, str]]:
    """A row for each setting with its value in each run; with `differing`, only those that are not the same."""
    values_of, names = [configuration.flat(run.config) for run in runs], short_names(runs)
    rows = []
    for name, words in configuration.SETTINGS.items():
        texts = [_plain(values[name]) for values in values_of]
        if not differing or len(set(texts)) > 1:
            named = {_("Setting"): _(words), _("In files"): name}
            rows.append(named | dict(zip(names, texts, strict=True)))
    return rows


@lru_cache(maxsize=1)
def batch_sizes() -> dict[str, Any]:
    """What `python -m lenet.bench --batch-sizes` printed when this version was made: `device`, `torch`, `rows`."""
    values: dict[str, Any] = json.loads((paths.REFERENCE_DIR / "batch_sizes.json").read_bytes())
    return values


def batch_size_rows() -> list[dict[str, str]]:
    """The table over batch sizes for readers."""
    return [
        {
            _("Batch size"): str(row["batch_size"]),
            _("Examples/sec"): number(row["examples_per_sec"]),
            _("Peak memory"): number(row["peak_memory"] / 2**20) + " MiB",
        }
        for row in batch_sizes()["rows"]
    ]
