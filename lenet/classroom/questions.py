"""Asking the class: an exercise, or a kernel to be drawn, as a question to everybody; and what was answered, counted.

A question goes through the steps of STEPS: it is `open`, then `closed`, then what the class has answered is `shown`, then the
right answer is told (`solved`). After that, or before, the class may be asked the same `again`: the second round. What comes
after the last step is the next question.
"""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.classroom import contest, work
from lenet.classroom.classroom import Activity, Answer
from lenet.classroom.contest import Kernel
from lenet.classroom.errors import ClassError
from lenet.classroom.tasks import DRAWINGS, RIGHT, Task
from lenet.common.errors import LenetError
from lenet.exercises import Answer as Given
from lenet.exercises import Exercise, Series
from lenet.exercises.kinds import MAX_SEED
from lenet.exercises.subjects import SUBJECTS, kinds_of

DRAWING = "drawing"
"""The subject of questions that are answered by a kernel."""
ROUNDS = 2
SECONDS = (0, 30, 60, 90)
"""How long a class may be given; 0: until somebody closes the question."""
STEPS = ("open", "closed", "shown", "solved")
NEXT_QUESTION = "next"
"""The step after the last one."""

Question = Exercise | Task


def names(subject: str) -> dict[str, str]:
    """What can be asked about a subject, a key of SUBJECTS or DRAWING: titles by name, to be translated when shown."""
    if subject == DRAWING:
        return {name: task.title for name, task in DRAWINGS.items()}
    return {name: kind.title for name, kind in kinds_of(subject).items()}


def following(subject: str, kind: str) -> tuple[str, str]:
    """What is asked after a question: the next one about its subject; after the last one, the first one about the next subject."""
    kinds, subjects = list(names(subject)), [*SUBJECTS, DRAWING]
    if kind != kinds[-1]:
        return subject, kinds[kinds.index(kind) + 1]
    after = subjects[(subjects.index(subject) + 1) % len(subjects)]
    return after, next(iter(names(after)))


def settings(subject: str, kind: str, seed: int, seconds: int = 0) -> dict[str, Any]:
    """The settings of an activity that asks this."""
    return {"subject": subject, "kind": kind, "seed": seed, "seconds": seconds}


def question(settings: Mapping[str, Any]) -> Question:
    """What an activity of these settings asks. Raises ClassError if it is nothing that this version can ask."""
    subject, kind = (str(settings.get(key)) for key in ("subject", "kind"))
    seed = settings.get("seed")
    if subject == DRAWING and kind in DRAWINGS:
        return DRAWINGS[kind]
    if subject in SUBJECTS and type(seed) is int and 0 <= seed <= MAX_SEED and kind in kinds_of(subject):
        return Series(subject, kind, seed, 1).exercise(0)
    raise ClassError("no_such_activity", letters="")


# -- from step to step ---------------------------------------------------------------------------------------------------


def step(activity: Activity) -> str:
    """Where a question stands; one whose time is up is closed."""
    if activity.takes_answers:
        return "open"
    if not activity.shown:
        return "closed"
    return "solved" if activity.settings.get("solved") is True else "shown"


def next_step(activity: Activity) -> str:
    """What follows: the next of STEPS, and after the last one NEXT_QUESTION."""
    return (*STEPS, NEXT_QUESTION)[STEPS.index(step(activity)) + 1]


def can_ask_again(activity: Activity) -> bool:
    """Whether a second vote can be held: after the class has seen the first."""
    return activity.shown and not activity.takes_answers and activity.round < ROUNDS


def go(code: str, activity: Activity, to: str) -> Activity:
    """Have a question be at one of STEPS, or asked `again`. Raises LenetError."""
    if to == "again":
        if not can_ask_again(activity):
            return activity
        now, seconds = time.time(), activity.settings.get("seconds") or 0
        kept = dict(activity.settings) | {"solved": False, "began": [*began(activity), now]}
        return work.change_activity(
            code, activity.id, settings=kept, round=activity.round + 1, is_open=True, shown=False,
            ends=now + seconds if seconds else 0.0,
        )  # fmt: skip
    solved = dict(activity.settings) | {"solved": to == "solved"}
    shown = to in ("shown", "solved")
    return work.change_activity(code, activity.id, settings=solved, is_open=False, shown=shown)


def began(activity: Activity) -> list[float]:
    """When each round began, in seconds since 1970."""
    later = activity.settings.get("began")
    return later if isinstance(later, list) else [activity.created]


# -- answers ---------------------------------------------------------------------------------------------------------------


def read(asked: Question, raw: Any) -> list[float]:
    """What came from a browser, as it is handed in. Raises LenetError with a sentence for anything but an answer."""
    if isinstance(asked, Task):
        return contest.plain(contest.read(raw))
    found = asked.form.read(raw)
    if not all(map(math.isfinite, found)):
        raise LenetError("answer_missing")
    return list(found)


