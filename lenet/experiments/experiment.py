"""What an experiment is: one question put to many runs, as settings that vary and seeds.

Runs differ in nothing but what varies and the seed. Each arm (a combination of the values) is trained with the seeds
0, 1, 2 …, the same for all, so that arms are compared seed by seed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, product
from typing import Any

from lenet.common.errors import LenetError
from lenet.common.fields import check_integer
from lenet.runs import labels
from lenet.runs.configuration import CLASSIC, PLACE_GROUPS, RECIPES, SETTINGS, RunConfig, changed, flat

ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""The pattern of an experiment's id."""
MAX_VALUES = 50  # of one setting that varies
MAX_SEEDS = 1000
MAX_RUNS = 2000
MAX_ARMS = 100
"""Each is compared with each: these make 4,950 pairs."""
NOT_VARIED = ("seed", "threads", "cycles", "extended_at")
"""Settings that all arms have alike: the seeds are counted, every run takes one thread, and nothing was extended."""


@dataclass(frozen=True)
class Variation:
    """A setting that varies, by its name in SETTINGS, and its values. Raises LenetError."""

    name: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.name not in SETTINGS:
            raise LenetError("unknown_setting", name=self.name[:40])
        if self.name in NOT_VARIED:
            raise LenetError("cannot_vary", name=self.name)
        if not 1 <= len(self.values) <= MAX_VALUES:
            raise LenetError("too_many_values", name=short_name(self.name), value=len(self.values), limit=MAX_VALUES)
        checked = tuple(SETTINGS[self.name].check(value) for value in self.values)
        if self.name == "recipe":
            for value in checked:
                if value not in RECIPES:
                    raise LenetError("not_one_of", name="recipe", value=value[:40], options=", ".join(RECIPES))
        object.__setattr__(self, "values", checked)


@dataclass(frozen=True)
class Arm:
    """One combination of the values that vary: each setting's value, by its name in SETTINGS."""

    settings: Mapping[str, Any]

    def label(self) -> str:
        """What distinguishes it, in the short names of the field, which no language changes: `relu`, `lr 0.1, batch 64`.

        Empty for the arm of an experiment in which nothing varies.
        """
        return ", ".join(labels.said(name, value) for name, value in self.settings.items())


