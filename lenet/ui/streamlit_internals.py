"""Our uses of Streamlit's internals. No other file imports them; each use says which public API would replace it.

tests/ui/test_streamlit_internals.py fails when one of them is no longer needed.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


def in_session() -> bool:
    """Whether this thread runs a page for a visitor and is not one of the server's own.

    Needed because `st.session_state` logs a warning if there is no session. A public function was requested in
    streamlit/streamlit#759, which was closed without one.
    """
    return get_script_run_ctx() is not None


def is_part_alone() -> bool:
    """Whether a fragment (`st.fragment`) runs by itself now, and not the whole page.

    No upstream issue known.
    """
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def went_back() -> bool:
    """Whether this run of a page follows the browser's Back or Forward, so that the URL says what is to be shown.

    Streamlit's widgets with `bind="query-params"` follow it, but they write the words of a choice into the URL, in the
    reader's language. Nothing public says it to a page that reads `st.query_params` (streamlit/streamlit#16989).
    """
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation and not context.fragment_ids_this_run


_asked: WeakKeyDictionary[AppSession, tuple[str, str]] = WeakKeyDictionary()
"""The page that each browser has asked for last, and the one that it had then."""


def drop_late_parts() -> None:
    """Drop a fragment's rerun of which Streamlit would make half a page. This wraps a method of Streamlit's sessions.

    One is the automatic rerun that is requested when a run has ended but has not been sent completely. Streamlit would start
    the fragment and discard what still has to be sent: on an overloaded server, eight visitors of a hundred were left with
    half a page. The fragment asks again soon; clicks are never dropped. Streamlit describes the race in
    `AppSession.request_rerun` and ignores fragments that no longer exist (streamlit/streamlit#9921, closed). No upstream issue
    is known for those that still exist.

    The other is that of a page which the reader is leaving, while the next one runs: a player that stops at the click on a
    link tells its step. Streamlit would tell the browser, after the new page, that a part of the old one has run, and the
    browser would take the new page's elements away. No upstream issue is known.
    """
    request = AppSession.request_rerun
    if hasattr(request, "__wrapped__"):
        return

    @wraps(request)
    def request_rerun(self: AppSession, client_state: Any) -> None:
        if client_state is not None and (_is_late_tick(self, client_state) or _is_of_left_page(self, client_state)):
            return
        if client_state is not None and not client_state.fragment_id:
            _asked[self] = client_state.page_script_hash, self._client_state.page_script_hash
        request(self, client_state)

    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def _is_late_tick(session: AppSession, asked: Any) -> bool:
    runner = session._scriptrunner
    return bool(asked.is_auto_rerun) and runner is not None and runner._requests._state == ScriptRequestType.STOP


def _is_of_left_page(session: AppSession, asked: Any) -> bool:
    """Whether a fragment of another page is asked for than the one that runs. A page may have switched to a third one."""
    page, before = _asked.get(session, ("", ""))
    if not (asked.fragment_id and asked.page_script_hash and page) or session._scriptrunner is None:
        return False
    now = session._client_state.page_script_hash
    return asked.page_script_hash not in (page, now if now != before else page)


def log_errors_once() -> None:
    """Keep Streamlit's copy of an error's traceback off stderr: `server.show_error` writes it there with its number.

    Streamlit writes it before it calls `on_script_error`, whatever that returns. No upstream issue is known.
    """
    logger = logging.getLogger("streamlit.error_util")
    if _is_no_copy not in logger.filters:
        logger.addFilter(_is_no_copy)


def _is_no_copy(record: logging.LogRecord) -> bool:
    return record.getMessage() != "Uncaught app execution"
