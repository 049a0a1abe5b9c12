"""The names of runs, as readers see them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import tables
from lenet.ui.address import query
from lenet.ui.messages import plain

MAX_NAMED = 10  # unreadable runs in the sentence


def run_words(labels: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Names of all runs by id, newest first; `labels` is the result of `tables.labels()`, if the caller has it already.

    Unreadable runs are left out, except a requested one: the page then shows what is wrong with it.
    """
    labels = tables.labels() if labels is None else labels
    asked = (query().get("run"), st.session_state.get("run"))
    return {id: label or _("{id} (damaged)").format(id=id) for id, label in labels.items() if label or id in asked}


def tell_broken_runs(labels: Mapping[str, str | None]) -> None:
    """One sentence on the unreadable runs that lists leave out."""
    if ids := sorted(id for id, label in labels.items() if not label):
        names = _(", ").join(ids[:MAX_NAMED]) + (" …" if len(ids) > MAX_NAMED else "")
        told = ngettext(
            "{n} run cannot be read and is left out: {names}. The reasons are under “All runs”.",
            "{n} runs cannot be read and are left out: {names}. The reasons are under “All runs”.",
            len(ids),
        )
        st.caption(plain(told.format(n=len(ids), names=names)))
