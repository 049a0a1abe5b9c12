"""Who sits at the machine, and what a guest's pages offer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from lenet.runs import guests, visitors
from lenet.ui import address, visitor
from tests.helpers.pages import app, button, open_page, said, turn_to, words
from tests.helpers.visitors import acting_as


@pytest.mark.parametrize(
    ("address", "headers", "is_there"),
    [
        (None, {"host": "localhost:8501"}, True),  # Streamlit's way to say 127.0.0.1
        ("::ffff:127.0.0.1", {"host": "127.0.0.1:8501"}, True),
        (None, {"host": "[::1]:8501"}, True),
        (None, {"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        (None, {"host": "localhost:8501", "origin": "https://demo.example"}, False),  # a proxy that tells nobody
        ("192.168.1.7", {"host": "192.168.1.5:8501"}, False),
        ("192.168.1.7", {"host": "192.168.1.5:8501", "origin": "http://192.168.1.5:8501"}, False),
        ("192.168.1.5", {"host": "192.168.1.5:8501", "origin": "http://192.168.1.5:8501"}, True),
        ("::ffff:192.168.1.5", {"host": "192.168.1.5:8501", "origin": "http://192.168.1.5:8501"}, True),
        ("fd00::5", {"host": "[fd00::5]:8501", "origin": "http://[fd00::5]:8501"}, True),
        ("192.168.1.5", {"host": "192.168.1.5:8501"}, False),  # no browser
        ("192.168.1.5", {"host": "192.168.1.5", "origin": "http://192.168.1.5"}, False),  # a proxy on another port
        ("192.168.1.5", {"host": "192.168.1.5:8501", "origin": "http://demo.example"}, False),
        ("192.168.1.5", {"host": "demo.example:8501", "origin": "http://demo.example:8501"}, False),
        ("192.168.1.5", {"host": "192.168.1.5:8501", "origin": "http://192.168.1.5:8501", "via": "1.1 proxy"}, False),
        ("192.168.1.6", {"host": "192.168.1.6:8501", "origin": "http://192.168.1.6:8501"}, False),  # not this machine
        ("192.168.1.7", {"host": "localhost:8501"}, False),
        (None, {"host": "localhost:8501", "origin": "http://["}, False),
        (None, {"host": "[::1"}, False),
        (None, {"host": "demo.example"}, False),  # a tunnel, or a name that leads here
        (None, {"host": "localhost", "x-forwarded-for": "203.0.113.9"}, False),
        (None, {"host": "localhost", "via": "1.1 proxy"}, False),
        (None, {}, False),  # a browser that left when it had sent its click: Streamlit knows nothing of it any more
    ],
)
def test_who_sits_at_the_machine(address: str | None, headers: dict[str, str], is_there: bool) -> None:
    with (
        mock.patch.object(visitor.st, "context", SimpleNamespace(ip_address=address, headers=headers)),
        mock.patch.object(visitor.links, "is_own", lambda ip: str(ip) in ("192.168.1.5", "fd00::5")),
    ):
        assert visitor.at_the_machine() is is_there


def test_who_has_left_is_no_new_visitor(hosted: None) -> None:
    key = "a" * 64
    here = SimpleNamespace(ip_address="203.0.113.9", headers={"host": "demo.example"}, cookies={visitors.COOKIE: key})
    gone = SimpleNamespace(ip_address=None, headers={}, cookies={})
    state: dict[str, object] = {}
    with (
        mock.patch.object(visitor, "in_session", lambda: True),
        mock.patch.object(visitor.st, "session_state", state),
    ):
        found = []
        for context in (here, gone):
            with mock.patch.object(visitor.st, "context", context):
                found.append(visitor._session_visitor())
    assert found[0] == found[1] == visitors.Visitor(visitors.owner_of(key), network="203.0.113.9")


def test_a_link_that_is_asked_for_again_has_the_address_of_now(own_directories: Path) -> None:
    session = SimpleNamespace(session_state={}, context=SimpleNamespace(url="http://localhost:8501/pooling"))
    machine = mock.Mock(side_effect=["192.168.1.5", "10.0.0.7"])
    with mock.patch.object(address, "st", session), mock.patch.object(address.links, "address_for_others", machine):
        urls = []
        for _press in range(2):
            address.ask_for_address("asked", "kernel=3")
            for _run in range(2):
                found = address.shared_address("asked")
                assert found
                urls.append(found[1].url)
    assert urls == 2 * ["http://192.168.1.5:8501/pooling?kernel=3"] + 2 * ["http://10.0.0.7:8501/pooling?kernel=3"]


def test_what_a_guest_is_told(router: None) -> None:
    guests.let_only_look(True)
    with acting_as(visitors.GUEST):
        at = open_page("training", recipe="sprint")
        button(at, "Train").click().run()
        assert "Guests may only look here" in said(at)[0]
        assert "Guests may only look here" in said(turn_to(at, "status"))[0]
        home = words(app().run())
        assert "runs in runs" in home or "run in runs" in home, "no path of this machine"
        at = open_page("architecture", tab="walk", src="upload")
        assert "Guests may only look here" in said(at)[0]
        assert not at.get("file_uploader")
