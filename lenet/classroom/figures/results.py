"""What a class has answered, for `components/results.js`: bars, a heat map of each vote, or kernels of each vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lenet.classroom import contest, questions
from lenet.classroom.classroom import Activity, Answer, Member
from lenet.classroom.figures import kernels
from lenet.classroom.tasks import RIGHT, Task
from lenet.common import colours
from lenet.common.formatting import number
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.exercises import Answer as Given
from lenet.exercises import Exercise, Grid
from lenet.exercises.scene import drawn_grid

MAX_BARS = 6
"""Different answers that are shown; how many others there are is said."""

Rounds = Sequence[Mapping[int, Answer]]


def results(
    asked: questions.Question,
    activity: Activity,
    rounds: Rounds,
    members: Sequence[Member],
    *,
    own: Given | None = None,
) -> dict[str, Any] | None:
    """The answers of all rounds so far. Before they are shown, only what can be chosen; None where that is nothing.

    `own` is the answer of whoever looks.
    """
    is_solved = activity.shown and questions.step(activity) == "solved"
    found: dict[str, Any] = {"bars": None, "cells": None, "kernels": None, "line": ""}
    if not activity.shown:
        if not isinstance(asked, Exercise) or asked.form.type != "choice":
            return None
        return found | {"bars": _bars(asked, [], is_solved=False, own=None)}
    if is_solved:
        found["line"] = _line(asked, rounds)
    if isinstance(asked, Task):
        return found | {"kernels": _kernels(asked, rounds, members, is_solved=is_solved)}
    if asked.form.type == "cell":
        return found | {"cells": _cells(asked, rounds, is_solved=is_solved, own=own)}
    return found | {"bars": _bars(asked, rounds, is_solved=is_solved, own=own)}


def votes(rounds: Rounds) -> list[str]:
    """The names of the votes, where there are several."""
    return [_("First vote"), _("Second vote")][: len(rounds)] if len(rounds) > 1 else []


def _line(asked: questions.Question, rounds: Rounds) -> str:
    """How many were right, in each vote; "" where nobody has answered."""
    right = [(questions.right(asked, answers), len(answers)) for answers in rounds]
    if len(right) > 1:
        (first, of_first), (second, of_second) = right
        text = _("Right in the first vote: {first} of {of_first}; in the second: {second} of {of_second}.")
        return text.format(first=first, of_first=of_first, second=second, of_second=of_second)
    ((n, total),) = right
    if not total:
        return ""
    return ngettext("{n} of {total} is right.", "{n} of {total} are right.", n).format(n=n, total=total)


def _bars(asked: Exercise, rounds: Rounds, *, is_solved: bool, own: Given | None) -> dict[str, Any]:
    form = asked.form
    groups = questions.groups(asked, rounds)
    shown = groups if form.type == "choice" else groups[:MAX_BARS]
    if is_solved and not any(group.is_right for group in shown):
        shown = [*shown[: MAX_BARS - 1], questions.Group(asked.answer, (0,) * len(rounds), True)]
    bars = []
    for group in shown:
        picture = form.pictures[int(group.answer[0])] if form.pictures else None
        bars.append({
            "label": form.say(group.answer),
            "picture": drawn_grid(picture, is_open=False) if picture else None,
            "counts": list(group.counts),
            "right": is_solved and group.is_right,
            "mistake": asked.grade(group.answer).reason.say() if is_solved and group.mistake else "",
            "own": own is not None and form.is_same(own, group.answer),
        })  # fmt: skip
    rest = groups[len(shown) :] if form.type != "choice" else []
    others = sum(group.counts[-1] for group in rest) if rounds else 0
    more = ngettext("{n} has another answer.", "{n} have other answers.", others).format(n=others) if others else ""
    return {"bars": bars, "votes": votes(rounds), "more": more}


def _cells(asked: Exercise, rounds: Rounds, *, is_solved: bool, own: Given | None) -> dict[str, Any]:
    (grid,) = (panel for panel in asked.panels if isinstance(panel, Grid) and panel.asks)
    heats = []
    for answers in rounds:
        counts = questions.heat(asked, answers)
        drawn = drawn_grid(grid, is_open=is_solved)
        shades = (counts / max(1, int(counts.max())) * 100).round().astype(int)
        right = [[int(n) for n in asked.answer]] if is_solved else []
        heats.append({
            "grid": drawn | {
                "asks": False, "sign": "", "scale": colours.SEQUENTIAL, "shades": shades.tolist(), "shown": right,
            },
            "counts": np.asarray(counts).tolist(),
            "own": [int(n) for n in own] if own is not None else None,
        })  # fmt: skip
    return {"heats": heats, "votes": votes(rounds)}


def _kernels(task: Task, rounds: Rounds, members: Sequence[Member], *, is_solved: bool) -> dict[str, Any]:
    by_number = {member.number: member for member in members}
    tiles = []
    for answers in rounds:
        drawn = []
        for n, kernel in questions.kernels(answers).items():
            score = contest.score(task, kernel)
            told, best = (score, score >= RIGHT) if is_solved else (None, False)
            drawn.append((-score if is_solved else 0, n, kernels.tile(kernel, by_number.get(n), told, best=best)))
        tiles.append([tile for _score, _n, tile in sorted(drawn, key=lambda one: one[:2])])
    return {"rounds": tiles, "votes": votes(rounds), "task": kernels.short(task), "scale": colours.DIVERGING}


def count(given: Mapping[int, Answer], members: Sequence[Member]) -> str:
    """How many have answered, and nothing of what."""
    total = max(sum(not member.left for member in members), len(given))
    return ngettext("{n} of {total} has answered", "{n} of {total} have answered", len(given)).format(
        n=number(len(given)), total=number(total)
    )
