"""The visitor to whom a session belongs, on a public server."""

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
    """The visitor of this session, identified by a cookie (see visitor_cookie.py).

    A browser that accepts no cookies gets a key for the duration of the session.
    """
    if not in_session():  # one of the server's own threads
        return visitors.NOBODY
    key = st.context.cookies.get(visitors.COOKIE)
    if not visitors.is_key(key):
        key = st.session_state.setdefault(_KEY, secrets.token_hex(32))
    return visitors.Visitor(visitors.owner_of(key), operator())


visitors.set_visitor_source(_session_visitor)


def check_limits() -> None:
    """Stop the page with an error if the operator has set an invalid limit."""
    try:
        rules.limits()
    except LenetError as error:
        problem(error)
        st.stop()
