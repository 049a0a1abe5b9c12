"""The wall: what everybody's network has learned, a tile for each number, with kernels that look alike in the same place.

Everything is read from the files of the runs, by their stamps: where nothing has changed, nothing is computed again.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import runs
from lenet.classroom import training, work
from lenet.classroom.classroom import Activity, Member
from lenet.classroom.people import members
from lenet.classroom.training import EVERY, Entry
from lenet.common import arrays, colours
from lenet.common.errors import LenetError
from lenet.common.translation import cached
from lenet.common.translation import translate as _
from lenet.experiments import detectors
from lenet.experiments.conclusions import AT_CHANCE
from lenet.kernels import matching
from lenet.kernels.history import Kernels, finite
from lenet.runs import Run, Status
from lenet.runs.files import KERNELS

MOST_KERNELS = 6
"""Of a tile: those that match best."""
GONE = "gone"
"""The state of a run that is not there any more; the others are those of `runs.STATES`."""


# Equal only if it is the same object, as its kernels have no truth value.
@dataclass(frozen=True, eq=False)
class Tile:
    """A number of the class, and its network as far as it is trained.

    `state` is "" while the member has not pressed Train. `kernels` [n, kh, kw] are those of the first layer. Once the run
    has finished they stand where those of the reference stand that they were matched with, with its signs, and `likeness` is
    the mean |correlation| with these.
    """

    member: Member
    entry: Entry | None = None
    state: str = ""
    share: float = 0.0
    """Of all its steps."""
    accuracy: float | None = None
    """On the test images, after its last epoch so far."""
    kernels: NDArray[np.float32] | None = None
    likeness: float | None = None

    @property
    def is_active(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True, eq=False)
class Wall:
    """Tiles by number; `reference` is the number whose kernels the others are matched with, 0 for none yet."""

    tiles: tuple[Tile, ...]
    reference: int = 0

    @property
    def finished(self) -> tuple[Tile, ...]:
        return tuple(tile for tile in self.tiles if tile.state == "finished")

    @property
    def is_active(self) -> bool:
        """Whether runs wait or are trained."""
        return any(tile.is_active for tile in self.tiles)

    def accuracies(self, arm: int) -> dict[int, float]:
        """Of the finished runs of an arm, by number."""
        return {
            tile.member.number: tile.accuracy
            for tile in self.finished
            if tile.entry and tile.entry.arm == arm and tile.accuracy is not None
        }

    def place(self, number: int) -> tuple[int, int] | None:
        """How many finished runs of the same arm are less accurate than that number's, and how many others there are."""
        mine = next((tile for tile in self.finished if tile.member.number == number), None)
        if mine is None or mine.entry is None or mine.accuracy is None:
            return None
        values = self.accuracies(mine.entry.arm)
        return sum(value < mine.accuracy for value in values.values()), len(values) - 1


# -- from the files ----------------------------------------------------------------------------------------------------


def latest(code: str, activity_id: str) -> Wall:
    """The wall as it was at most EVERY seconds ago: for many who look at the same one. Raises LenetError."""
    return _at(code, activity_id, int(time.monotonic() / EVERY))


@lru_cache(maxsize=8)
def _at(code: str, activity_id: str, _tick: int) -> Wall:
    return read(code, work.activity(code, activity_id))


def read(code: str, activity: Activity) -> Wall:
    """The wall as it is now, the same object until something changes. Raises LenetError."""
    begun = training.entries(code, activity)
    known = tuple(member for member in members(code) if not member.left or member.number in begun)
    config = training.experiment_of(activity).experiment.config(0, 0)
    looks = tuple(_look(begun[member.number], config.epochs) if member.number in begun else None for member in known)
    return _wall(known, looks, activity.is_open, 1 / config.model.num_classes)


@dataclass(frozen=True)
class _Look:
    """A run as its files say: equal as long as nothing of it has changed that a tile shows."""

    entry: Entry
    run: Run | None = None
    state: str = GONE
    share: float = 0.0
    ended: float = 0.0
    accuracy: float | None = None
    kernels: tuple[int, ...] = ()


