"""The values of a setting that varies as a line of text, which a reader types and a link holds: `0.1, 0.3` or `6-16, 12-16`."""

from __future__ import annotations

import math
import re
from typing import Any

from lenet.common import fields, numbers
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.formatting import as_typed
from lenet.experiments.experiment import NOT_VARIED
from lenet.runs import options
from lenet.runs.configuration import PLACE_GROUPS, SETTINGS

MAX_LENGTH = 2000
"""Characters of such a line: more than any experiment may have values."""
SUGGESTED = {
    "momentum": (0.0, 0.9),
    "weight_decay": (0.0, 0.01),
    "warmup": (0.0, 0.1),
    "eta_min": (0.0, 0.01),
    "label_smoothing": (0.0, 0.1),
    "validation": (0.0, 0.5),
    "early_stopping": (0, 3),
    "examples_per_epoch": (1000, 5000),
    "model.dropout": (0.0, 0.25),
    "model.kernel_size": ((3, 3), (5, 5)),
    "model.padding": ((0, 0), (2, 0)),
    "model.stride": ((1, 1), (2, 1)),
}
"""What is suggested for settings that are 0 in recipes, or whose double says little."""
NOT_ON_PAGE = (
    *NOT_VARIED, "epochs", "device", "data", "dataset", "model.in_channels", "model.input_size", "model.num_classes",
)  # fmt: skip
"""Settings that a question on the page does not vary: those that the data determine, those that change the test images, and
those that all runs share (the page asks for them)."""


def varied() -> dict[str, Field]:
    """The settings that a question on the page can vary, by name: the network, training, and what a recipe is as a whole."""
    found = {name: field for name, field in SETTINGS.items() if name not in NOT_ON_PAGE}
    first = [name for name in found if SETTINGS[name].group not in PLACE_GROUPS]
    return {name: found[name] for name in sorted(found, key=lambda name: (name not in first, not _of_network(name)))}


def _of_network(name: str) -> bool:
    return name.startswith("model.")


def is_chosen(field: Field) -> bool:
    """Whether its values are chosen from a list; others are typed."""
    return field.kind is bool or bool(field.choices)


def written(values: tuple[Any, ...]) -> str:
    """The line that `read` takes for these values."""
    return ", ".join(map(_text, values))


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "-".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return as_typed(value) if isinstance(value, int | float) else str(value)


def read(field: Field, text: str) -> tuple[Any, ...]:
    """The values in a line, each once. Raises LenetError, naming what is none.

    Between numbers stand commas; where semicolons do, a comma is a decimal one.
    """
    plain = numbers.plain(text).strip()
    parts = re.split(r"[;；]" if re.search(r"[;；]", plain) else r"[,，、\s]+", plain)
    found = [_value(field, part.strip()) for part in parts if part.strip()]
    return tuple(dict.fromkeys(found))


def _value(field: Field, part: str) -> Any:
    if field.kind is bool:
        known = {"true": True, "false": False}
        if part not in known:
            raise LenetError("not_one_of", name=field.name, value=part[:40], options=", ".join(known))
        return known[part]
    if field.kind in (int, float):
        return field.read(part)
    if not options.is_list(field):
        return field.check(part)
    entries = [] if part == "none" else part.split("-")
    whole = fields.Field(field.name, int, low=field.low, high=field.high)
    return field.check(tuple(int(whole.read(entry)) for entry in entries))


def suggested(name: str, now: Any) -> tuple[Any, ...]:
    """Values to begin with for a setting that is `now`: its options, or half of it, itself and twice as much."""
    field = SETTINGS[name]
    if field.kind is bool:
        return (False, True)
    if field.choices:
        return field.choices[:2] if now in field.choices[:2] else (now, field.choices[0])
    if name in SUGGESTED:
        return SUGGESTED[name]
    if isinstance(now, list | tuple):
        return tuple(dict.fromkeys((tuple(_within(field, n * factor) for n in now)) for factor in (0.5, 1, 2)))
    return tuple(dict.fromkeys(_within(field, now * factor) for factor in (0.5, 1, 2)))


def _within(field: Field, value: float) -> Any:
    value = min(max(value, field.low), field.high)
    return float(f"{value:.2g}") if field.kind is float else math.floor(value)
