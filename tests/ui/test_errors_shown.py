"""What a visitor sees of an error that nobody foresaw, and what the operator finds in the log."""

from __future__ import annotations

import inspect
import json
import tomllib
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1 import AppTest

from lenet import runs, ui
from lenet.architecture import forward
from lenet.common import log, paths
from lenet.runs import store
from lenet.ui import server
from tests.helpers.pages import app, button, open_page

pytestmark = pytest.mark.usefixtures("router")


def broken(*_args: object, **_more: object) -> None:
    raise KeyError("a secret of the machine, /etc/passwd")


def numbers_told(at: AppTest) -> tuple[list[str], list[str]]:
    """The numbers in what is shown and in the log; and nothing of the error itself is in either."""
    shown = [e.proto for e in at.exception]
    for e in shown:
        assert e.message.startswith("Something went wrong on this page.") and "secret" not in e.message
        assert not e.type and not e.stack_trace
    logged = [entry for entry in log.recent(100, ("error",)) if entry["event"] == "page_failed"]
    assert "secret" not in json.dumps(logged)
    return [e.message[-9:-1] for e in shown], [entry["id"] for entry in reversed(logged)]


@pytest.mark.parametrize("hosted", ["", "1"])
def test_an_error_in_a_page_is_one_sentence_with_the_number_of_its_log_line(
    hosted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_HOSTED", hosted)
    monkeypatch.setattr(forward, "of_sample_image", broken)
    at = app().run()
    shown, logged = numbers_told(at)
    assert len(shown) == 1 and shown == logged


def test_an_error_in_a_callback_and_in_a_fragment(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("training")
    assert not at.exception
    monkeypatch.setattr(store, "create", broken)
    button(at, "Train").click().run()
    assert len(at.exception) == 1
    monkeypatch.undo()
    at.run()
    assert not at.exception, "the session goes on"
    monkeypatch.setattr(runs.Run, "label", broken)
    at.run()
    shown, logged = numbers_told(at)
    assert shown and shown == logged[-len(shown) :]


def test_streamlit_still_shows_errors_through_the_function_that_is_replaced() -> None:
    from streamlit import error_util

    ui.calm_errors()
    assert "show_uncaught_app_exception(ex)" in inspect.getsource(error_util.handle_user_script_exception)
    assert error_util.show_uncaught_app_exception is server._show_error


def test_the_server_is_told_to_keep_strangers_out() -> None:
    config = tomllib.loads((paths.PROJECT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["enableXsrfProtection"] and config["server"]["enableCORS"]
    assert config["server"]["maxUploadSize"] <= 20
    assert config["client"]["showErrorDetails"] == "none"


@pytest.mark.parametrize(
    ("by_itself", "ended", "is_asked"), [(True, True, False), (True, False, True), (False, True, True)]
)
def test_a_part_is_not_run_by_itself_while_the_end_of_a_page_waits_to_be_sent(
    by_itself: bool, ended: bool, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit would drop that end. Looks whether what is wrapped is still as it was written for."""
    requests, asked = ScriptRequests(), []
    if ended:
        requests.request_stop()

    def request_rerun(data: Any) -> bool:
        asked.append(data)
        return True

    monkeypatch.delattr(AppSession, "__del__")  # there is nothing to end in this one
    session = AppSession.__new__(AppSession)
    session._state = AppSessionState.APP_NOT_RUNNING
    session._scriptrunner = SimpleNamespace(_requests=requests, request_rerun=request_rerun)  # type: ignore[assignment]
    session._fragment_storage = SimpleNamespace(contains=lambda _id: True)  # type: ignore[assignment]
    session.request_rerun(ClientState(fragment_id="part", is_auto_rerun=by_itself))
    assert bool(asked) == is_asked
    assert "self._requests = ScriptRequests()" in inspect.getsource(ScriptRunner.__init__)
