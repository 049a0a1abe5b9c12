"""What the training page computes from run directories: curves thinned for drawing, progress, the note's dump."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import data, settings, worker
from lenet.data import CLASSES
from lenet.errors import LenetError, explain
from lenet.i18n import ngettext
from lenet.i18n import translate as _
from lenet.recipes import RunConfig
from lenet.runs import Run, Status, list_runs

MAX_POINTS = (
    600  # of one step-level curve: more than a screen has pixels for, and a live page sends them every second
)


@dataclass(frozen=True)
class Curve:
    """One run as the figure draws it. All x are in epochs; losses of steps are means over neighbours."""

    id: str
    label: str
    epochs: NDArray[Any]
    loss: NDArray[Any]
    train_acc: NDArray[Any]
    test_acc: NDArray[Any]
    step_x: NDArray[Any]
    step_loss: NDArray[Any]


def curve(run: Run) -> Curve:
    """The curve of a run so far. Raises LenetError where a file of the run cannot be read."""
    m, s = run.metrics(), run.steps()
    per_epoch = max(run.status().steps_per_epoch, 1)
    x, y = thin(s["step"] / per_epoch, s["loss"], MAX_POINTS)
    return Curve(run.id, run.label(), m["epoch"], m["loss"], m["train_acc"], m["test_acc"], x, y)


def thin(x: NDArray[Any], y: NDArray[Any], points: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most `points` points: each the last x and the mean y of as many neighbours as that takes."""
    size = -(-len(x) // points)
    if size <= 1:
        return x, y
    starts = np.arange(0, len(x), size)
    ends = np.minimum(starts + size, len(x))
    return x[ends - 1], np.add.reduceat(y, starts) / (ends - starts)


def sample_hint(config: RunConfig) -> str:
    """What to expect of the note's recipe where only the sample is here; empty where there is nothing to say."""
    try:
        sample = data.find(config.data).kind == "sample"
    except data.DataError:
        return ""
    if not sample or config.model.activation != "sigmoid" or config.optimizer != "sgd":
        return ""
    text = _(
        "On the bundled sample an epoch is only {steps} steps. A sigmoid network needs some 300 steps to leave its "
        "plateau: take {epochs} epochs or more, the modern recipe, or the complete data."
    )
    steps = -(-6000 // config.batch_size)
    return text.format(steps=steps, epochs=round(900 / steps))


def fraction_done(status: Status, epochs: int) -> float:
    """Share of all steps that are done, 0 to 1."""
    total = status.steps_per_epoch * epochs
    return min(status.step / total, 1.0) if total else 0.0


def seconds_left(status: Status, epochs: int) -> float | None:
    """Time to the end at the speed of this training so far, evaluation included; None before there is a speed."""
    done, took = status.step - status.started_step, status.updated - status.started
    if done <= 0 or took <= 0:
        return None
    return (status.steps_per_epoch * epochs - status.step) * took / done


def examples_per_sec(status: Status, batch_size: int) -> float:
    """Speed of the training in progress, evaluation included; of an ended run, of its training alone."""
    done, took = status.step - status.started_step, status.updated - status.started
    if status.state != "running" or done <= 0 or took <= 0:
        return status.examples_per_sec
    return done * batch_size / took


def progress_line(run: Run, status: Status) -> str:
    """State, epoch, speed, device and time left in one line of the reader's language."""
    config = run.config
    parts = [status.words(), _("epoch {epoch} of {epochs}").format(epoch=status.epoch, epochs=config.epochs)]
    if status.state == "queued" and (ahead := worker.ahead_of(run)):
        parts.append(ngettext("{n} run before it", "{n} runs before it", len(ahead)).format(n=len(ahead)))
        if (wait := worker.wait_seconds(ahead)) is not None:
            parts.append(_("begins in about {time}").format(time=clock(wait)))
    speed = examples_per_sec(status, config.batch_size)
    if speed:
        parts.append(_("{speed} examples/sec on {device}").format(speed=f"{speed:,.0f}", device=status.device_name))
    if status.train_images:
        parts.append(_("{n} images an epoch").format(n=f"{status.train_images:,}"))
    if status.state == "running" and (left := seconds_left(status, config.epochs)) is not None:
        parts.append(_("{time} left").format(time=clock(left)))
    return " · ".join(parts)


def view_range(view: str, longest: int, status: Status) -> tuple[float, float]:
    """The epochs to show: `all`, `last` (the epoch in progress or the last one), or a range as `2-5`."""
    if view == "all":
        return 0.0, float(longest)
    if view == "last":
        done = max(status.step / max(status.steps_per_epoch, 1), 1.0)
        return math.ceil(done) - 1.0, float(math.ceil(done))
    low, _dash, high = view.partition("-")
    return float(low), float(high)


def mistake_words(label: int, given: int, confidence: float) -> tuple[str, str]:
    """The two lines under a picture that the network got wrong."""
    return f"{_(CLASSES[label])} →", f"{_(CLASSES[given])}, {confidence:.2f}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: 0:07, 3:20, 1:02:00."""
    minutes, s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{s:02}" if hours else f"{minutes}:{s:02}"


def run_labels() -> dict[str, str | None]:
    """Every run by id with the name a reader knows it by, newest first; None for one whose settings or state cannot be
    read."""
    labels: dict[str, str | None] = {}
    for run in list_runs():
        try:
            run.stored_status()
            labels[run.id] = run.label()
        except LenetError:
            labels[run.id] = None
    return labels


def run_table() -> list[dict[str, Any]]:
    """A row for each run: what it was, how it stands, how good it is. A damaged run says so in its row."""
    rows: list[dict[str, Any]] = []
    for run in list_runs():
        try:
            config, status, metrics = run.config, run.status(), run.metrics()
        except LenetError as error:
            rows.append({_("Run"): run.id, _("State"): explain(error)})
            continue
        best = float(metrics["test_acc"].max(initial=0.0))
        rows.append(
            {
                _("Run"): run.id,
                _("State"): status.words(),
                _("Recipe"): config.recipe,
                _("Epochs"): f"{status.epoch} / {config.epochs}",
                _("Seed"): config.seed,
                _("Loss"): round(float(metrics["loss"][-1]), 3) if len(metrics["loss"]) else None,
                _("Best test accuracy"): round(best, 4) if len(metrics["loss"]) else None,
                _("Examples/sec"): round(status.examples_per_sec) or None,
                _("Device"): status.device_name,
                _("Data"): status.data,
            }
        )
    return rows


def gradients(run: Run) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """For each weight by its name: x in epochs, and the norm of the loss's gradient in it (a mean over neighbours)."""
    table = dict(run.gradients())
    if not table:
        return {}
    x = table.pop("step") / max(run.status().steps_per_epoch, 1)
    return {name: thin(x, norms, MAX_POINTS) for name, norms in table.items()}


def settings_table(runs: Sequence[Run], *, differing: bool) -> list[dict[str, str]]:
    """A row for each setting with its value in each run; with `differing`, only those that are not the same."""
    settings = []
    for run in runs:
        values = run.config.to_dict()
        values |= {f"model.{k}": v for k, v in values.pop("model").items()}
        settings.append(values)
    rows = []
    for name in settings[0]:
        texts = [_plain(values.get(name)) for values in settings]
        if not differing or len(set(texts)) > 1:
            rows.append({_("Setting"): name} | {run.id: text for run, text in zip(runs, texts, strict=True)})
    return rows


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def changes(config: RunConfig, recipe: RunConfig) -> list[str]:
    """What of `config` is not as in `recipe`, one phrase a setting: `lr 0.9 → 0.5`."""
    was, now = recipe.to_dict(), config.to_dict()
    was |= {k: v for k, v in was.pop("model").items() if k not in was}
    now |= {k: v for k, v in now.pop("model").items() if k not in now}
    outside = {"recipe", "epochs", "seed", "device", "data", "cycles"}  # not of the recipe
    return [f"{k} {_plain(was[k])} → {_plain(now[k])}" for k in was if k not in outside and was[k] != now[k]]


def how_it_ran(status: Status) -> str:
    """How the run stepped and what memory that took, in one line; empty before it has ended."""
    if not status.peak_memory:
        return ""
    text = _("Steps: {engine} · peak memory {memory} MiB · {device}")
    return text.format(engine=status.engine, memory=f"{status.peak_memory / 2**20:,.0f}", device=status.device_name)


@lru_cache(maxsize=1)
def batch_sizes() -> dict[str, Any]:
    """What `python -m lenet.bench --batch-sizes` printed when this version was made: `device`, `torch`, `rows`."""
    values: dict[str, Any] = json.loads((settings.REFERENCE_DIR / "batch_sizes.json").read_bytes())
    return values


def batch_size_rows() -> list[dict[str, str]]:
    """The table over batch sizes for readers."""
    return [
        {
            _("Batch size"): str(row["batch_size"]),
            _("Examples/sec"): f"{row['examples_per_sec']:,.0f}",
            _("Peak memory"): f"{row['peak_memory'] / 2**20:,.0f} MiB",
        }
        for row in batch_sizes()["rows"]
    ]


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


def parameter_dump(weights: Mapping[str, NDArray[Any]]) -> str:
    """Every parameter's name, shape and first ten values, as the note prints them."""
    lines = []
    for name, w in weights.items():
        values = np.array2string(w.ravel()[:10], precision=4, separator=", ", floatmode="fixed", max_line_width=72)
        lines += [f"{name}: shape={tuple(w.shape)}", f"tensor({values})"]
    return "\n".join(lines)
