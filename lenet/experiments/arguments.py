"""What varies, as it is written on a command line: `activation=sigmoid,relu`, `lr=0.1,0.5`, `channels=6-16,12-32`.

Between values stand commas. The entries of a list have hyphens between them, which no shell minds; `none` is an empty list. In
quotation marks a list may be written as in `--channels 6,16` too, with semicolons between the lists: `channels=6,16;12,32`.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from lenet.common import fields
from lenet.common.errors import LenetError
from lenet.experiments.experiment import Experiment, Variation, short_name
from lenet.runs import options
from lenet.runs.configuration import RECIPES, SETTINGS, flat

WORDS = {"yes": True, "true": True, "no": False, "false": False}


def read(text: str) -> Variation:
    """The variation that `NAME=V1,V2` names. Raises LenetError."""
    name, sign, values = text.partition("=")
    if not sign or not values.strip():
        raise LenetError("no_values", value=text[:40])
    name = _full_name(name.strip())
    field = SETTINGS[name]
    is_list = options.is_list(field)
    parts = values.split(";" if is_list and ";" in values else ",")
    return Variation(name, tuple(_value(field, part.strip()) for part in parts))


def _full_name(name: str) -> str:
    """The name in SETTINGS of what is called `batch-size`, `batch_size`, `channels` or `model.channels`."""
    plain = name.lstrip("-").replace("-", "_")
    for known in (plain, options.NETWORK + plain):
        if known in SETTINGS:
            return known
    raise LenetError("unknown_setting", name=name[:40])


def _value(field: fields.Field, text: str) -> Any:
    if field.kind is bool:
        if text not in WORDS:
            raise LenetError("not_one_of", name=field.name, value=text[:40] or '""', options=", ".join(WORDS))
        return WORDS[text]
    return options.read(field, re.sub("[-x]", ",", text) if options.is_list(field) else text)


def written(variation: Variation) -> str:
    """The same as it is typed behind `--vary`."""
    values = (options.written(value).replace(",", "-") for value in variation.values)
    return f"{short_name(variation.name)}={','.join(values)}"


def command(experiment: Experiment) -> str:
    """The command that makes the same experiment, for a shell."""
    words = ["python", "-m", "lenet.experiment"]
    for variation in experiment.vary:
        words += ["--vary", written(variation)]
    base = flat(experiment.base)
    recipe = base["recipe"]
    usual = flat(RECIPES[recipe]) if recipe in RECIPES else flat(RECIPES["classic"])
    if recipe in RECIPES and recipe != "classic":
        words += ["--recipe", recipe]
    varied = {variation.name for variation in experiment.vary}
    for name, value in base.items():
        named = name in experiment.given or (value != usual[name] and name not in ("seed", "threads"))
        if name == "recipe" or name in varied or not named:
            continue
        if isinstance(value, bool):
            words.append(options.option(name) if value else f"--no-{options.option(name)[2:]}")
        else:
            words += [options.option(name), options.written(value)]
    return shlex.join([*words, "--seeds", str(experiment.seeds)])