def _look(entry: Entry, epochs: int) -> _Look:
    with suppress(LenetError):
        run = runs.find(entry.run_id)
        status = run.status()
        values: Sequence[float] = ()
        with suppress(LenetError):  # damaged
            values = run.metrics()["test_acc"].tolist()[:epochs]
        # Also one that its member has extended since.
        state = "finished" if len(values) == epochs else status.state
        ended = status.updated if state == "finished" else 0.0
        accuracy = values[-1] if values else None
        return _Look(entry, run, state, _share(status, epochs), ended, accuracy, run.stamp(KERNELS))
    return _Look(entry)


def _share(status: Status, epochs: int) -> float:
    """Of all steps, in hundredths: a bar shows no more."""
    steps = status.steps_per_epoch * epochs
    return round(min(status.step / steps, 1.0), 2) if steps else 0.0


@lru_cache(maxsize=8)
def _wall(known: tuple[Member, ...], looks: tuple[_Look | None, ...], is_open: bool, chance: float) -> Wall:
    begun = [look for look in looks if look]
    in_order = sorted((look.ended, look.entry.number, look) for look in begun if look.state == "finished")
    finished = {
        number: kernels
        for _ended, number, look in in_order
        if look.run and (kernels := _kernels(look.run, look.kernels)) is not None
    }
    learned = [look.entry.number for look in begun if (look.accuracy or 0.0) > chance + AT_CHANCE]
    is_over = not is_open and not any(look.state in ("queued", "running") for look in begun)
    reference, order = choose_reference(finished, learned, is_over=is_over)
    tiles = [
        Tile(member) if look is None else _tile(member, look, finished.get(reference), order)
        for member, look in zip(known, looks, strict=True)
    ]
    return Wall(tuple(tiles), reference)


def _tile(member: Member, look: _Look, reference: Kernels | None, order: Sequence[int]) -> Tile:
    kernels = _kernels(look.run, look.kernels) if look.run else None
    shown, likeness = None, None
    if kernels is not None and look.state == "finished" and reference is not None:
        shown, likeness = placed(reference, kernels, order)
    elif kernels is not None:
        shown = kernels.mean(1)[:MOST_KERNELS]
    return Tile(member, look.entry, look.state, look.share, look.accuracy, shown, likeness)


@lru_cache(maxsize=256)
def _kernels(run: Run, _stamp: tuple[int, ...]) -> Kernels | None:
    """The first layer's kernels [out, in, kh, kw] as they are now; None where there are none, or other ones than there can be."""
    with suppress(LenetError):
        last = run.kernels()[1][-1] if _stamp else None
        if (
            last is not None
            and last.shape == run.config.model.convolutions[0].weight_shape
            and last.dtype.kind == "f"
        ):
            return finite(last).astype(np.float32)
    return None


# -- side by side ------------------------------------------------------------------------------------------------------


def choose_reference(
    finished: Mapping[int, Kernels], learned: Collection[int], *, is_over: bool
) -> tuple[int, tuple[int, ...]]:
    """The number whose kernels the others are matched with, 0 for none, and the order in which its own are shown.

    `finished` are in the order in which they have. A wall that fills stands still, so the reference is the first that has
    `learned` anything. Once all is over it is the one whose kernels all others match best, those that match best first.
    """
    numbers = list(finished)
    if not numbers:
        return 0, ()
    if is_over and len(numbers) > 1:
        found = detectors.alignment(np.stack([finished[number] for number in numbers]))
        return numbers[found.reference], found.order[:MOST_KERNELS]
    first = next((number for number in numbers if number in learned), numbers[0])
    return first, tuple(range(len(finished[first])))[:MOST_KERNELS]


