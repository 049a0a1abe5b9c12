"""What we touch inside Streamlit is still needed, and does what it should.

A test here that fails because Streamlit has become better is good news: take the exception out of the code.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import streamlit as st
from streamlit import error_util
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from lenet.ui import streamlit_internals
from tests.helpers.processes import run_apart

PAGE = """
import streamlit as st
from lenet.ui.streamlit_internals import in_session, is_part_alone, went_back

@st.fragment(run_every=60)
def part():
    st.text(f"part, alone: {is_part_alone()}, in a session: {in_session()}")

part()
st.text(f"the end of the page, went back: {went_back()}")
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with a live part, and sessions as Streamlit has them."""
    monkeypatch.setattr(Runtime, "_instance", MagicMock(spec=Runtime))
    monkeypatch.setattr(AppSession, "request_rerun", AppSession.request_rerun)  # and as it was, afterwards
    path = tmp_path / "page.py"
    path.write_text(PAGE)
    return path


async def run_to_its_end(session: AppSession) -> list[ForwardMsg]:
    """All that a browser is sent until nothing runs any more."""
    while session._scriptrunner is not None:
        await asyncio.sleep(0.01)
    return session.flush_browser_queue()


async def after_a_tick(page: Path, *, by_itself: bool, too_late: bool) -> str:
    """What a browser is sent of a whole page whose live part is asked for `by_itself` or by a click: when the page's run
    has just ended and nothing of it was sent (`too_late`), or after that."""
    session = AppSession(ScriptData(str(page), False), MemoryUploadedFileManager(""), ScriptCache(), None, {})
    session.request_rerun(ClientState())
    (part,) = {
        m.auto_rerun.fragment_id for m in await run_to_its_end(session) if m.WhichOneof("type") == "auto_rerun"
    }
    session.request_rerun(ClientState())
    runner, sent = session._scriptrunner, ""
    assert runner is not None and runner._script_thread is not None
    if too_late:
        runner._script_thread.join()  # while the event loop stands still
    else:
        sent = str(await run_to_its_end(session))
    session.request_rerun(ClientState(fragment_id=part, is_auto_rerun=by_itself))
    sent += str(await run_to_its_end(session))
    session.shutdown()
    return sent


@pytest.mark.parametrize("by_itself", [True, False])
def test_streamlit_loses_the_end_of_a_page_by_a_late_tick(page: Path, by_itself: bool) -> None:
    sent = run_apart(after_a_tick(page, by_itself=by_itself, too_late=True))
    assert "part" in sent and "the end of the page" not in sent, "Streamlit behaves: take `drop_late_parts` out"


def test_dropped_ticks_lose_nothing(page: Path) -> None:
    streamlit_internals.drop_late_parts()
    assert "the end of the page" in run_apart(after_a_tick(page, by_itself=True, too_late=True))


@pytest.mark.parametrize(("by_itself", "too_late"), [(True, False), (False, False), (False, True)])
def test_other_requests_are_answered(page: Path, by_itself: bool, too_late: bool) -> None:
    streamlit_internals.drop_late_parts()
    sent = run_apart(after_a_tick(page, by_itself=by_itself, too_late=too_late))
    assert "alone: True" in sent


PAGES = """
import time
import streamlit as st

def live():
    st.fragment(lambda: st.text("the live part"), run_every=60)()
    st.text("the end of the live page")

def still():
    time.sleep(0.5)
    st.text("the still page")

