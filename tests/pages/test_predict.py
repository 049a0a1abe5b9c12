"""Exercises on a page: begun by a link or a button, and left again."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet.common.paths import PROJECT
from lenet.exercises import KINDS
from lenet.exercises.subjects import SUBJECTS
from pages.parts.predict import names_of
from tests.helpers.pages import go_back, mounted, open_page, said, scene, turn_to, url

pytestmark = pytest.mark.usefixtures("router")

PAGES = [subject for subject in SUBJECTS if (PROJECT / "pages" / f"{subject}.py").exists()]


def begin(at: AppTest) -> AppTest:
    return at.button(key="page_exercises").click().run()


def asked(at: AppTest) -> tuple[str, int]:
    """The kind and the seed of the exercise on screen."""
    drawn = scene(at)
    return drawn["kind"], drawn["seed"]


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_and_level_can_be_handed_out_as_a_link(page: str) -> None:
    for name in names_of(page):
        at = open_page(page, predict=name, seed="7", n="3", question="2")
        assert not at.exception and said(at) == [], name
        drawn = scene(at)
        assert drawn["seed"] == 8 and drawn["place"] == "2 of 3" and drawn["verdict"] is None
        assert drawn["kind"] == name or (name.startswith("level") and KINDS[drawn["kind"]].level == int(name[-1]))
        assert drawn["question"] == KINDS[drawn["kind"]].make(8).question.say()
        assert url(at) == {"predict": name, "seed": "7", "n": "3", "question": "2"}


def test_the_same_link_asks_in_chinese() -> None:
    at = open_page("pooling", predict="pool-max", seed="3", lang="zh_CN")
    assert scene(at)["question"] == "最大汇聚，窗口 2×2，步幅 2：输出的第 1 行第 2 列是什么数？"
    assert asked(at) == ("pool-max", 3)


def test_what_is_hidden_does_not_reach_the_browser() -> None:
    (_input, output) = scene(open_page("pooling", predict="pool-max", seed="3"))["panels"]
    assert {text for row in output["texts"] for text in row} == {"?"}
    assert {shade for row in output["shades"] for shade in row} == {None}
    assert output["marked"] == [[0, 1]] and output["shown"] == []
    (table,) = scene(open_page("architecture", predict="net-flatten", seed="3"))["panels"]
    shown = [row[1] for row in table["rows"]]
    assert shown[0] != "?" and set(shown[2:]) == {"?"}


def test_a_button_begins_and_another_ends() -> None:
    at = begin(open_page("pooling", kernel="3"))
    assert not at.exception
    found = url(at)
    assert found["predict"] == "level1" and found["seed"].isdecimal() and found["kernel"] == "3"
    assert KINDS[asked(at)[0]].level == 1
    again = open_page("pooling", **found)
    assert asked(again) == asked(at), "the address asks others the same"
    at.button(key="predict_leave").click().run()
    assert url(at) == {"kernel": "3"} and mounted(at)[0].proto.component_name.endswith("grid_component")
    assert at.slider(key="kernel").value == 3


def test_back_leaves_the_exercises() -> None:
    at = begin(open_page("pooling"))
    go_back(at)
    assert "predict" not in at.session_state
    assert mounted(at)[0].proto.component_name.endswith("grid_component")


def test_another_page_is_not_in_the_middle_of_exercises() -> None:
    at = begin(open_page("pooling"))
    for name in ("predict", "seed"):
        del at.query_params[name]
    turn_to(at, "architecture")
    assert "predict" not in at.session_state and not at.exception


def test_another_kind_begins_another_series() -> None:
    at = open_page("pooling", predict="level1", seed="7", question="3")
    at.selectbox(key="predict_name").set_value("pool-size").run()
    assert url(at)["predict"] == "pool-size" and "question" not in url(at)
    assert asked(at) == ("pool-size", int(url(at)["seed"]))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"predict": "net-macs"}, "predict must be one of level1, level2, level3, pool-max"),
        ({"predict": ""}, "predict in the link has no value"),
        ({"predict": "pool-max", "seed": "x"}, "seed must be a number, not x"),
        ({"predict": "pool-max", "seed": "-1"}, "seed must lie between 0 and 999999"),
        ({"predict": "pool-max", "n": "99"}, "n must lie between 1 and 50"),
        ({"predict": "pool-max", "question": "0"}, "question must lie between 1 and 50"),
        ({"predict": "pool-max", "seed": "9" * 30}, "seed must lie between 0 and 999999"),
    ],
)
def test_a_bad_link_is_answered_with_a_sentence(query: dict[str, str], sentence: str) -> None:
    at = open_page("pooling", **query)
    assert not at.exception
    assert [text.startswith(sentence) for text in said(at)] == [True], said(at)
    assert ("predict" in at.session_state) == (query["predict"] == "pool-max")


def test_a_task_behind_the_last_is_the_last() -> None:
    assert scene(open_page("pooling", predict="pool-max", seed="3", n="2", question="9"))["place"] == "2 of 2"


def test_pages_without_exercises_offer_none() -> None:
    for page in ("home", "status"):
        at: Any = open_page(page, predict="pool-max")
        assert not at.exception and all(b.key != "page_exercises" for b in at.button)
