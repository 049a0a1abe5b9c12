"""Kernels of a class for its components: the pad on which one is painted, the pictures of a task, and tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lenet.classroom.classroom import Member
from lenet.classroom.contest import Kernel
from lenet.classroom.tasks import SIDE, SIZE, Picture, Task
from lenet.common import arrays, colours
from lenet.common.translation import cached
from lenet.common.translation import translate as _


def pad() -> dict[str, Any]:
    """What it takes to paint a kernel."""
    return {
        "size": SIZE,
        "scale": colours.DIVERGING,
        "words": {
            "kernel": _("Your kernel"),
            "cell": _("weight in row {row}, column {column}: {value}"),
            "brush": _("The weight that a tap paints"),
            "other": _("Any other weight"),
            "wipe": _("Clear"),
            "flip": _("Change signs"),
            "turn": _("Rotate"),
        },
    }


def pictures(task: Task) -> dict[str, Any]:
    """What it takes to show the pictures of a task and the responses to them."""
    return {
        "task": packed(task, task.pictures()),
        "scale": colours.DIVERGING,
        "mark": colours.WINDOW,
        "words": {
            "wanted": _("React to these"),
            "unwanted": _("Not to these"),
            "picture": _("Picture {n}"),
            "response": _("The response of your kernel to picture {n}: red is positive, blue is negative."),
        },
    }


def packed(task: Task, shown: Sequence[Picture]) -> dict[str, Any]:
    """A task with some of its pictures, as `components/score.js` takes it."""
    return {
        "compares": task.compares,
        "side": SIDE,
        "size": SIZE,
        "pictures": [
            {"pixels": arrays.to_base64(p.image, "u1"), "target": arrays.to_base64(p.target + 1, "u1")} for p in shown
        ],
    }


@cached(maxsize=32)
def short(task: Task) -> dict[str, Any]:
    """A task with the pictures that a tile has room for: one, or one of each side where pictures are told apart."""
    all_of_them = task.pictures()
    other = [p for p in all_of_them if not (p.target == 1).any()]
    return packed(task, [all_of_them[0], *other[:1]])


def tile(kernel: Kernel, member: Member | None, score: float | None, *, best: bool = False) -> dict[str, Any]:
    """The tile of a kernel that a member has made, or that is of somebody else's. Without a `score` while it is hidden."""
    told = "" if score is None else f"{score:.1f}"
    named = _("Kernel of number {n}").format(n=member.number) if member else _("Kernel")
    return {
        "number": member.number if member else 0,
        "colour": member.colour if member else "",
        "symbol": member.symbol if member else "",
        "weights": list(kernel),
        "score": told,
        "name": f"{named} {told}".strip(),
        "best": best,
    }
