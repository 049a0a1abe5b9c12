"""Questions to a class: what is asked, how answers are counted, and the file with them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet import classroom
from lenet.classroom import ClassError, questions
from lenet.classroom.classroom import Activity, Answer
from lenet.classroom.tasks import DRAWINGS
from lenet.common.errors import LenetError
from lenet.exercises import Exercise, Grid, Mistake, Text, ask_cell, ask_choice, ask_number, ask_shape
from lenet.exercises.subjects import SUBJECTS, kinds_of
from tests.classroom.test_contest import junk

ACTIVITY = Activity("001-ask", "ask", questions.settings("pooling", "pool-max", 3), created=100.0)


def exercise(form: Any, answer: tuple[float, ...], *mistakes: tuple[str, tuple[float, ...]]) -> Exercise:
    """An exercise with that answer and those mistakes."""
    grid = Grid(Text("Input"), np.zeros((2, 3)), asks=True)
    return Exercise(
        question=Text("?"), form=form, answer=answer,
        mistakes=tuple(Mistake(name, value, Text(f"Because of {name}.")) for name, value in mistakes),
        hint=Text(""), solution=Text(""), kind="pool-max", seed=1, panels=(grid,), facts={},
    )  # fmt: skip


def answers(*values: Any) -> dict[int, Answer]:
    """Numbers 1, 2, … give these, one second after another."""
    return {n: Answer(n, value, 100.0 + n) for n, value in enumerate(values, 1)}


# -- what can be asked ------------------------------------------------------------------------------------------------------


def test_every_exercise_and_every_drawing_can_be_asked() -> None:
    for subject in (*SUBJECTS, questions.DRAWING):
        assert questions.names(subject)
        for kind, title in questions.names(subject).items():
            asked = questions.question(json.loads(json.dumps(questions.settings(subject, kind, 7))))
            assert title and asked is questions.question(questions.settings(subject, kind, 7))
    assert isinstance(
        questions.question(questions.settings(questions.DRAWING, "draw-left", 0)), type(DRAWINGS["draw-left"])
    )


@given(
    st.dictionaries(
        st.sampled_from(["subject", "kind", "seed", "seconds"]),
        junk | st.sampled_from([*SUBJECTS, "pool-max", "drawing"]),
    )
)
@settings(max_examples=60, deadline=None)
def test_settings_of_a_file_that_ask_nothing_are_refused(raw: dict[str, Any]) -> None:
    try:
        asked = questions.question(raw)
    except ClassError as error:
        assert error.code == "no_such_activity"
    else:
        assert raw["kind"] in (*DRAWINGS, *kinds_of("pooling")) and asked


# -- what comes from a browser ------------------------------------------------------------------------------------------------


FORMS = [
    ask_number(),
    ask_number(2),
    ask_shape("Channels", "Height"),
    ask_cell((2, 3)),
    ask_choice([Text("a"), Text("b")]),
]
typed = st.lists(st.sampled_from(["1", "2.5", "1e999", "-1e999", "nan", "x", "", "１"]), max_size=3)


@given(st.sampled_from(FORMS), junk | typed | st.lists(st.integers(-1, 4), max_size=3))
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_can_be_counted_and_nothing_else_is_read(form: Any, raw: Any) -> None:
    asked = exercise(form, (1.0,) * (2 if form.type in ("shape", "cell") else 1))
    try:
        value = questions.read(asked, raw)
    except LenetError:
        return
    assert all(np.isfinite(value))
    stored = answers(json.loads(json.dumps(value)))
    assert questions.exercise_answers(asked, stored) == {1: tuple(value)}
    assert sum(sum(group.counts) for group in questions.groups(asked, [stored])) == 1


@given(st.sampled_from(FORMS), st.lists(junk, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_of_answers_is_counted_as_far_as_it_goes(form: Any, values: list[Any]) -> None:
    asked = exercise(form, (1.0,) * (2 if form.type in ("shape", "cell") else 1))
    stored = answers(*values)
    groups = questions.groups(asked, [stored, stored])
    assert sum(group.counts[0] for group in groups) == len(questions.exercise_answers(asked, stored))
    assert questions.table(asked, ACTIVITY, [stored]).startswith("number,")


# -- counting ---------------------------------------------------------------------------------------------------------------


def counted(asked: Exercise, *rounds: dict[int, Answer]) -> list[tuple[Any, ...]]:
    return [(*group.answer, group.counts, group.is_right, group.mistake) for group in questions.groups(asked, rounds)]


def test_numbers_the_most_frequent_of_the_last_round_first() -> None:
    asked = exercise(ask_number(), (4.0,), ("padding", (3.0,)))
    first, second = answers([3.0], [3.0], [4.0], [7.0]), answers([4.0], [4.0], [3.0])
    assert counted(asked, first) == [
        (3.0, (2,), False, "padding"),
        (4.0, (1,), True, ""),
        (7.0, (1,), False, ""),
    ]
    assert counted(asked, first, second) == [
        (4.0, (1, 2), True, ""),
        (3.0, (2, 1), False, "padding"),
        (7.0, (1, 0), False, ""),
    ]
    assert (questions.right(asked, first), questions.right(asked, second)) == (1, 2)


def test_numbers_within_the_tolerance_are_one_answer() -> None:
    asked = exercise(ask_number(2), (1 / 3,), ("half", (0.5,)))
    given = answers([0.33], [0.333], [0.3333], [0.5], [0.504], [0.6])
    assert [(round(a, 3), n, right) for a, (n,), right, _m in counted(asked, given)] == [
        (0.333, 3, True),
        (0.5, 2, False),
        (0.6, 1, False),
    ]


def test_a_choice_has_all_options_in_their_order() -> None:
    asked = exercise(ask_choice([Text("a"), Text("b"), Text("c")]), (2.0,), ("sign", (0.0,)))
    assert counted(asked, answers([2], [2], [0])) == [
        (0.0, (1,), False, "sign"),
        (1.0, (0,), False, ""),
        (2.0, (2,), True, ""),
    ]
    assert counted(asked) == [(0.0, (), False, "sign"), (1.0, (), False, ""), (2.0, (), True, "")]


def test_shapes_are_compared_number_by_number() -> None:
    asked = exercise(ask_shape("Channels", "Height", "Width"), (6.0, 28.0, 28.0), ("kept", (6.0, 24.0, 24.0)))
    given = answers([6, 28, 28], [6, 24, 24], [6, 24, 24], [28, 28, 6])
    assert [(group.answer, group.counts) for group in questions.groups(asked, [given])] == [
        ((6.0, 24.0, 24.0), (2,)),
        ((6.0, 28.0, 28.0), (1,)),
        ((28.0, 28.0, 6.0), (1,)),
    ]


def test_cells_are_a_map_of_counts() -> None:
    asked = exercise(ask_cell((2, 3)), (0.0, 1.0))
    assert questions.heat(asked, answers([0, 1], [1, 2], [0, 1], [5, 5], ["0", 0])).tolist() == [[0, 2, 0], [0, 0, 1]]


# -- from step to step --------------------------------------------------------------------------------------------------------


def test_a_question_goes_on_step_by_step_and_twice_at_most() -> None:
    code = classroom.open_class("t" * 64).code
    classroom.join(code, "a")
    now = classroom.begin(code, "ask", questions.settings("pooling", "pool-max", 3, 30), 30)
    assert questions.step(now) == "open" and not questions.can_ask_again(now)
    assert questions.go(code, now, "again") == now, "there is nothing to talk about yet"
    for vote in (1, 2):
        steps = [questions.step(now)]
        while (to := questions.next_step(now)) != questions.NEXT_QUESTION:
            now = questions.go(code, now, to)
            steps.append(questions.step(now))
            assert classroom.activity(code, now.id) == now
        assert steps == ["open", "closed", "shown", "solved"]
        if vote == 1:
            now = questions.go(code, now, "again")
    assert now.round == 2 and len(questions.began(now)) == 2 and not questions.can_ask_again(now)


def test_one_whose_time_is_up_is_closed_by_itself() -> None:
    late = Activity("001-ask", "ask", {}, created=1.0, ends=2.0)
    assert questions.step(late) == "closed" and questions.next_step(late) == "shown"


def test_one_question_follows_another_through_all_subjects() -> None:
    asked = ("convolution", "conv-output")
    seen = [asked]
    while (asked := questions.following(*asked)) not in seen:
        seen.append(asked)
    assert asked == seen[0], "and then from the start"
    subjects = ["convolution", "pooling", "architecture", "kernels", questions.DRAWING]
    assert seen == [(subject, kind) for subject in subjects for kind in questions.names(subject)]


# -- the file ---------------------------------------------------------------------------------------------------------------


def test_the_file_has_a_line_for_each_answer_and_no_names() -> None:
    asked = exercise(ask_number(), (4.0,), ("padding", (3.0,)))
    activity = Activity("001-ask", "ask", {"began": [100.0, 160.0]}, created=100.0, round=2)
    second = {2: Answer(2, [4.0], 171.25)}
    rows = list(csv.DictReader(io.StringIO(questions.table(asked, activity, [answers([3.0], [4.0], [2.5]), second]))))
    assert [list(row.values()) for row in rows] == [
        ["1", "1", "1.0", "3", "0", "padding"],
        ["2", "1", "2.0", "4", "1", ""],
        ["3", "1", "3.0", "2.5", "0", ""],
        ["2", "2", "11.2", "4", "1", ""],
    ]
    cell = exercise(ask_cell((2, 3)), (0.0, 1.0))
    assert "\n1,1,1.0,1 2,1,\n" in questions.table(cell, ACTIVITY, [answers([0, 1])])
    choice = exercise(ask_choice([Text("a"), Text("b")]), (1.0,))
    assert "\n1,1,1.0,b,1,\n" in questions.table(choice, ACTIVITY, [answers([1])])
    drawing = DRAWINGS["draw-left"]
    assert questions.table(drawing, ACTIVITY, [answers(list(drawing.kernel))]).splitlines()[1].endswith(",100.0,")
