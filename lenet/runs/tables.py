"""Runs side by side: their names, the table of all of them, and the settings in which they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lenet.common import paths
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import as_typed
from lenet.common.translation import language
from lenet.common.translation import translate as _
from lenet.runs import Run
from lenet.runs.configuration import SETTINGS, RunConfig, flat
from lenet.runs.labels import labels_beside
from lenet.runs.listing import Listed
from lenet.runs.metrics import best_of
from lenet.runs.parsing import Arrays
from lenet.runs.store import listed


@dataclass(frozen=True)
class Entry:
    """A run with its name for readers, or the reason why its settings or status cannot be read."""

    run: Run
    label: str | None = None
    problem: LenetError | None = None


def entries() -> list[Entry]:
    """Every run, newest first."""
    words = language()
    return [_entry(one, words) for one in listed()]


def _entry(one: Listed[Run], words: str) -> Entry:
    """Worked out once for each language, and for each name where visitors see different ones, until its files change."""
    key = (words, one.run.name if one.stamps[-1] else "")
    entry: Entry | None = one.derived.get(key)
    if entry is None:
        try:
            one.run.stored_status()
            entry = Entry(one.run, one.run.label())
        except LenetError as error:
            return Entry(one.run, problem=error)
        if one.config.dataset != "auto":  # else its label depends on the images that are here
            one.derived[key] = entry
    return entry


def labels(known: Sequence[Entry] | None = None) -> dict[str, str | None]:
    """The names of runs by id, in order; None for one that cannot be read."""
    return {entry.run.id: entry.label for entry in (entries() if known is None else known)}


def run_table(known: Sequence[Entry] | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each readable run with its settings, progress and accuracy, and a sentence for each unreadable one.

    Runs with validation images come first, the one with the highest accuracy on them at the top.
    """
    rows: list[dict[str, Any]] = []
    damaged: list[str] = []
    for entry in entries() if known is None else known:
        if entry.problem:
            damaged.append(explain(entry.problem))
            continue
        try:
            rows.append(_row(entry.run))
        except LenetError as error:
            damaged.append(explain(error))
    validated = _("Validation accuracy")
    if not any(row[validated] for row in rows):
        for row in rows:
            del row[validated], row[_("Test accuracy then")]
        return rows, damaged
    return sorted(rows, key=lambda row: -(row[validated] or 0.0)), damaged


def _row(run: Run) -> dict[str, Any]:
    config, status, metrics = run.config, run.status(), run.metrics()
    trained, name, best = len(metrics["loss"]) > 0, run.data_set.words(), best_of(metrics) - 1
    smoothed = "train_cross_entropy" if config.label_smoothing else "loss"
    return {
        _("Run"): run.short(),
        _("State"): status.words(),
        _("Recipe"): config.recipe,
        _("Epochs"): f"{status.epoch} / {config.epochs}",
        _("Seed"): config.seed,
        _("Validation accuracy"): _rounded(metrics, "val_acc", best, 4) if best >= 0 else None,
        _("Test accuracy then"): _rounded(metrics, "test_acc", best, 4) if best >= 0 else None,
        _("Best test accuracy"): round(float(metrics["test_acc"].max()), 4) if trained else None,
        _("Loss"): _rounded(metrics, "loss", -1, 3),
        _("Training cross-entropy"): _rounded(metrics, smoothed, -1, 3),
        _("Test loss"): _rounded(metrics, "test_loss", -1, 3),
        _("Examples/sec"): round(status.examples_per_sec) or None,
        _("Device"): status.device_name,
        _("Data"): _("sample of {name}").format(name=name) if status.data == "sample" else name,
        **({_("Yours"): run.may_change} if paths.hosted() else {}),
        _("Name in files"): run.id,
    }


def _rounded(metrics: Arrays, name: str, epoch: int, digits: int) -> float | None:
    """A column's value after an epoch (an index); None where it has none."""
    column = metrics.get(name, ())
    value = float(column[epoch]) if len(column) else math.nan
    return None if math.isnan(value) else round(value, digits)


def short_names(runs: Sequence[Run]) -> list[str]:
    """The short names of several runs, made unique."""
    names = [run.short() for run in runs]
    return [name if names.count(name) == 1 else f"{name} ({run.id})" for name, run in zip(names, runs, strict=True)]


def names_beside(runs: Sequence[Run]) -> list[str]:
    """The names of runs that are shown together: what distinguishes them from each other and from their recipes."""
    settings = labels_beside([run.config for run in runs])
    texts = [run.in_words(text) for run, text in zip(runs, settings, strict=True)]
    return [
        text if texts.count(text) == 1 and not run.name and not run.is_reference else run.titled(text)
        for run, text in zip(runs, texts, strict=True)
    ]


def settings_table(runs: Sequence[Run], *, differing: bool) -> list[dict[str, str]]:
    """A row for each setting with its value in each run; with `differing`, only settings that differ.

    A setting without effect, as the warm-up of a schedule that has none, has no value.
    """
    values_of, names = [flat(run.config) for run in runs], short_names(runs)
    rows = []
    for name, setting in SETTINGS.items():
        texts = [_plain(values[name]) if setting.has_effect(values) else "–" for values in values_of]
        if not differing or len(set(texts)) > 1:
            named = {_("Setting"): _(setting.label), _("Name in files"): name}
            rows.append(named | dict(zip(names, texts, strict=True)))
    return rows


def changes(config: RunConfig, recipe: RunConfig) -> list[str]:
    """The settings with an effect in which `config` differs from `recipe`, one phrase each: `Learning rate 0.9 → 0.5`."""
    was, now = flat(recipe), flat(config)
    return [
        f"{_(setting.label)} {_plain(was[name])} → {_plain(now[name])}"
        for name, setting in SETTINGS.items()
        if setting.compared and was[name] != now[name] and setting.has_effect(now)
    ]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return as_typed(value) if isinstance(value, float) else str(value)
