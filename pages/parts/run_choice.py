"""Which runs the training page shows, and which of their epochs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lenet import runs, ui
from lenet.common.translation import translate as _
from lenet.runs import Run
from lenet.training import curves


def choose_run(words: Mapping[str, str]) -> Run:
    """The selected run, from a list of all runs, the newest first."""
    chosen, shown_as = st.session_state.get("run"), st.session_state.get("shown_as")
    if chosen and shown_as not in (None, words.get(chosen)):
        st.session_state["run"] = chosen  # the selection shows another name only when it is chosen anew
    first = next(iter(words))
    run_id = ui.choice(st.selectbox, _("Run"), words, key="run", default=first, always_in_url=True)
    st.session_state["shown_as"] = words[run_id]
    return runs.find(run_id)


def choose_others(run: Run, words: Mapping[str, str]) -> list[Run]:
    """The runs to compare the selected one with."""
    rest = {run_id: name for run_id, name in words.items() if run_id != run.id}
    chosen = ui.choices(_("Compare with"), rest, key="with", placeholder=_("other runs"), at_most=7)
    return [runs.find(run_id) for run_id in chosen]


def choose_range(longest: int) -> str:
    """A range of epochs as `2-5`, from the reader; in the URL as `?span=2-5`."""

    def complain() -> None:
        raw = ui.query()["span"]
        if not ui.tell_empty("span") and curves.parse_range(raw) is None:
            ui.notice("not_one_of", name="span", value=raw[:40], options=f"0-1 … 0-{longest}")

    ui.seed_from_url("span", (0, longest), curves.parse_range, complain)
    st.session_state["span"] = tuple(min(epoch, longest) for epoch in st.session_state["span"])
    span: tuple[int, int] = st.slider(_("Epochs to show"), 0, longest, key="span", persist_state="session")  # type: ignore[assignment]
    shown = f"{span[0]}-{span[1]}"
    ui.keep_in_url("span", shown, f"0-{longest}")
    return shown
