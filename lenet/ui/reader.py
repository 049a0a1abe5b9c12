"""Who reads: the language of a session, and on a public server whose browser it is."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lenet.common import paths, translation
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.runs import rules, visitors
from lenet.ui.messages import HEAD, problem
from lenet.ui.parts import component
from lenet.ui.widgets import choice

_KEY, _OPERATOR = "_ui_visitor_key", "_ui_is_operator"

_this_run = threading.local()  # a script runs in a thread of its own


def _session_language() -> str:
    """The reader's language; looked up once a run, since a page asks for it with every word."""
    if get_script_run_ctx() is None:
        return translation.DEFAULT
    known: str | None = getattr(_this_run, "language", None)
    if known is None:
        known = _this_run.language = st.session_state.get("lang") or translation.match_locale(st.context.locale)
    return known


translation.set_language_source(_session_language)


def language_switch() -> None:
    """The switch between the languages; `?lang=` in the URL, the browser's own language to begin with."""
    st.session_state.pop(HEAD, None)  # of the run before; this one's comes later, with the page
    choice(
        st.segmented_control,
        "Language · 语言",
        translation.LANGUAGES,
        key="lang",
        default=translation.match_locale(st.context.locale),
        required=True,
        label_visibility="collapsed",
    )
    _this_run.language = None  # Streamlit may run a script again in the same thread, and here it may have changed


# -- who is here: rules of a public server -------------------------------------------------------------------------


def _session_visitor() -> visitors.Visitor:
    if get_script_run_ctx() is None:  # a thread of the server that serves nobody
        return visitors.NOBODY
    key = st.context.cookies.get(visitors.COOKIE)
    if not visitors.is_key(key):  # a browser that has just come, or keeps no cookies
        key = st.session_state.get(_KEY)
    return visitors.Visitor(visitors.owner_of(key) if visitors.is_key(key) else "", operator())


visitors.set_visitor_source(_session_visitor)


def know_visitor() -> None:
    """On a public server: learn the key of this browser, which makes one for itself where it has none; else nothing.

    Where an operator has set a limit that is none, the page ends here with the sentence that says so.
    """
    if not paths.hosted():
        return
    try:
        rules.limits()
    except LenetError as error:
        problem(error)
        st.stop()

    def take() -> None:
        key = st.session_state["visitor"].get("own")
        if visitors.is_key(key):
            st.session_state[_KEY] = key

    known = visitors.visitor().owner != ""
    path = "/" + (st.get_option("server.baseUrlPath") or "").strip("/")
    cookie = {"cookie": visitors.COOKIE, "path": path, "known": known}
    component("visitor_key")(key="visitor", data=cookie, on_own_change=take, height=1)


def operator() -> bool:
    """Whether this session is the operator's: on a laptop every one, on a public server one that has signed in."""
    return not paths.hosted() or bool(st.session_state.get(_OPERATOR))


@st.cache_resource(show_spinner=False)
def _sign_in() -> visitors.SignIn:
    """The one of this server."""
    return visitors.SignIn()


def operator_sign_in() -> None:
    """The operator's way in and out, on a public server; on a laptop nothing.

    The password is that of `[operator]` in `.streamlit/secrets.toml`. Signed in is the session: until it is left or
    reloaded.
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
    """The password under `[operator]`: in a table of its own, because Streamlit puts bare secrets into the environment
    of this process and of those that it starts. Empty where there is none."""
    table = st.secrets.get("operator") if st.secrets.load_if_toml_exists() else None
    password = table.get("password") if isinstance(table, Mapping) else None
    return password if isinstance(password, str) else ""
