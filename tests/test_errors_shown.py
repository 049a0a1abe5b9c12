"""What a visitor sees of an error that nobody foresaw, and what the operator finds in the log."""

from __future__ import annotations

import json
import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from lenet import log, portrait, runs, settings, ui

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
    monkeypatch.setattr(portrait, "portrait", broken)
    at = AppTest.from_file(str(settings.PROJECT / "app.py"), default_timeout=20).run()
    shown, logged = numbers_told(at)
    assert len(shown) == 1 and shown == logged


def test_an_error_in_a_callback_and_in_a_fragment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = AppTest.from_file(str(settings.PROJECT / "app.py"), default_timeout=20)
    at.switch_page("pages/training.py").run()
    assert not at.exception
    monkeypatch.setattr(runs, "create", broken)
    (train,) = [b for b in at.button if b.key == "train"]
    train.click().run()
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
    assert "show_uncaught_app_exception(ex)" in __import__("inspect").getsource(
        error_util.handle_user_script_exception
    )
    assert error_util.show_uncaught_app_exception is ui._show_error


def test_the_server_is_told_to_keep_strangers_out() -> None:
    config = tomllib.loads((settings.PROJECT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["enableXsrfProtection"] and config["server"]["enableCORS"]
    assert config["server"]["maxUploadSize"] <= 20
    assert config["client"]["showErrorDetails"] == "none"
