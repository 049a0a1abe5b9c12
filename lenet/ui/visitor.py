"""Whose browser a session is, on a public server; on a laptop nobody asks."""

from __future__ import annotations

import secrets

import streamlit as st

from lenet.common.errors import LenetError
from lenet.runs import rules, visitors
from lenet.ui.messages import problem
from lenet.ui.sign_in import operator
from lenet.ui.streamlit_internals import in_session

_KEY = "_ui_visitor_key"


def _session_visitor() -> visitors.Visitor:
    """The visitor of this session, known by the cookie of its browser (see visitor_cookie.py).

    A browser that keeps no cookies has a key for as long as the session lasts.
    """
    if not in_session():  # a thread of the server that serves nobody
        return visitors.NOBODY
    key = st.context.cookies.get(visitors.COOKIE)
    if not visitors.is_key(key):
        key = st.session_state.setdefault(_KEY, secrets.token_hex(32))
    return visitors.Visitor(visitors.owner_of(key), operator())


visitors.set_visitor_source(_session_visitor)


def check_limits() -> None:
    """End the page with the sentence that says so where an operator has set a limit that is none."""
    try:
        rules.limits()
    except LenetError as error:
        problem(error)
        st.stop()
