"""The operator's sign-in on a public server."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.runs.visitors import SignIn
from lenet.ui.messages import problem

_OPERATOR = "_ui_is_operator"


def operator() -> bool:
    """Whether this session is the operator's: always on a laptop, on a public server after signing in."""
    return not paths.hosted() or bool(st.session_state.get(_OPERATOR))


@st.cache_resource(show_spinner=False)
def _sign_in() -> SignIn:
    """The one instance of this server."""
    return SignIn()


def operator_sign_in() -> None:
    """The sign-in form, or the button to sign out; nothing on a laptop.

    The password is that of `[operator]` in `.streamlit/secrets.toml`. The sign-in lasts as long as the session: until the
    page is closed or reloaded.
    """
    if not paths.hosted():
        return
    if operator():
        if st.button(_("Sign out"), icon=":material/logout:", key="sign_out"):
            del st.session_state[_OPERATOR]
            st.rerun()
        return
    with st.form("sign_in", clear_on_submit=True, width=420):
        given = st.text_input(_("Operator’s password"), type="password", autocomplete="current-password")
        asked = st.form_submit_button(_("Sign in"), icon=":material/login:")
    if asked:
        try:
            _sign_in().check(given, _operator_password())
        except LenetError as error:
            problem(error)
        else:
            st.session_state[_OPERATOR] = True
            st.rerun()


def _operator_password() -> str:
    """The password under `[operator]`; empty if there is none. It is in a table of its own because Streamlit copies
    top-level secrets into the environment of this process, and so of those that it starts."""
    table = st.secrets.get("operator") if st.secrets.load_if_toml_exists() else None
    password = table.get("password") if isinstance(table, Mapping) else None
    return password if isinstance(password, str) else ""
