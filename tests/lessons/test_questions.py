"""The questions of lessons, and which lesson asks what."""

from __future__ import annotations

import pytest

from lenet.convolution.lessons import LESSONS as CONVOLUTION
from lenet.exercises import Text
from lenet.lessons import Lesson, Option, choose, compare
from lenet.pooling.lessons import LESSONS as POOLING

ALL = {"pooling": POOLING, "convolution": CONVOLUTION}
EACH = [
    pytest.param(lesson, id=f"{page}-{name}") for page, lessons in ALL.items() for name, lesson in lessons.items()
]


def test_values_stand_in_their_order_and_equal_ones_once() -> None:
    asked = compare(
        Text("How many?"),
        (4, Text("It is 4.")),
        {
            "twice": (8, Text("That is twice.")),
            "same": (4, Text("That is it.")),
            "none": (0, Text("There are some.")),
        },
    )
    assert [option.say() for option in asked.form.options] == ["0", "4", "8"] and asked.answer == (1,)
    assert [mistake.name for mistake in asked.mistakes] == ["none", "twice"]
    assert asked.grade((1.0,)).is_right and asked.grade((2.0,)).mistake == "twice"
    assert asked.explain(asked.grade((2.0,))) == "That is twice. The answer: 4. It is 4."


def test_options_keep_their_order() -> None:
    options = {name: Option(Text(name), Text(f"Why {name}.")) for name in ("b", "a", "c")}
    asked = choose(Text("Which?"), options, "a")
    assert [option.say() for option in asked.form.options] == ["b", "a", "c"] and asked.answer == (1,)
    assert asked.explain(asked.grade((1.0,))) == "Why a."
    with pytest.raises(ValueError):
        choose(Text("Which?"), options, "d")


@pytest.mark.parametrize("lesson", EACH)
def test_each_lesson_asks_what_a_beginner_can_get_wrong(lesson: Lesson) -> None:
    asked = lesson.question
    said = [option.say() for option in asked.form.options]
    assert 2 <= len(said) <= 5 and len(set(said)) == len(said)
    assert len(asked.mistakes) == len(said) - 1, "each wrong option is a known mistake"
    reasons = [asked.grade((float(n),)).reason.say() for n in range(len(said))]
    assert len(set(reasons)) == len(reasons) and all(len(reason) < 170 and "{" not in reason for reason in reasons)
    assert len(asked.question.say()) < 190 and "{" not in asked.question.say()
    assert lesson.opened or lesson.hides, "the answer would be on screen"


def test_the_right_answer_is_not_always_in_the_same_place() -> None:
    for lessons in ALL.values():
        places = [lesson.question.answer[0] for lesson in lessons.values()]
        assert len(set(places)) > 1 and places.count(0) <= len(places) // 2
