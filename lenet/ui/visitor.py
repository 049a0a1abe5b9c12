"""The visitor to whom a session belongs: on a public server, or a guest on somebody's laptop."""

from __future__ import annotations

import secrets
from contextlib import suppress
from urllib.parse import urlsplit

import streamlit as st

from lenet import experiments, runs
from lenet.common import links, paths
from lenet.common.errors import LenetError
from lenet.runs import looks, rules, visitors
from lenet.ui.messages import PAGE, problem
from lenet.ui.sign_in import signed_in
from lenet.ui.streamlit_internals import in_session, is_part_alone

_KEY, _NETWORK = "_ui_visitor_key", "_ui_visitor_network"
"""Keys of the session state: its visitor's key, and the network address that they come from."""
_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
)
"""Headers by which a proxy says that a request is not its own."""


def _session_visitor() -> visitors.Visitor:
    """The visitor of this session; on a public server identified by a cookie (see visitor_cookie.py).

    A browser that accepts no cookies gets a key for the duration of the session. One that leaves while its page runs stays
    the visitor that it was: Streamlit knows neither its cookies nor its address any more.
    """
    if not paths.hosted():
        return visitors.OPERATOR if not in_session() or at_the_machine() else visitors.GUEST
    if not in_session():  # one of the server's own threads
        return visitors.NOBODY
    state, key, address = st.session_state, _key(), st.context.ip_address
    if st.context.headers:  # asked for last: as long as there are some, the browser has not left
        state[_NETWORK] = visitors.network_of(address)
    return visitors.Visitor(visitors.owner_of(key), signed_in(), state.get(_NETWORK, ""))


def browser() -> str:
    """The hash of the key of this session's browser, as a class stores who leads it and who is in it. On a laptop too."""
    return visitors.owner_of(_key())


def _key() -> str:
    """The key of this session's browser, which has it in a cookie. One that accepts none has a key for as long as the session
    lasts; so has one that has left while its page runs."""
    state, cookie = st.session_state, st.context.cookies.get(visitors.COOKIE)
    if visitors.is_key(cookie):
        state[_KEY] = cookie
    key: str = state.setdefault(_KEY, secrets.token_hex(32))
    return key


def at_the_machine() -> bool:
    """Whether this session's browser runs on the server's own machine: the connection comes from there, the browser asks by
    a name or an address that means this machine, and no proxy has passed it on.

    A proxy that adds no header is known by its name for the app (`Host`), where the browser has another one (`Origin`).
    Streamlit's address is None for this machine, and for a browser that leaves while its page runs. That one has no headers
    either: they are asked for last.
    """
    address, headers = st.context.ip_address, st.context.headers
    host = headers.get("host", "")
    try:
        origin, asked = urlsplit(headers.get("origin", "")).netloc, urlsplit(f"//{host}")
    except ValueError:
        return False
    if not host or any(headers.get(name) for name in _FORWARDED) or (origin and origin != host):
        return False
    if links.is_local(address):
        return links.is_local(asked.hostname)
    # By its address in the network. A proxy on this machine may come from there too: then browsers know another port.
    ip = links.ip_address(address)
    is_this_server = origin == host and host.rpartition(":")[2] == str(st.get_option("server.port"))
    return ip is not None and ip == links.ip_address(asked.hostname) and is_this_server and links.is_own(ip)


visitors.set_visitor_source(_session_visitor)


def note_look() -> None:
    """On a public server, note every minute which runs the page shows: what somebody looks at is removed last.

    Call it at the end of the page. A browser that is closed asks no more.
    """
    if paths.hosted() and st.session_state.get(PAGE) in ("training", "kernels", "experiments"):
        st.fragment(_note_look, run_every=looks.EVERY)()


def _note_look() -> None:
    for run_id in _looked_at(st.session_state[PAGE]):
        try:
            looks.note(runs.find(str(run_id)))
        except LenetError as error:  # an uploaded file, or a run that is gone
            if error.code == "run_removed" and is_part_alone():
                st.rerun()  # the page says so


def _looked_at(page: str) -> list[str]:
    """The ids of the runs that a page shows."""
    state = st.session_state
    if page == "experiments":
        with suppress(LenetError):
            return list(experiments.find(str(state.get("experiment"))).runs.values())
        return []
    return [str(state.get("run")), *(state.get("with", []) if page == "training" else [])]


def check_limits() -> None:
    """Stop the page with an error if the operator has set an invalid limit."""
    try:
        rules.limits()
    except LenetError as error:
        problem(error)
        st.stop()
