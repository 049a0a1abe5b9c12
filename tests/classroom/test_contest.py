"""The contest: kernels as they come in, their score, and who is where. Node finds the same scores in contest.json."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet import runs
from lenet.classroom import ClassError, contest
from lenet.classroom.classroom import Activity, Answer
from lenet.classroom.contest import Kernel
from lenet.classroom.figures import kernels as figures
from lenet.classroom.figures.contest import phone
from lenet.classroom.tasks import DRAWINGS, SIDE, SIZE, TASKS, Picture, Task
from lenet.kernels import filters
from lenet.kernels.history import read_history

TABLE = Path(__file__).with_name("contest.json")
EVERY = [*TASKS.values(), *DRAWINGS.values()]
every_task = pytest.mark.parametrize("task", EVERY, ids=lambda task: task.name)
weights = st.lists(st.integers(-100, 100), min_size=25, max_size=25).map(tuple)


def by_pairs(task: Task, kernel: Kernel) -> float:
    """The score as the words say it, pair by pair, with PyTorch's convolution."""
    weight = torch.tensor(kernel, dtype=torch.float64).reshape(1, 1, SIZE, SIZE)
    wanted: list[float] = []
    other: list[float] = []
    for picture in task.pictures():
        x = torch.tensor(picture.image.astype(float))[None, None]
        out = torch.nn.functional.conv2d(x, weight, padding=2)[0, 0].numpy()
        if task.compares == "pictures":
            side = wanted if (picture.target == 1).any() else other
            side.append(float(np.maximum(out, 0)[picture.target != 0].sum()))
        else:
            wanted += out[picture.target == 1].tolist()
            other += out[picture.target == -1].tolist()
    found = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(wanted, other))
    return max(0.0, 100 * (2 * found / (len(wanted) * len(other)) - 1))


def small(compares: Any, *pictures: tuple[list[list[int]], list[list[int]]]) -> Task:
    """A task of pictures that are worked out by hand."""
    made = tuple(Picture(np.array(image, np.uint8), np.array(target, np.int8)) for image, target in pictures)
    return Task("small", "", "", compares, lambda: made, (0.0,) * 25, "")


MIDDLE = (0,) * 12 + (100,) + (0,) * 12
"""A kernel that responds with the pixel itself."""


def test_a_score_worked_out_by_hand() -> None:
    task = small("places", ([[9, 5, 5, 1]], [[1, 1, -1, -1]]))
    # Of the four pairs 9 > 5, 9 > 1, 5 = 5 and 5 > 1: three and a half.
    assert contest.score(task, MIDDLE) == 75.0
    assert contest.score(task, tuple(-w for w in MIDDLE)) == 0.0, "the other way round it finds half a pair"
    assert contest.score(task, (0,) * 25) == 0.0, "a kernel that responds to nothing is no better than chance"


def test_pictures_are_compared_by_what_relu_lets_pass_within_what_is_marked() -> None:
    task = small("pictures", ([[5, 0, 9]], [[1, 1, 0]]), ([[6, 0, 0]], [[-1, -1, 0]]), ([[4, 0, 0]], [[-1, -1, 0]]))
    assert contest.score(task, MIDDLE) == 0.0, "5 > 4, but not > 6: a half of the pairs"
    right = (0,) * 13 + (100,) + (0,) * 11  # responds with the pixel to the right: 9 of the second place
    assert contest.score(task, right) == 100.0
    task = small("pictures", ([[5]], [[1]]), ([[4]], [[-1]]), ([[3]], [[-1]]), ([[9]], [[-1]]), ([[1]], [[-1]]))
    assert contest.score(task, MIDDLE) == 50.0, "three of four"


@every_task
def test_the_score_is_what_the_words_say(task: Task) -> None:
    random = np.random.default_rng(0)
    made: list[Kernel] = [contest.solution(task).kernel, *map(tuple, random.integers(-100, 101, (2, 25)).tolist())]
    for kernel in made:
        assert abs(contest.score(task, kernel) - by_pairs(task, kernel)) <= 0.05 + 1e-9


@every_task
def test_what_is_marked_can_be_told_apart_but_not_by_any_kernel(task: Task) -> None:
    for picture in task.pictures():
        assert picture.image.shape == picture.target.shape == (SIDE, SIDE)
    marks = np.concatenate([picture.target.ravel() for picture in task.pictures()])
    assert (marks == 1).sum() >= 2 and (marks == -1).sum() >= 10
    assert contest.solution(task).score > 92
    assert contest.score(task, contest.of(np.ones((SIZE, SIZE)))) < 85
    if task.compares == "places":  # stripes and straps are as much dark as bright
        assert contest.score(task, contest.of(-np.reshape(task.kernel, (SIZE, SIZE)))) < 40


