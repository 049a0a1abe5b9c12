"""Answers as they are typed, verdicts, and series of exercises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.exercises import KINDS, Draft, Kind, Series, Text, ask_cell, ask_choice, ask_number, ask_shape
from lenet.exercises.kinds import Led
from lenet.exercises.series import names
from lenet.pooling import exercises as pooling_exercises

assert pooling_exercises


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("4", 4.0),
        (" ４ ", 4.0),
        (".5", 0.5),
        ("−0,25", -0.25),
        ("-1", -1.0),
        ("１．５", 1.5),
        ("1e2", 100.0),
        ("48,120.0", 48120.0),
        ("7/4", 1.75),
        ("−3 ／ 4", -0.75),
        ("1,5/2", 0.75),
    ],
)
def test_numbers_are_read_as_everywhere_in_the_app(typed: str, answer: float) -> None:
    assert ask_number(2).read([typed]) == (answer,)
    assert ask_number(2).read(typed) == (answer,)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("four", "not_number"),
        ("", "answer_missing"),
        ("  ", "answer_missing"),
        ("7/0", "not_number"),
        ("1/2/3", "not_number"),
        ("/2", "not_number"),
        ("9" * 50, "not_number"),
        (None, "answer_missing"),
        (5, "answer_missing"),
        ({}, "answer_missing"),
        (["1", "2"], "answer_missing"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(typed: Any, code: str) -> None:
    with pytest.raises(LenetError) as refusal:
        ask_number().read(typed)
    assert refusal.value.code == code and str(refusal.value).endswith(".")


def test_where_a_whole_number_is_asked_for_a_comma_stands_between_thousands() -> None:
    """As the app writes them itself."""
    assert ask_number().read("48,120") == (48120.0,) and ask_shape("Height").read(["1,234"]) == (1234.0,)
    assert ask_number().read("2,5") == (2.5,), "a mistake has its reason"
    with pytest.raises(LenetError) as refusal:
        ask_number(2).read("1,234")
    assert refusal.value.code == "ambiguous_number"


def test_a_shape_names_the_number_that_cannot_be_read() -> None:
    form = ask_shape(N_("Channels"), N_("Height"), N_("Width"))
    assert form.read(["6", "28", "28"]) == (6.0, 28.0, 28.0)
    with pytest.raises(LenetError, match="Height must be a number, not x"):
        form.read(["6", "x", "28"])
    with pytest.raises(LenetError):
        form.read(["6", "28"])
    assert form.say((6.0, 13.5, 28.0)) == "6×13.5×28"


@pytest.mark.parametrize("raw", [[0], [3, 0], [-1, 0], [0, 4], [0.0, 0], [True, 0], "0,0", None, [0, 0, 0]])
def test_only_cells_of_the_grid_are_answers(raw: Any) -> None:
    assert ask_cell((3, 4)).read([2, 3]) == (2.0, 3.0)
    with pytest.raises(LenetError):
        ask_cell((3, 4)).read(raw)


@pytest.mark.parametrize("raw", [2, -1, "0", None, [0, 1], 0.5, False])
def test_only_options_are_answers(raw: Any) -> None:
    form = ask_choice([Text("A"), Text("B")])
    assert form.read(1) == (1.0,) and form.say((1.0,)) == "B"
    with pytest.raises(LenetError):
        form.read(raw)


def test_two_decimals_may_be_rounded_or_cut_off() -> None:
    form = ask_number(2)
    assert form.is_same((2 / 3,), (0.67,)) and form.is_same((2 / 3,), (0.66,))
    assert not form.is_same((2 / 3,), (0.68,)) and not form.is_same((2 / 3,), (0.7,))
    assert not ask_number().is_same((3.0,), (3.01,))
    assert form.is_coarse((0.7,), (2 / 3,)) and form.is_coarse((1.0,), (2 / 3,))
    assert not form.is_coarse((0.6,), (2 / 3,)) and not form.is_coarse((0.0,), (1 / 3,))
    assert not ask_number().is_coarse((0.7,), (2 / 3,))
    assert "2 decimals" in form.remark() and ask_number().remark() == "A whole number."


def kind_of(*mistakes: tuple[str, Led], answers: tuple[float, ...] = (5.0,)) -> Kind:
    """A kind whose draws have these answers in turn, and always the same mistakes."""
    drawn = iter(answers)

    def draw(_random: np.random.Generator) -> Draft:
        return Draft(Text("?"), ask_number(), next(drawn), dict(mistakes), Text("."))

    return Kind("made", "none", "made", 1, "hint", {name: f"because {name}" for name, _answer in mistakes}, draw)


def test_a_mistake_that_is_right_is_none_and_of_two_alike_both_are_told() -> None:
    exercise = kind_of(
        ("right", 5.0), ("a", 4.0), ("b", [4.0, 5.0, 3.0]), ("c", 4.0), ("nowhere", None), ("d", 3.0)
    ).make(0)  # fmt: skip
    assert [(m.name, m.answer[0]) for m in exercise.mistakes] == [("a", 4), ("b", 4), ("b", 3), ("c", 4), ("d", 3)]
    assert exercise.grade((4.0,)).reason.say() == "because a Or: because b"
    assert exercise.grade((3.0,)).reason.say() == "because b Or: because d"
    assert exercise.grade((4.0,)).mistake == "a"
    assert exercise.grade((5.0,)).is_right
    assert exercise.grade((9.0,)).reason.say() == "hint"


def test_numbers_with_which_no_mistake_is_left_are_drawn_again() -> None:
    assert kind_of(("a", 5.0), answers=(5.0, 5.0, 6.0)).make(0).answer == (6.0,)


def test_a_wrong_answer_is_explained_with_the_right_one() -> None:
    exercise = KINDS["pool-size"].make(3)
    told = exercise.explain(exercise.grade(exercise.mistakes[0].answer))
    assert told == (
        "You forgot the padding. With 1 on each side, the window has 30 cells to move over. "
        "Or: You added the padding once. It is added on both sides: 28 + 2·1 = 30 cells. The answer: 15. "
        "⌊(28 + 2·1 − 2)/2⌋ + 1 = 15"
    )


def test_the_right_number_with_too_few_decimals_is_called_that() -> None:
    exercise = KINDS["pool-average"].make(1)
    right = exercise.answer[0]
    assert right != round(right, 1)
    assert exercise.grade((round(right, 1),)).reason.say() == (
        "That is the right number, rounded too far: it takes 2 decimals."
    )


def test_an_exercise_is_the_same_on_every_machine() -> None:
    """Links that were handed out go on asking what they asked."""
    exercise = KINDS["pool-max"].make(2026)
    assert exercise.question.say() == (
        "Max pooling with a 2×2 window and stride 2: which number stands in row 1, column 2 of the output?"
    )
    assert exercise.answer == (7.0,)
    numbers = [[-5, -7, 5, -6], [6, 8, 7, 2], [2, -8, 6, -8], [2, 7, 1, 7], [0, -2, -2, 8]]
    assert exercise.facts["x"].tolist() == numbers


def test_a_series_asks_every_kind_of_its_level_once_before_any_again() -> None:
    series = Series("pooling", "level1", seed=7, length=10)
    kinds = [series.kind(at).name for at in range(10)]
    assert kinds == [Series("pooling", "level1", 7, 10).kind(at).name for at in range(10)]
    assert len(set(kinds[:5])) == 5 and set(kinds[5:]) == set(kinds[:5])
    assert all(series.kind(at).level == 1 for at in range(10))
    assert any(kinds != [Series("pooling", "level1", seed).kind(at).name for at in range(10)] for seed in (8, 9, 10))


def test_a_series_of_one_kind_goes_on_with_new_seeds() -> None:
    series = Series("pooling", "pool-max", seed=7, length=3)
    assert [series.exercise_seed(at) for at in range(3)] == [7, 8, 9]
    assert series.next() == Series("pooling", "pool-max", 10, 3)
    assert {series.kind(at).name for at in range(3)} == {"pool-max"}


def test_levels_come_before_kinds_and_easy_kinds_before_hard_ones() -> None:
    found = names("pooling")
    assert found[:4] == ["level1", "level2", "level3", "pool-max"]
    levels = [KINDS[name].level for name in found[3:]]
    assert levels == sorted(levels)