def exercise_answers(asked: Exercise, answers: Mapping[int, Answer]) -> dict[int, Given]:
    """The answers to an exercise by number, without any that its form does not know."""
    found = {}
    for number, answer in answers.items():
        value = answer.value
        if isinstance(value, list) and all(type(part) in (int, float) and math.isfinite(part) for part in value):
            given = tuple(map(float, value))
            if _fits(asked, given):
                found[number] = given
    return found


def _fits(asked: Exercise, given: Given) -> bool:
    form = asked.form
    if form.type in ("number", "shape"):
        return len(given) == len(form.labels)
    limits = form.size if form.type == "cell" else (len(form.options),)
    return len(given) == len(limits) and all(
        n.is_integer() and 0 <= n < limit for n, limit in zip(given, limits, strict=True)
    )


def kernels(answers: Mapping[int, Answer]) -> dict[int, Kernel]:
    """The kernels that were drawn, by number."""
    found = {}
    for number, answer in sorted(answers.items()):
        try:
            found[number] = contest.read(answer.value)
        except ClassError:
            continue
    return found


@dataclass(frozen=True)
class Group:
    """An answer, and how many have given it in each round. `mistake` names the known mistake that leads to it."""

    answer: Given
    counts: tuple[int, ...]
    is_right: bool = False
    mistake: str = ""


def groups(asked: Exercise, rounds: Sequence[Mapping[int, Answer]]) -> list[Group]:
    """The answers to an exercise, the same ones together: of a choice all options in their order; of numbers, shapes and
    cells those that were given, the most frequent of the last round first."""
    form = asked.form
    found: list[Given] = [(float(n),) for n in range(len(form.options))]
    counts: list[list[int]] = [[0] * len(rounds) for _option in found]
    # The right answer and those of known mistakes draw near what is the same within the tolerance of the form.
    known = [asked.answer, *(mistake.answer for mistake in asked.mistakes)]
    for n, answers in enumerate(rounds):
        for given in sorted(exercise_answers(asked, answers).values()):
            meant = next((one for one in known if form.is_same(given, one)), given)
            at = next((i for i, one in enumerate(found) if form.is_same(meant, one)), len(found))
            if at == len(found):
                found.append(meant)
                counts.append([0] * len(rounds))
            counts[at][n] += 1
    made = [_group(asked, answer, tuple(count)) for answer, count in zip(found, counts, strict=True)]
    if form.type == "choice":
        return made
    return sorted(made, key=lambda group: (*(-count for count in reversed(group.counts)), group.answer))


def _group(asked: Exercise, answer: Given, counts: tuple[int, ...]) -> Group:
    verdict = asked.grade(answer)
    return Group(answer, counts, verdict.is_right, verdict.mistake)


def heat(asked: Exercise, answers: Mapping[int, Answer]) -> NDArray[np.int64]:
    """How many have chosen each cell of the grid."""
    counts = np.zeros(asked.form.size, np.int64)
    for row, column in exercise_answers(asked, answers).values():
        counts[int(row), int(column)] += 1
    return counts


def right(asked: Question, answers: Mapping[int, Answer]) -> int:
    """How many have answered right."""
    if isinstance(asked, Task):
        return sum(contest.score(asked, kernel) >= RIGHT for kernel in kernels(answers).values())
    return sum(asked.grade(given).is_right for given in exercise_answers(asked, answers).values())


# -- a file ----------------------------------------------------------------------------------------------------------------

COLUMNS = ("number", "round", "seconds", "answer", "right", "mistake")


def table(asked: Question, activity: Activity, rounds: Sequence[Mapping[int, Answer]]) -> str:
    """All answers as CSV, a line each: seconds from the beginning of the round, `right` 1 or 0 (of a drawn kernel its score),
    and the name of the mistake that leads to a wrong one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for n, (start, answers) in enumerate(zip(began(activity), rounds, strict=False), 1):
        for number, (answer, judged, mistake) in sorted(_judged(asked, answers).items()):
            writer.writerow((number, n, f"{answers[number].at - start:.1f}", answer, judged, mistake))
    return out.getvalue()


def _judged(asked: Question, answers: Mapping[int, Answer]) -> dict[int, tuple[str, str, str]]:
    if isinstance(asked, Task):
        return {
            number: (" ".join(f"{weight:g}" for weight in contest.plain(kernel)), f"{contest.score(asked, kernel):.1f}", "")
            for number, kernel in kernels(answers).items()
        }  # fmt: skip
    found = {}
    for number, given in exercise_answers(asked, answers).items():
        verdict = asked.grade(given)
        found[number] = (_written(asked, given), str(int(verdict.is_right)), verdict.mistake)
    return found


def _written(asked: Exercise, given: Given) -> str:
    """An answer in a file: numbers as they are, a choice by its words, rows and columns from 1."""
    if asked.form.type == "choice":
        return asked.form.options[int(given[0])].say()
    first = 1 if asked.form.type == "cell" else 0
    return " ".join(f"{n + first:g}" for n in given)
