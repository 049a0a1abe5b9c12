"""Lessons ask first, then show: on every page that has some, each lesson and each of its options."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet.common.translation import LANGUAGES
from lenet.convolution.lessons import LESSONS as CONVOLUTION
from lenet.lessons import Lesson
from lenet.pooling.lessons import LESSONS as POOLING
from tests.helpers.pages import charts, go_back, mounted, open_page, scene_of, turn_to, url, words

pytestmark = pytest.mark.usefixtures("router")

PAGES = {"convolution": CONVOLUTION, "pooling": POOLING}
EACH = [(page, name) for page, lessons in PAGES.items() for name in lessons]


def lesson_of(page: str, name: str) -> Lesson:
    return PAGES[page][name]


def options(at: AppTest) -> list[Any]:
    return [button for button in at.button if button.key and button.key.startswith("lesson_option")]


def scenes(at: AppTest) -> list[dict[str, Any]]:
    return [scene_of(part) for part in mounted(at)]


def listed(at: AppTest) -> dict[str, Any]:
    """What the browser is told of the lessons, whose ticks it keeps."""
    (script,) = [part.proto.body for part in at.get("html") if "({ tick })" in part.proto.body]
    found: dict[str, Any] = json.loads(script.partition("tick(")[2].rpartition(")).catch")[0])
    return found


def is_asked(at: AppTest) -> bool:
    return bool(options(at))


@pytest.mark.parametrize(("page", "name"), EACH)
def test_a_lesson_asks_and_shows_nothing_of_the_answer(page: str, name: str) -> None:
    lesson = lesson_of(page, name)
    at = open_page(page, lesson=name)
    assert not at.exception and not at.warning and not at.error
    assert lesson.question.question.say() in words(at) and lesson.text not in words(at)
    assert [button.label.replace("\\", "") for button in options(at)] == [
        o.say() for o in lesson.question.form.options
    ]
    assert url(at)["asked"] == "true" and url(at)["lesson"] == name
    assert not at.get("download_button"), "no numbers to take along"
    assert lesson.question.solution.say() not in words(at)
    for drawn in scenes(at):
        if "output" in drawn:
            assert drawn["fixed"], "whoever changes numbers sees what comes of it"
        if "output" in lesson.hides:
            assert {text for channel in drawn["output"]["texts"] for text in channel} == {"?"}
            assert {shade for channel in drawn["output"]["shades"] for shade in channel} == {None}
            assert drawn["legend"] is None
            assert not {"winners", "ties", "sums", "divisors", "truth", "wrong"} & drawn.keys()
        if "learning" in lesson.hides:
            assert drawn["covered"]
    assert len(charts(at)) == ("change" in lesson.beginning), "the curves tell what comes of other amounts"


@pytest.mark.parametrize(("page", "name"), EACH)
def test_each_answer_is_judged_with_its_reason_and_opens_the_figure(page: str, name: str) -> None:
    lesson = lesson_of(page, name)
    asked = lesson.question
    at = open_page(page, lesson=name)
    for n in range(len(asked.form.options)):
        options(at)[n].click().run()
        verdict = asked.grade((float(n),))
        assert not at.exception and not is_asked(at) and "asked" not in url(at)
        assert f"[{verdict.headline()}] {asked.explain(verdict)}" in words(at) and lesson.text in words(at)
        for key, value in lesson.opened.items():
            if key in at.session_state and key != "grid":
                assert at.session_state[key] == value
        for drawn in scenes(at):
            assert not drawn.get("covered") and not drawn.get("fixed")
            if "output" in drawn:
                assert "?" not in [text for channel in drawn["output"]["texts"] for text in channel]
        reset = "reset" if page == "pooling" else "convolution_reset"
        at.button(key=reset).click().run()
        assert is_asked(at), "back to its beginning"


@pytest.mark.parametrize(("page", "name"), EACH)
def test_who_would_rather_be_shown(page: str, name: str) -> None:
    lesson = lesson_of(page, name)
    at = open_page(page, lesson=name)
    at.button(key="lesson_show").click().run()
    said = words(at)
    assert not at.exception and not is_asked(at) and lesson.text in said
    assert lesson.question.solution.say() in said and "Right." not in said and "Not quite." not in said

    again = open_page(page, **url(at))  # a link made in the middle of it
    if url(at).keys() > {"lesson"}:
        assert not is_asked(again) and lesson.text in words(again)
        assert [{**drawn, "lesson": None} for drawn in scenes(again)] == [
            {**drawn, "lesson": None} for drawn in scenes(at)
        ]


@pytest.mark.parametrize("page", PAGES)
def test_a_link_made_while_it_asks_asks_again(page: str) -> None:
    for name in PAGES[page]:
        at = open_page(page, lesson=name)
        again = open_page(page, **url(at))
        assert is_asked(again) and scenes(again) == scenes(at) and url(again) == url(at)


@pytest.mark.parametrize("page", PAGES)
def test_the_path_through_the_lessons(page: str) -> None:
    lessons = PAGES[page]
    first, second, *_others = lessons
    at = open_page(page, lesson=first)
    assert at.button(key="before").disabled
    for lesson in list(lessons.values())[1:]:
        at.button(key="after").click().run()
        assert lesson.question.question.say() in words(at) and not at.exception
    assert at.button(key="after").disabled
    at = open_page(page, lesson=first)
    options(at)[0].click().run()
    at.button(key="after").click().run()
    assert is_asked(at)
    at.button(key="before").click().run()
    assert not is_asked(at) and lessons[first].text in words(at), "what was answered stays so"
    assert listed(at) == {"page": page, "names": list(lessons), "answered": [first], "word": "answered"}
    at.button(key="reset" if page == "pooling" else "convolution_reset").click().run()
    assert is_asked(at) and listed(at)["answered"] == [], "the browser keeps that it was answered once"
    at.pills(key="chosen").set_value(second).run()
    assert is_asked(at) and lessons[second].question.question.say() in words(at)
    at.button(key="close").click().run()
    assert "lesson" not in url(at) and "asked" not in url(at) and not is_asked(at)


@pytest.mark.parametrize(("page", "name"), [("pooling", "gradient"), ("convolution", "size"), ("pooling", "window")])
def test_back_to_a_lesson_shows_what_was_answered(page: str, name: str) -> None:
    lesson = lesson_of(page, name)
    at = open_page(page, lesson=name)
    before = url(at)
    options(at)[0].click().run()
    verdict = lesson.question.grade((0.0,))
    opened, told = url(at), f"[{verdict.headline()}] {lesson.question.explain(verdict)}"
    at.button(key="after").click().run()
    assert told not in words(at)
    go_back(at, **opened)
    assert told in words(at) and not is_asked(at) and url(at) == opened
    go_back(at, **before)  # a step from before the answer
    assert told in words(at) and not is_asked(at) and "asked" not in url(at)
    assert is_asked(open_page(page, **before)), "another reader is asked"


def test_an_answer_is_no_step_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else Back would ask again. The gradient is shown in another tab, which is a step where a reader opens it."""
    from streamlit.runtime.state import QueryParamsProxy

    sent: list[dict[str, str]] = []
    write = QueryParamsProxy.from_dict
    monkeypatch.setattr(QueryParamsProxy, "from_dict", lambda self, query: (sent.append(query), write(self, query)))
    at = open_page("pooling", lesson="gradient")
    sent.clear()
    options(at)[0].click().run()
    assert sent and sent[-1]["panel"] == "gradient" and not any("~step" in query for query in sent)
    at.button(key="after").click().run()
    assert any("~step" in query for query in sent)


def test_an_answer_to_another_lesson_than_the_one_on_screen_counts_for_nothing() -> None:
    """A press that arrives late."""
    at = open_page("pooling", lesson="window")
    at.session_state["lesson"] = "stride"
    late = options(at)[0]
    late.click().run()
    assert POOLING["stride"].question.question.say() in words(at) and is_asked(at)


def test_two_pages_have_lessons_of_the_same_name() -> None:
    at = open_page("pooling", lesson="window")
    at.button(key="lesson_show").click().run()
    at.query_params = {}
    turn_to(at, "convolution", lesson="window")
    assert CONVOLUTION["window"].question.question.say() in words(at) and is_asked(at)


@pytest.mark.parametrize(("page", "name"), EACH)
@pytest.mark.parametrize("lang", [code for code in LANGUAGES if code != "en"])
def test_in_another_language(page: str, name: str, lang: str) -> None:
    lesson = lesson_of(page, name)
    at = open_page(page, lesson=name, lang=lang)
    at.button(key="lesson_show").click().run()
    assert not at.exception and lesson.text not in words(at) and lesson.question.solution.say() not in words(at)
