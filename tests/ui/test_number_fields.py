"""Numbers that are typed: no page uses the browser's own field, and none goes on with another number than the one on screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.paths import PROJECT
from lenet.ui.number_fields import Refused, refusal
from tests.helpers.pages import said, typed

SCRIPTS = [*(PROJECT / "pages").rglob("*.py"), *(PROJECT / "lenet" / "ui").glob("*.py")]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_page_has_a_field_that_keeps_from_the_server_what_is_typed(path: Path) -> None:
    assert "number_input" not in path.read_text(encoding="utf-8")


def page() -> AppTest:
    """A page with one number from 1 to `high`, which is 10 unless the session says otherwise; what it is, in Markdown.

    Its field is not drawn while the session has `folded`.
    """

    def script() -> None:
        import streamlit as st

        from lenet import ui

        ui.begin_address("page")
        ui.note_arrival("page")
        high = st.session_state.get("high", 10)
        place = None if "folded" in st.session_state else st
        ui.guard(lambda: st.markdown(ui.typed_number(place, "Number", 1, high, key="n", default=3)))

    return AppTest.from_function(script, default_timeout=60)


def shown(at: AppTest) -> list[str]:
    return [m.value for m in at.markdown]


def test_the_number_on_screen_is_the_number_in_use_or_there_is_none() -> None:
    at = page().run()
    for text, number in (("5", "5"), ("７", "7"), ("11", None), ("", "3"), ("four", None), ("4", "4")):
        typed(at, "n").set_value(text).run()
        assert shown(at) == ([number] if number else [])
        assert typed(at, "n").value == text and not typed(at, "n").proto.set_value, "it keeps what was typed"
        assert typed(at, "n").placeholder == "3", "what an empty field means"
        assert len(said(at)) == (0 if number else 1)


def test_what_was_typed_while_the_server_wrote_into_the_field_is_written_again() -> None:
    """The browser may by then show the older text of the server, without a word to it."""
    at = page().run()
    typed(at, "n").set_value("8").run()
    at.session_state["high"] = 5
    at.run()
    assert typed(at, "n").proto.set_value and typed(at, "n").value == "3"
    typed(at, "n").set_value("4").run()
    assert typed(at, "n").proto.set_value and (typed(at, "n").value, shown(at)) == ("4", ["4"])
    at.run()
    assert not typed(at, "n").proto.set_value, "now the browser has said what it shows"
    typed(at, "n").set_value("5").run()
    assert not typed(at, "n").proto.set_value


def test_a_field_that_comes_back_is_written_once() -> None:
    at = page().run()
    typed(at, "n").set_value("8").run()
    at.session_state["high"] = 5
    at.run()
    assert typed(at, "n").proto.set_value
    at.session_state["folded"] = True
    at.run()
    at.session_state["n"] = 4  # as a preset does
    del at.session_state["folded"]
    at.run()
    assert typed(at, "n").value == "4"
    at.run()
    assert not typed(at, "n").proto.set_value, "what is typed meanwhile would be lost"


def test_what_is_refused_is_judged_again_when_the_limits_change() -> None:
    at = page().run()
    typed(at, "n").set_value("20").run()
    assert said(at) == ["Number must lie between 1 and 10; it is 20."] and shown(at) == []
    at.session_state["high"] = 30
    at.run()
    assert said(at) == [] and shown(at) == ["20"]
    at.session_state["high"] = 5  # as with another layer: the number was right where it was typed
    at.run()
    assert shown(at) == ["3"] == [typed(at, "n").value]


def test_a_link_is_named_as_in_the_link_and_what_is_typed_as_on_the_page() -> None:
    at = page()
    at.query_params["n"] = "eleven"
    at.run()
    assert said(at) == ["n must be a number, not eleven."] and typed(at, "n").value == "eleven"
    typed(at, "n").set_value("twelve").run()
    assert said(at) == ["Number must be a number, not twelve."]


@given(st.text(max_size=20), st.sampled_from([int, float]))
def test_a_refused_text_always_has_its_sentence(text: str, kind: Any) -> None:
    field = Field("n", kind, low=1, high=10, key="n")
    try:
        field.read(text)
    except LenetError:
        assert str(refusal(field, Refused(text), "Number")).startswith("Number must")
