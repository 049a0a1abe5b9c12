"""What a visitor sees of an error that nobody foresaw, and what the operator finds in the log.

See test_server.py for the same on a server.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.testing.v1 import AppTest

from lenet import runs
from lenet.architecture import forward
from lenet.common import log, paths
from lenet.runs import store
from lenet.ui import server
from tests.helpers.pages import app, button, open_page

pytestmark = pytest.mark.usefixtures("router")


def broken(*_args: object, **_more: object) -> None:
    raise KeyError("a secret of the machine, /etc/passwd")


@pytest.fixture(autouse=True)
def as_in_app_py(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs the pages without `st.App`: hand it the app's way to show errors."""
    made = ScriptRunner.__init__

    def init(self: ScriptRunner, *args: Any, **more: Any) -> None:
        made(self, *args, **more, on_script_error=server.show_error)

    monkeypatch.setattr(ScriptRunner, "__init__", init)


def numbers_told(at: AppTest) -> tuple[list[str], list[str]]:
    """The numbers in what is shown and in the log; and nothing of the error itself is in either."""
    assert not at.exception
    shown = [e.value.replace("\\", "") for e in at.error]
    for sentence in shown:
        assert sentence.startswith("Something went wrong on this page.") and "secret" not in sentence
    logged = [entry for entry in log.recent(100, ("error",)) if entry["event"] == "page_failed"]
    assert "secret" not in json.dumps(logged)
    return [sentence[-9:-1] for sentence in shown], [entry["id"] for entry in reversed(logged)]


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
    assert not at.error
    with monkeypatch.context() as patch:
        patch.setattr(store, "create", broken)
        button(at, "Train").click().run()
    shown, logged = numbers_told(at)
    assert len(shown) == 1 and shown == logged
    at.run()
    assert not at.error, "the session goes on"
    monkeypatch.setattr(runs.Run, "label", broken)
    at.run()
    shown, logged = numbers_told(at)
    assert shown and shown == logged[-len(shown) :]


def test_an_error_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "of_sample_image", broken)
    at = app(lang="zh_CN").run()
    assert [e.value[:3] for e in at.error] == ["本页出"]


def test_the_server_is_told_to_keep_strangers_out() -> None:
    config = tomllib.loads((paths.PROJECT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["enableXsrfProtection"] and config["server"]["enableCORS"]
    assert config["server"]["maxUploadSize"] <= 20
    assert config["client"]["showErrorDetails"] == "none"
