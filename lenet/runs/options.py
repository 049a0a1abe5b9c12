"""The settings of a run as options of a command: `--lr 0.1`, `--channels 6,16`, `--no-batch-norm`.

There is one option for each entry of SETTINGS. Its help is made from what the table says: label, limits, defaults.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from types import UnionType
from typing import Any, get_args, get_origin

from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.formatting import as_typed
from lenet.runs.configuration import CLASSIC, RECIPES, SETTINGS, RunConfig, flat

GROUPS = {
    "run": ("what is trained, for how long, on which images", None),
    "network": ("network", "A list has commas and no spaces, or is none: --channels 6,16 --hidden none"),
    "training": ("training", None),
    "regularisation": ("regularisation", None),
}
"""The headings of the help, with a remark. Settings that belong to no other group stand under `training`."""
PLACES = {"recipe": "run", "length": "run", "place": "run"}
NETWORK = "model."
NONE = "none"
"""How an empty list is written."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give a parser an option for each setting. What is left out is not in its namespace."""
    groups = {name: parser.add_argument_group(*heading) for name, heading in GROUPS.items()}
    for name, field in SETTINGS.items():
        takes: dict[str, Any] = {"metavar": _metavar(field)}
        if field.kind is bool:
            takes = {"action": argparse.BooleanOptionalAction}
        groups[_group(name, field)].add_argument(
            option(name), dest=name, default=argparse.SUPPRESS, help=_help(name, field).replace("%", "%%"), **takes
        )


def option(name: str) -> str:
    """The option of a setting: `--batch-size`, and `--channels` of `model.channels`."""
    return "--" + name.removeprefix(NETWORK).replace("_", "-")


def given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that are given as options, by the names of SETTINGS; a RunConfig checks their limits.

    Raises LenetError where something else than a number is given for one.
    """
    return {name: read(SETTINGS[name], value) for name, value in vars(args).items() if name in SETTINGS}


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as RunConfig.from_dict takes them, with `changes` by the names of SETTINGS.

    Settings of the network that neither names are those of the recipe. Raises LenetError where that is none of RECIPES.
    """
    if (recipe := changes.get("recipe", "classic")) not in RECIPES:
        raise LenetError("not_one_of", name="recipe", value=recipe[:40], options=", ".join(RECIPES))
    out = dict(values) | {name: value for name, value in changes.items() if not name.startswith(NETWORK)}
    network = {name.removeprefix(NETWORK): v for name, v in changes.items() if name.startswith(NETWORK)}
    if network:
        base = RECIPES.get(str(out.get("recipe", "classic")), CLASSIC)
        own = out.get("model", base.model.to_dict())
        out["model"] = {**own, **network} if isinstance(own, Mapping) else own
    return out


def read(field: Field, value: Any) -> Any:
    """A value of the field's kind from what was typed behind its option. Raises LenetError."""
    if is_list(field):
        parts = [] if value in ("", NONE) else [_number(field, part, int) for part in value.split(",")]
        alone = get_origin(field.kind) is UnionType and len(parts) == 1
        return parts[0] if alone else tuple(parts)
    return _number(field, value, field.kind) if field.kind in (int, float) else value


def _number(field: Field, text: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        code = "not_integer" if kind is int else "not_number"
        raise LenetError(code, name=field.name, value=text[:40] or '""') from None


def without_effect(settings: Mapping[str, Any], config: RunConfig) -> list[str]:
    """A sentence for each of the given `settings` that changes nothing in a run with this configuration."""
    values = flat(config)
    idle = {name: SETTINGS[name] for name in settings if not SETTINGS[name].has_effect(values)}
    return [f"{option(name)} has no effect here: it is used{_needed(field)}." for name, field in idle.items()]


def _needed(field: Field) -> str:
    """` only with --schedule cosine`, behind what is said of a setting; empty if it needs no other."""
    if field.only_with is None:
        return ""
    name, value = field.only_with
    return f" only with {option(name)}" + (f" {value}" if isinstance(value, str) else "")


def written(value: Any) -> str:
    """A value as it is typed behind its option."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return as_typed(value) if isinstance(value, float) else str(value)


# -- the help ------------------------------------------------------------------------------------------------------


def _group(name: str, field: Field) -> str:
    if name.startswith(NETWORK):
        return "network"
    group = PLACES.get(name) or PLACES.get(field.group, field.group)
    return group if group in GROUPS else "training"


def is_list(field: Field) -> bool:
    return any(get_origin(kind) is tuple for kind in (field.kind, *get_args(field.kind)))


def _metavar(field: Field) -> str:
    if field.options:
        return "{" + ",".join(field.choices) + "}"
    if is_list(field):
        return "N[,N]" if get_origin(field.kind) is UnionType else "N,N,…"
    return "N" if field.kind is int else "X"


def _help(name: str, field: Field) -> str:
    """`Learning rate: 1e-08 to 100 (default: 0.9; modern: 0.01; sprint: 0.02)`."""
    words = field.flag or field.label[:1].lower() + field.label[1:]
    if field.kind is not bool and not field.options:
        words += f": {as_typed(field.low)} to {as_typed(field.high)}"
        words += f", at most {field.length} of them" if field.length else ""
    words += f";{needed}" if (needed := _needed(field)) else ""
    values = {recipe: flat(config)[name] for recipe, config in RECIPES.items()}
    defaults = [written(field.default)]
    if name != "recipe":
        defaults += [f"{recipe}: {written(value)}" for recipe, value in values.items() if value != values["classic"]]
    return f"{words} (default: {'; '.join(defaults)})"
