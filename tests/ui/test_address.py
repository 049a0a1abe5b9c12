"""The URL: what becomes a step that Back undoes, and what a page does when the reader has gone back."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy
from streamlit.testing.v1 import AppTest

from lenet.architecture.configuration import LeNetConfig
from lenet.ui.address import NEW_STEP, STEPS
from tests.helpers.pages import go_back, open_page, said, turn_to, typed, url

pytestmark = pytest.mark.usefixtures("router")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The queries that were sent to the browser."""
    queries: list[dict[str, str]] = []
    write = QueryParamsProxy.from_dict

    def from_dict(self: QueryParamsProxy, query: Any) -> None:
        queries.append(dict(query))
        write(self, query)

    monkeypatch.setattr(QueryParamsProxy, "from_dict", from_dict)
    return queries


def script(at: AppTest) -> str:
    """The script that frames the page."""
    (found,) = [e.proto.body for e in at.get("html") if "documentElement.lang" in e.proto.body]
    return str(found)


def changed_by(script: str) -> str:
    """What the script of a page's first run changes in the query."""
    return script.partition('lenetChangeQuery("')[2].partition('", "')[2].partition('"')[0]


def test_a_number_or_a_choice_of_a_setting_changes_the_current_step(sent: list[dict[str, str]]) -> None:
    at = open_page("pooling")
    at.slider(key="kernel").set_value(3).run()
    assert sent == [{"kernel": "3"}]
    at.slider(key="kernel").set_value(2).run()
    assert sent[1:] == [{}]
    at.segmented_control(key="mode").set_value("avg").run()
    assert sent[2:] == [{"mode": "avg"}]
    at.run()
    assert len(sent) == 3, "nothing has changed"


def test_an_example_is_one_step_with_all_that_it_sets(sent: list[dict[str, str]]) -> None:
    at = open_page("pooling", kernel="3")
    at.segmented_control(key="preset").set_value("4x4").run()
    step, after = sent
    assert step == after | NEW_STEP and after["preset"] == "4x4"
    assert "kernel" not in after, "the example's own"


def test_a_run_is_a_step_and_the_settings_copied_from_it(sent: list[dict[str, str]]) -> None:
    at = open_page("training", run="reference-classic", lr="0.5", panel="settings")
    at.selectbox(key="run").set_value("reference-modern").run()
    assert [query.get("run") for query in sent] == ["reference-modern"] * 2 and "~step" in sent[0]
    sent.clear()
    at.button(key="use").click().run()
    assert said(at) == [] and at.segmented_control(key="recipe").value == "modern"
    assert "~step" in sent[0] and sent[1] == url(at) and "lr" not in url(at)


def test_the_first_run_of_a_session_writes_with_a_script(sent: list[dict[str, str]]) -> None:
    """Streamlit would make a step of it, before the script is there that keeps it from doing so."""
    at = open_page("pooling", kernel="2", padding="9", stride="2", lang="zh")
    assert sent == []
    changes = changed_by(script(at))
    assert set(changes.split("&")) == {"kernel=", "padding=", "lang=zh_CN"}
    assert url(at) == {"stride": "2", "lang": "zh_CN"}
    at.run()
    assert "lenetChangeQuery(" not in script(at).splitlines()[-1]


def test_what_is_typed_cannot_leave_the_script() -> None:
    at = open_page("pooling", grid='</script>");alert(1)', lang="</script>", lesson="</script>")
    assert script(at).lower().count("</script>") == 1 and "alert" not in script(at)


def test_another_page_is_a_step_of_the_browsers_and_what_it_remembers_is_none(sent: list[dict[str, str]]) -> None:
    at = open_page("pooling")
    at.slider(key="kernel").set_value(3).run()
    at.query_params = {}  # as a link of the navigation has it
    turn_to(at, "training")
    at.query_params = {}
    sent.clear()
    turn_to(at, "pooling")
    assert at.slider(key="kernel").value == 3
    assert sent == [] and changed_by(script(at)) == "kernel=3", "and no step"


def test_a_move_is_not_undone_by_a_query_that_was_on_its_way(sent: list[dict[str, str]]) -> None:
    at = open_page("pooling")
    at.slider(key="kernel").set_value(3).run()
    at.query_params = {}  # the browser has not heard of it yet
    at.slider(key="kernel").set_value(2).run()
    assert sent == [{"kernel": "3"}, {}] and at.slider(key="kernel").value == 2


def test_back_sets_everything_to_what_the_url_says(sent: list[dict[str, str]]) -> None:
    at = open_page("pooling", kernel="3", mode="avg")
    at.segmented_control(key="preset").set_value("4x4").run()
    at.slider(key="padding").set_value(0).run()
    at.slider(key="stride").set_value(2).run()
    sent.clear()
    go_back(at, kernel="3", mode="avg")
    assert said(at) == [] and url(at) == {"kernel": "3", "mode": "avg"}
    assert sent == [], "the page does not write over it"
    values = {key: at.slider(key=key).value for key in ("kernel", "stride", "padding")}
    assert values == {"kernel": 3, "stride": 1, "padding": 0}
    assert (at.segmented_control(key="preset").value, at.segmented_control(key="mode").value) == ("3x3", "avg")


def test_back_to_a_grid_and_to_a_lesson() -> None:
    at = open_page("pooling")
    go_back(at, grid="1,2;3,4")
    assert url(at) == {"grid": "1,2;3,4"}
    go_back(at)
    assert url(at) == {}, "the example's own grid"
    go_back(at, lesson="stack")
    assert at.session_state["lesson"] == "stack"
    go_back(at)
    assert "lesson" not in at.session_state


def test_back_to_other_settings_of_a_run_and_of_a_network() -> None:
    at = open_page("training", recipe="modern", lr="0.05", epochs="3")
    at.segmented_control(key="recipe").set_value("classic").run()
    assert at.session_state["lr"] == 0.9
    go_back(at, recipe="modern", lr="0.05", epochs="3", run="reference-classic")
    assert (typed(at, "lr").value, at.slider(key="epochs").value) == ("0.05", 3)
    go_back(at, run="reference-modern")
    assert at.segmented_control(key="recipe").value == "classic" and at.session_state["lr"] == 0.9

    at = open_page("architecture", act="relu", c1="12")
    go_back(at, act="tanh")
    assert (at.session_state["act"], at.session_state["c1"]) == ("tanh", LeNetConfig().channels[0])


def test_back_to_a_bad_value_is_answered_with_a_sentence() -> None:
    at = open_page("pooling")
    go_back(at, kernel="99")
    (sentence,) = said(at)
    assert sentence.startswith("kernel must lie between") and at.slider(key="kernel").value == 2


def test_back_keeps_the_language() -> None:
    at = open_page("pooling", lang="zh_CN")
    go_back(at)
    assert at.segmented_control(key="lang").value == "zh_CN" and url(at) == {"lang": "zh_CN"}


def test_every_tab_and_every_choice_of_a_run_is_a_step() -> None:
    assert {
        "tab",
        "panel",
        "run",
        "with",
        "other",
        "nets",
        "lesson",
        "preset",
        "example",
        "recipe",
        "predict",
        "question",
        "experiment",
    } == set(STEPS)