def placed(reference: Kernels, kernels: Kernels, order: Sequence[int]) -> tuple[NDArray[np.float32], float]:
    """The kernels of a run as the wall has them, [n, kh, kw]: each where the kernel of the reference stands that it was matched
    with, with its sign; and the mean |correlation| of all pairs."""
    pairs = matching.align(reference, kernels)
    of = {pair.first: pair for pair in pairs}
    shown = np.stack([of[first].sign * kernels[of[first].second].mean(0) for first in order])
    return shown.astype(np.float32), float(np.mean([abs(pair.correlation) for pair in pairs]))


def likeness_by_chance(kernels: NDArray[np.float32]) -> float:
    """What the likeness of random kernels would be, as many and as large as these [n, kh, kw]."""
    return matching.chance(len(kernels), int(kernels[0].size)).mean


# -- as data for the component -----------------------------------------------------------------------------------------


@cached(maxsize=32)
def scene(
    wall: Wall, arms: Sequence[str], *, line: str = "", asked: Mapping[str, str] | None = None, mine: int = 0
) -> dict[str, Any]:
    """The wall as JSON values for `components/wall`, in the reader's language.

    `arms` are named where there are two or more. `line` says how far the class is, and `asked` is what the reader's link says;
    `mine` is the number of a member who sees their own tile, and where it lies among the others.
    """
    named = list(arms) if len(arms) > 1 else []
    tiles = tuple(tile for tile in wall.tiles if mine in (0, tile.member.number))
    shown = [tile.kernels for tile in tiles if tile.kernels is not None]
    own = next((tile.entry for tile in tiles if tile.entry and mine), None)
    alike = wall.accuracies(own.arm) if own else {}
    return {
        "tiles": [_tile_scene(tile, named) for tile in tiles],
        "shape": list(shown[0].shape) if shown else [MOST_KERNELS, 5, 5],
        "reference": wall.reference,
        "mine": mine,
        "others": [round(value, 4) for number, value in alike.items() if number != mine],
        "line": line,
        "asked": dict(asked or {}),
        "scale": colours.DIVERGING,
        "words": words(),
    }


def _tile_scene(tile: Tile, arms: Sequence[str]) -> dict[str, Any]:
    return {
        "number": tile.member.number,
        "colour": tile.member.colour,
        "symbol": tile.member.symbol,
        "arm": arms[tile.entry.arm] if tile.entry and arms else "",
        "state": tile.state,
        "share": tile.share,
        "accuracy": None if tile.accuracy is None else round(tile.accuracy, 4),
        "likeness": None if tile.likeness is None else round(tile.likeness, 3),
        "kernels": "" if tile.kernels is None else arrays.to_base64(_places(tile.kernels), "i1"),
    }


def _places(kernels: NDArray[np.float32]) -> NDArray[np.int8]:
    """Each kernel on its own scale: 127 is its largest |weight|."""
    largest = np.abs(kernels).max((1, 2), keepdims=True)
    return np.asarray(
        np.divide(127 * kernels, largest, out=np.zeros_like(kernels), where=largest > 0).round(), np.int8
    )


@cached(maxsize=1)
def words() -> dict[str, str]:
    """The words of the component; `{…}` in them is filled in the browser."""
    return {
        "wall": _("The wall: six kernels and the test accuracy of each number"),
        "own": _("Kernels of your network’s first layer, and its accuracy on the test images"),
        "sort": _("Order"),
        "sort_number": _("By number"),
        "sort_accuracy": _("By accuracy"),
        "sort_similarity": _("By similarity"),
        "number": _("number {n}"),
        "percent": _("{value}%"),
        "waiting": _("waits"),
        "training": _("trains"),
        "stopped": _("stopped"),
        "failed": _("failed"),
        "not_yet": _("not yet"),
        "gone": _("no run"),
        "reference": _("the kernels of all others are matched with these"),
        "likeness": _("like those of number {n}: mean |r| {r}"),
        "spread": _(
            "Test accuracies from {low} to {high}: yours, the large dot, and those of others who train the same ({n})"
        ),
        "comma": _(", "),
    }