@dataclass(frozen=True)
class Experiment:
    """A question: `base` with the settings of each arm, `seeds` times. Raises LenetError where it cannot be asked.

    `given` are settings of `base` (by their names in SETTINGS) that were asked for by name. Where the recipe varies, they
    are kept beside those in which `base` differs from its own recipe; all others are those of the arm's recipe.
    """

    id: str
    base: RunConfig = CLASSIC
    vary: tuple[Variation, ...] = ()
    seeds: int = 1
    question: str = ""  # the key of a ready one (questions.py); empty for one's own
    given: tuple[str, ...] = ()
    created: float = field(default=0.0, compare=False)  # seconds since 1970

    def __post_init__(self) -> None:
        if not re.fullmatch(ID, self.id):
            raise LenetError("bad_experiment_id", id=self.id[:80])
        check_integer("seeds", self.seeds, 1, MAX_SEEDS)
        names = [variation.name for variation in self.vary]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise LenetError("varies_twice", name=short_name(twice))
        arms = math.prod(len(variation.values) for variation in self.vary)
        if arms * self.seeds > MAX_RUNS:
            raise LenetError("too_many_experiment_runs", value=arms * self.seeds, limit=MAX_RUNS)
        if arms > MAX_ARMS:
            raise LenetError("too_many_arms", value=arms, limit=MAX_ARMS)
        # On a CPU, sums of one thread are the same whatever trains them.
        object.__setattr__(self, "base", replace(self.base, seed=0, threads=1, cycles=(), extended_at=()))
        self._check_arms()

    def _check_arms(self) -> None:
        seen: dict[RunConfig, Arm] = {}
        for arm, config in zip(self.arms, self._configs, strict=True):
            plain = _without_idle(config)
            if plain in seen:
                raise LenetError("equal_arms", a=seen[plain].label(), b=arm.label())
            seen[plain] = arm

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Every combination of the values; one arm without settings where nothing varies."""
        names = [variation.name for variation in self.vary]
        values = product(*(variation.values for variation in self.vary))
        return tuple(Arm(dict(zip(names, chosen, strict=True))) for chosen in values)

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The arms that are compared: every two of them, by their numbers."""
        return tuple(combinations(range(len(self.arms)), 2))

    @cached_property
    def _configs(self) -> tuple[RunConfig, ...]:
        """The configuration of each arm, with seed 0. Raises LenetError where one builds no network."""
        return tuple(self._config(arm) for arm in self.arms)

    def _config(self, arm: Arm) -> RunConfig:
        settings = dict(arm.settings)
        base = self.base
        if recipe := settings.pop("recipe", ""):
            base = _under_another_recipe(base, recipe, self.given)
        return changed(base, settings)

    def config(self, arm: int, seed: int) -> RunConfig:
        """The configuration of the run of an arm (by its number) with that seed."""
        if (
            arm,
            seed,
        ) not in self._made:  # each is asked for whenever a page is drawn, and checks itself when it is made
            self._made[arm, seed] = replace(self._configs[arm], seed=seed)
        return self._made[arm, seed]

    @cached_property
    def _made(self) -> dict[tuple[int, int], RunConfig]:
        return {}

    def runs(self) -> Iterator[tuple[int, int]]:
        """(arm, seed) of every run in the order in which they are trained: the first seed of all arms, the second, …"""
        return ((arm, seed) for seed in range(self.seeds) for arm in range(len(self.arms)))

    def same_question(self, other: Experiment) -> bool:
        """Whether the other asks the same, with as many seeds or not."""
        return (self.base, self.vary) == (other.base, other.vary)

    # -- as JSON

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "id": self.id,
            "question": self.question,
            "base": self.base.to_dict(),
            "given": list(self.given),
            "vary": [{"name": v.name, "values": [plain(value) for value in v.values]} for v in self.vary],
            "seeds": self.seeds,
            "created": self.created,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Experiment:
        """What `to_dict` has written. Raises LenetError, KeyError, TypeError and ValueError for anything else."""
        created = float(values.get("created", 0.0))
        if not math.isfinite(created):  # such a time has no place in a list
            raise ValueError(f"created is {created}")
        return cls(
            id=values["id"],
            base=RunConfig.from_dict(values["base"]),
            vary=tuple(Variation(v["name"], tuple(v["values"])) for v in values["vary"]),
            seeds=values["seeds"],
            question=str(values.get("question", "")),
            given=tuple(map(str, values.get("given", ()))),
            created=created,
        )


def short_name(name: str) -> str:
    """A setting as commands call it: `activation` of `model.activation`."""
    return name.removeprefix("model.")


def plain(value: Any) -> Any:
    """A value of a setting as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def _under_another_recipe(base: RunConfig, recipe: str, given: tuple[str, ...]) -> RunConfig:
    """The recipe of that name with what `base` has of its own: see `Experiment`."""
    own, usual = flat(base), flat(RECIPES.get(base.recipe, CLASSIC))
    kept = {
        name: own[name]
        for name, setting in SETTINGS.items()
        if name != "recipe" and (own[name] != usual[name] or name in given or setting.group in PLACE_GROUPS)
    }
    return changed(RECIPES[recipe], {name: SETTINGS[name].check(value) for name, value in kept.items()})


def _without_idle(config: RunConfig) -> RunConfig:
    """The configuration with the defaults of settings that have no effect in it, and without the name of its recipe."""
    values = flat(config)
    idle = {name: setting.default for name, setting in SETTINGS.items() if not setting.has_effect(values)}
    return changed(config, idle | {"recipe": "classic"})
