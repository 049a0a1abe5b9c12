"""The button in the head of every page: a link to what is on screen, its QR code, and what guests may do with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lenet.common import links, paths
from lenet.common.translation import translate as _
from lenet.runs import guests
from lenet.ui.address import ask_for_address, shared_address
from lenet.ui.components import component
from lenet.ui.messages import attempt
from lenet.ui.visitor import at_the_machine

_KEY, _ASKED = "page_share", "page_shared"
"""Keys of the session state: of the component, and the query for which it wants a link."""


def share_button() -> None:
    """The button and its panel. No part that runs by itself: a server that has started anew would not know it."""
    shared = shared_address(_ASKED)
    scene = {
        "share": shared and links.shared(*shared),
        "guests": _switch() if shared and not paths.hosted() and at_the_machine() else None,
        "words": {**links.words(), "share": _("Share"), "link_none": ""},
    }
    sent = component("common/components/share")(
        key=_KEY, data=scene, width="content", on_link_change=_ask, on_guests_change=_let
    )
    # A server that has started anew calls no callback.
    asked = sent.get("link")
    if asked is not None and asked != st.session_state.get(_ASKED):
        ask_for_address(_ASKED, asked)
        st.rerun()


def _switch() -> dict[str, Any]:
    """The switch of whoever sits at the machine."""
    return {
        "on": guests.may_only_look(),
        "label": _("Guests may only look"),
        "hint": _(
            "They cannot train, stop, delete, upload or download data sets. At this machine you can do everything."
        ),
    }


def _ask() -> None:
    """Callback: the reader has opened the panel."""
    ask_for_address(_ASKED, st.session_state[_KEY].get("link"))


def _let() -> None:
    """Callback: the switch was moved. Only who sits at the machine has one; what others send is not heard."""
    on = st.session_state[_KEY].get("guests")
    if isinstance(on, bool) and not paths.hosted() and at_the_machine():
        attempt(guests.let_only_look, on)