pages = [st.Page(page, url_path=page.__name__) for page in (live, still)]
st.navigation(pages).run()
"""


async def after_leaving(page: Path, to: str, *, ask: str) -> list[ForwardMsg]:
    """What a browser is sent from the moment at which it asks for another page. Meanwhile the live part of the page `ask` is
    asked for."""
    page.write_text(PAGES)
    session = AppSession(ScriptData(str(page), False), MemoryUploadedFileManager(""), ScriptCache(), None, {})
    session.request_rerun(ClientState())
    sent = await run_to_its_end(session)
    (part,) = {m.auto_rerun.fragment_id for m in sent if m.WhichOneof("type") == "auto_rerun"}
    (listed,) = [m.navigation.app_pages for m in sent if m.WhichOneof("type") == "navigation"]
    hashes = {shown.url_pathname or "live": shown.page_script_hash for shown in listed}
    session.request_rerun(ClientState(page_script_hash=hashes[to]))
    session.request_rerun(ClientState(page_script_hash=hashes[ask], fragment_id=part))
    sent = await run_to_its_end(session)
    session.shutdown()
    return sent


def parts_of_last_run(sent: list[ForwardMsg]) -> list[str]:
    """The fragments of the run that the browser has heard of last; none if that was a whole page."""
    return [list(m.metadata.run.fragment_ids) for m in sent if m.WhichOneof("type") == "script_finished"][-1]


def test_streamlit_takes_a_page_away_for_a_part_of_the_one_before(page: Path) -> None:
    sent = run_apart(after_leaving(page, "still", ask="live"))
    assert parts_of_last_run(sent), "Streamlit behaves: take `_is_of_left_page` out"


def test_a_page_that_is_left_asks_for_nothing(page: Path) -> None:
    streamlit_internals.drop_late_parts()
    sent = run_apart(after_leaving(page, "still", ask="live"))
    assert parts_of_last_run(sent) == [] and "the still page" in str(sent)


def test_a_page_that_runs_again_has_its_parts(page: Path) -> None:
    streamlit_internals.drop_late_parts()
    assert parts_of_last_run(run_apart(after_leaving(page, "live", ask="live")))


def test_it_is_wrapped_once(page: Path) -> None:
    before = AppSession.request_rerun
    streamlit_internals.drop_late_parts()
    once = AppSession.request_rerun
    streamlit_internals.drop_late_parts()
    assert AppSession.request_rerun is once is not before


def test_a_part_knows_whether_it_runs_alone(page: Path) -> None:
    sent = run_apart(after_a_tick(page, by_itself=False, too_late=False))
    page_run, _, part_run = sent.partition("the end of the page")
    assert "alone: False, in a session: True" in page_run and "alone: True" not in page_run
    assert "alone: True, in a session: True" in part_run
    assert not streamlit_internals.in_session()
    assert not streamlit_internals.is_part_alone()


async def after_back(page: Path) -> list[str]:
    """What a browser is sent of a page, then of the page after Back, then of the page again."""
    session = AppSession(ScriptData(str(page), False), MemoryUploadedFileManager(""), ScriptCache(), None, {})
    sent = []
    for went_back in (False, True, False):
        session.request_rerun(ClientState(is_history_navigation=went_back))
        sent.append(str(await run_to_its_end(session)))
    session.shutdown()
    return sent


def test_a_page_knows_whether_the_reader_went_back(page: Path) -> None:
    first, back, later = run_apart(after_back(page))
    assert "went back: False" in first and "went back: True" in back and "went back: False" in later
    assert not streamlit_internals.went_back()


def test_streamlit_has_no_public_way_to_ask(caplog: pytest.LogCaptureFixture) -> None:
    """Without a session the state complains; and the context has nothing new that could tell."""
    with caplog.at_level(logging.WARNING):
        st.session_state.get("lang")
    assert "ScriptRunContext" in caplog.text
    assert {name for name in dir(type(st.context)) if not name.startswith("_")} == {
        "cookies", "headers", "ip_address", "is_embedded", "locale", "theme", "timezone", "timezone_offset", "url",
    }  # fmt: skip


def test_streamlit_prints_an_error_although_the_app_shows_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(error_util.__name__)
    monkeypatch.setattr(logger, "filters", [])
    monkeypatch.setattr(logger, "propagate", True)
    error_util.handle_user_script_exception(ValueError("x"), lambda _error: True)
    assert "Uncaught app execution" in caplog.text, "Streamlit behaves: take `log_errors_once` out"
    caplog.clear()
    for _start in range(2):
        streamlit_internals.log_errors_once()
    assert len(logger.filters) == 1
    error_util.handle_user_script_exception(ValueError("x"), lambda _error: True)
    assert caplog.text == ""
    error_util.handle_user_script_exception(
        ValueError("x"), lambda _error: 1 / 0 > 0
    )  # ours may fail, and then tells
    assert "ZeroDivisionError" in caplog.text