def test_textbook_kernels_are_good_where_they_should_be() -> None:
    turned = [contest.of(np.rot90(filters.make("sobel_x", SIZE), quarter)) for quarter in range(4)]
    left, up, _right, down = turned
    assert contest.score(TASKS["edge"], left) > 90 > 10 > contest.score(TASKS["edge"], up)
    assert contest.score(TASKS["sole"], up) > 80 > 10 > contest.score(TASKS["sole"], down)
    assert contest.score(TASKS["stripes"], left) > 90 and contest.score(TASKS["stripes"], up) == 0
    assert contest.score(TASKS["gap"], contest.of(-filters.make("laplace", SIZE))) > 90


def test_the_kernels_of_the_shipped_run_have_their_scores() -> None:
    history = read_history(runs.find(runs.DEFAULT_REFERENCE))
    scores = [known.score for known in contest.learned(TASKS["gap"], history.final)]
    assert len(scores) == 6 and all(0 <= score <= 100 for score in scores)
    assert contest.learned(TASKS["gap"], np.ones((4, 1, 3, 3))) == ()


@given(weights, st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_scaling_a_kernel_gains_nothing(kernel: Kernel, factor: int) -> None:
    for task in (TASKS["sole"], TASKS["sandals"]):
        assert contest.score(task, kernel) == contest.score(task, tuple(factor * w for w in kernel))


# -- what comes from a browser --------------------------------------------------------------------------------------------

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=40,
)


@given(junk | st.lists(st.floats() | st.integers(-2, 2), min_size=25, max_size=25))
@settings(max_examples=300)
def test_only_25_finite_weights_within_the_limits_are_a_kernel(raw: Any) -> None:
    is_kernel = (
        isinstance(raw, list)
        and len(raw) == 25
        and all(type(w) in (int, float) and math.isfinite(w) and -1 <= w <= 1 for w in raw)
    )
    try:
        kernel = contest.read(raw)
    except ClassError as error:
        assert not is_kernel and str(error).startswith("A kernel has 25 weights")
    else:
        assert is_kernel and all(isinstance(w, int) and -100 <= w <= 100 for w in kernel)
        assert contest.read(json.loads(json.dumps(contest.plain(kernel)))) == kernel


# -- who has handed in what -------------------------------------------------------------------------------------------------


def test_the_best_first_then_who_was_there_earlier() -> None:
    task = small("places", ([[9, 5, 5, 1]], [[1, 1, -1, -1]]))
    good, none = contest.plain(MIDDLE), [0.0] * 25
    given = {
        1: Answer(1, none, 1.0), 2: Answer(2, good, 9.0), 3: Answer(3, good, 5.0), 4: Answer(4, "damaged", 2.0),
    }  # fmt: skip
    ranked = contest.ranking(task, given)
    assert [(e.number, e.score, e.rank) for e in ranked] == [(3, 75.0, 1), (2, 75.0, 1), (1, 0.0, 3)]
    assert contest.counts(task, MIDDLE, None) and contest.counts(task, MIDDLE, given[1])
    assert not contest.counts(task, MIDDLE, given[2]), "an equal score leaves the time as it is"
    assert contest.counts(task, (0,) * 25, given[4])
    lines = contest.table(task, given, 1.0).splitlines()
    assert lines[0] == "rank,number,score,seconds,weights" and lines[1].startswith("1,3,75.0,4.0,0 0 ")


# -- the same in the browser -------------------------------------------------------------------------------------------------


def table() -> dict[str, Any]:
    """For each task kernels and their scores, which tests/javascript/classroom/score.test.js finds as well."""
    random = np.random.default_rng(18)
    found: dict[str, Any] = {}
    for task in (TASKS["sole"], TASKS["stripes"], DRAWINGS["draw-spot"]):
        made = [contest.solution(task).kernel, *map(tuple, random.integers(-100, 101, (6, 25)).tolist())]
        made += [tuple(int(w) for w in 50 * random.integers(-2, 3, 25)) for _kernel in range(6)]
        found[task.name] = {
            "task": figures.packed(task, task.pictures()),
            "kernels": [{"weights": list(kernel), "score": contest.score(task, kernel)} for kernel in made],
        }
    return found


def test_the_table_for_javascript_is_up_to_date() -> None:
    """Write it anew with `python -m tests.classroom.test_contest`."""
    assert json.loads(TABLE.read_text(encoding="utf-8")) == table()


if __name__ == "__main__":
    TABLE.write_text(json.dumps(table()) + "\n", encoding="utf-8")


def test_a_phone_says_why_no_more_kernels_are_taken() -> None:
    task, begun = TASKS["edge"], Activity("001-contest", "contest", {}, created=100.0)
    late, closed = replace(begun, ends=200.0), replace(begun, is_open=False)
    assert phone(task, begun, None)["told"] == ""
    assert phone(task, late, None)["told"] == "The time is up. You have not handed in a kernel."
    assert phone(task, closed, None)["told"] == "The contest is closed. You have not handed in a kernel."
    made = contest.solution(task)
    best, told = Answer(1, contest.plain(made.kernel), 101.0), f"Your best kernel: {made.score:.1f}."
    assert phone(task, begun, best)["over"] == phone(task, late, best)["told"] == f"The time is up. {told}"
    assert phone(task, closed, best, place=(1, 2))["told"] == f"The contest is closed. {told} That is place 1 of 2."
