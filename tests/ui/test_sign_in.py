"""The form in which the operator of a public server signs in."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lenet.runs import visitors

PASSWORD = "correct horse battery staple"


def sign_in_page() -> None:
    import streamlit as st

    from lenet import ui

    ui.operator_sign_in()
    st.text(f"operator: {ui.operator()}")


def test_signing_in_and_out(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "WRONG_TAKES", 0.0)
    at = AppTest.from_function(sign_in_page, default_timeout=20)
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
    at = AppTest.from_function(sign_in_page, default_timeout=20)
    at.secrets["other"] = "thing"
    at.run()
    at.text_input[0].input("guess")
    at.button[0].click().run()
    assert "secrets.toml" in at.error[0].value.replace("\\", "")
    assert at.text[0].value == "operator: False"


def test_a_laptop_asks_for_no_password() -> None:
    at = AppTest.from_function(sign_in_page, default_timeout=20).run()
    assert at.text[0].value == "operator: True"
    assert not at.text_input
