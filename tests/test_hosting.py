"""The rules of a public server: whose a run is, what is refused, whose turn it is."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lenet import hosting
from lenet.errors import LenetError
from lenet.hosting import NOBODY, OPERATOR, Visitor

ANN, BOB = (Visitor(hosting.owner_of(hex_ * 64)) for hex_ in "ab")
PASSWORD = "correct horse battery staple"


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")


# -- who asks ----------------------------------------------------------------------------------------------------


def test_only_the_owner_and_the_operator_may_change_a_run() -> None:
    assert ANN.may_change(ANN.owner)
    assert not BOB.may_change(ANN.owner)
    assert not NOBODY.may_change(ANN.owner)
    assert OPERATOR.may_change(ANN.owner)
    # of nobody's browser: from the command line, or of a time before these rules
    assert OPERATOR.may_change("")
    assert not any(visitor.may_change("") for visitor in (ANN, NOBODY))


def test_what_is_kept_of_a_key_does_not_open_anything() -> None:
    key = "0123456789abcdef" * 4
    kept = hosting.owner_of(key)
    assert key not in kept
    assert hosting.owner_of(kept) != kept  # to send what stands in a run directory is to be somebody else


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 65, None, 3, ["a" * 64]])
def test_what_is_no_key(text: object) -> None:
    assert not hosting.is_key(text)


def test_on_a_laptop_everybody_is_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "_ask", lambda: NOBODY)
    assert hosting.visitor() == OPERATOR
    monkeypatch.setenv("LENET_HOSTED", "1")
    assert hosting.visitor() == NOBODY


# -- the operator ------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that passes only in waiting."""
    now = [100.0]
    monkeypatch.setattr(hosting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(hosting.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(hosting, "_wrong", 0)
    monkeypatch.setattr(hosting, "_closed_until", 0.0)
    return now


def refusal(given: str, right: str = PASSWORD) -> str:
    with pytest.raises(LenetError) as caught:
        hosting.check_password(given, right)
    return caught.value.code


def test_the_password_and_no_other(clock: list[float]) -> None:
    hosting.check_password(PASSWORD, PASSWORD)
    hosting.check_password("密码 пароль", "密码 пароль")
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", "密码"):
        assert refusal(wrong) == "wrong_password"
    assert clock[0] == 100 + 4 * hosting.WRONG_TAKES


def test_without_a_password_nobody_signs_in() -> None:
    assert refusal("", right="") == "no_operator_password"


def test_guessing_closes_the_door_for_a_while(clock: list[float]) -> None:
    for _guess in range(hosting.MAX_WRONG):
        assert refusal("guess") == "wrong_password"
    assert refusal(PASSWORD) == "sign_in_closed"  # not even the right one is looked at
    clock[0] += hosting.CLOSED_FOR
    hosting.check_password(PASSWORD, PASSWORD)


def sign_in_page() -> None:
    import streamlit as st

    from lenet import ui

    ui.operator_sign_in()
    st.text(f"operator: {ui.operator()}")


def test_signing_in_and_out(hosted: None, clock: list[float]) -> None:
    at = AppTest.from_function(sign_in_page)
    at.secrets["operator"] = {"password": PASSWORD}
    at.run()
    assert at.text[0].value == "operator: False"
    at.text_input[0].input("guess")
    at.button[0].click().run()
    assert (at.text[0].value, at.error[0].value) == ("operator: False", "This is not the operator’s password.")
    at.text_input[0].input(PASSWORD)
    at.button[0].click().run()
    assert at.text[0].value == "operator: True"
    at.button(key="sign_out").click().run()
    assert at.text[0].value == "operator: False"
    assert not at.exception


def test_signing_in_without_a_password_in_the_secrets(hosted: None) -> None:
    at = AppTest.from_function(sign_in_page)
    at.secrets["other"] = "thing"
    at.run()
    at.text_input[0].input("guess")
    at.button[0].click().run()
    assert "secrets.toml" in at.error[0].value.replace("\\", "")
    assert at.text[0].value == "operator: False"


def test_a_laptop_asks_for_no_password() -> None:
    at = AppTest.from_function(sign_in_page).run()
    assert at.text[0].value == "operator: True"
    assert not at.text_input
