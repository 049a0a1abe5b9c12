"""What runs are called by their settings: the recipe, and what differs from it or among the runs beside each other.

Settings have their short names of the field here, the same in every language: `classic, lr 0.1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from lenet.common.formatting import as_typed
from lenet.common.translation import translate as _
from lenet.runs.configuration import RECIPES, SETTINGS, RunConfig, flat

SHORT = {
    "muon_lr": "Muon lr",
    "batch_size": "batch",
    "label_smoothing": "smoothing",
    "examples_per_epoch": "images",
    "model.pooling": "pool",
    "model.kernel_size": "kernels",
    "model.hidden": "dense",
    "model.in_channels": "input",
}
"""Short names of settings, where that is not their name in files."""
SAID_BY_VALUE = ("optimizer", "precision", "model.activation")
"""Settings whose value says enough: `adam`, `relu`."""
MOST = 3
"""Settings that are named, at most; of more than so many of the network it is called one's own."""


def label(config: RunConfig) -> str:
    """The recipe and what differs from it: `classic`, or `classic, lr 0.1, batch 64`."""
    return _joined(config.recipe, changes(config), config)


def labels_beside(configs: Sequence[RunConfig]) -> list[str]:
    """The labels of runs that are shown together, with the settings in which those of a recipe differ from each other."""
    found = []
    for config in configs:
        kin = [other for other in configs if other.recipe == config.recipe]
        found.append(_joined(config.recipe, _in_order({*differing(kin), *changes(config)}), config))
    return found


def differing(configs: Sequence[RunConfig]) -> list[str]:
    """The settings of a recipe, by the names of SETTINGS, in which these configurations differ."""
    values = [_flat(config) for config in configs]
    return [
        name
        for name, setting in SETTINGS.items()
        if setting.compared and any(v[name] != values[0][name] for v in values)
    ]


def changes(config: RunConfig) -> tuple[str, ...]:
    """The settings of a recipe, by the names of SETTINGS, that a run has otherwise; none if its recipe is not one of ours.

    Settings that have no effect with the others are left out, and so is the number of classes, which the data determine.
    """
    return _changes(config) if config.recipe in RECIPES else ()


@lru_cache(maxsize=4096)
def _changes(config: RunConfig) -> tuple[str, ...]:
    now = _flat(config)
    base = _flat(RECIPES[config.recipe]) | {"model.num_classes": config.model.num_classes}
    return tuple(
        name
        for name, setting in SETTINGS.items()
        if setting.compared and now[name] != base[name] and setting.has_effect(now)
    )


@lru_cache(maxsize=4096)
def _flat(config: RunConfig) -> dict[str, Any]:
    return flat(config)


def _in_order(names: Iterable[str]) -> list[str]:
    return [name for name in SETTINGS if name in set(names)]


def _joined(recipe: str, names: Sequence[str], config: RunConfig) -> str:
    values = _flat(config)
    of_network = [name for name in names if name.startswith("model.")]
    own = len(of_network) > MOST
    told = [said(name, values[name]) for name in names if not (own and name in of_network)]
    told += [_("own network")] if own else []
    more = [f"+{len(told) - MOST}"] if len(told) > MOST else []
    return ", ".join([recipe, *told[:MOST], *more])


def said(name: str, value: object) -> str:
    """A setting, by its name in SETTINGS, with its value: `relu`, `lr 0.1`, `no batch norm`."""
    short = SHORT.get(name, name.removeprefix("model.").replace("_", " "))
    if isinstance(value, bool):
        return short if value else f"no {short}"
    text = "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = as_typed(value) if isinstance(value, float) else text.replace("_", " ")
    return text if name in SAID_BY_VALUE else f"{short} {text[:20]}"
