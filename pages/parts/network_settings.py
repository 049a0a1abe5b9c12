"""The settings of the network on the architecture page: a row of controls, and more behind a button."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from lenet import data, runs, ui
from lenet.architecture import presets
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _

IN_ROW = ("c1", "k1", "c2", "k2", "h1", "h2", "act", "pool")
"""The settings that fit in the row."""


def choose() -> dict[str, Any] | LenetError:
    """The arguments of LeNetConfig that the reader has set, or why a number among them is none."""
    open_network_of_link()
    state, classes = st.session_state, len(data.here().classes)
    if "classes" not in state and not has_settings():
        state["classes"] = classes  # of what it can be trained on
    for key in ("convs", "dense"):
        setting(key)
    used = presets.in_use(state)
    preset, *cells, more = st.container(key="network_settings").columns(
        [1.9, 1, 1, 1, 1, 1, 1, 1.1, 1.1, 0.95], vertical_alignment="bottom", gap="xsmall"
    )
    for key, cell in zip(IN_ROW, cells, strict=True):
        setting(key, cell, disabled=key not in used)
    panel = more.popover(_("More"), key="more", on_change="rerun", width="stretch")
    if panel.open:
        with panel:
            show_more()
    else:
        for key in used.difference(IN_ROW, ("convs", "dense")):
            setting(key)
    for key in set(presets.DEFAULTS).difference(used).intersection(ui.query()):
        del ui.query()[key]
    values = first_refusal(used) or presets.to_values(state)
    offered = presets.for_classes(classes)
    names = {key: preset.title for key, preset in offered.items()}
    state["preset"] = "" if isinstance(values, LenetError) else presets.which(values, classes)
    preset.selectbox(
        _("Network"), [*names, *([] if state["preset"] else [""])], key="preset", on_change=take_preset,
        format_func=lambda k: names.get(k) or _("your own"),
        help="\n\n".join(f"**{names[key]}** · {_(preset.about)}" for key, preset in offered.items()),
    )  # fmt: skip
    return values


def first_refusal(keys: Collection[str]) -> LenetError | None:
    """Why the number of one of these controls cannot be used; None if all can."""
    found = (
        ui.refusal(control, st.session_state[key], presets.label(key))
        for key, control in presets.CONTROLS.items()
        if key in keys
    )
    return next(filter(None, found), None)


def build(values: dict[str, Any] | LenetError) -> tuple[LeNetConfig, LenetError | None]:
    """The network with these settings, or the last one that could be built and the error."""
    try:
        if isinstance(values, LenetError):
            raise values
        config = st.session_state["architecture"] = LeNetConfig(**values)
    except LenetError as error:
        return st.session_state.get("architecture", LeNetConfig()), error
    return config, None


def show_row(keys: Sequence[str]) -> None:
    """Controls side by side, nothing in place of an empty key; below them the first that cannot be used says why."""
    for key, cell in zip(keys, st.columns(len(keys), vertical_alignment="bottom"), strict=True):
        if key:
            setting(key, cell)
    if error := first_refusal(keys):
        ui.problem(error)


def tell_refusal(refusal: LenetError | None) -> None:
    """Explain why the network shown is not the one that is set."""
    if refusal:
        ui.problem(refusal)
        ui.caption(_("The network shown is the last one that could be built."))


def setting(key: str, cell: Any = None, **more: Any) -> None:
    """One control, drawn in `cell`; without one it is not drawn and its value is kept."""
    control, label, words = presets.CONTROLS[key], presets.label(key), presets.words(key)
    ui.setting(control, cell, default=control.default, label=label, words=words, tell=False, **more)


def show_more() -> None:
    """The settings that do not fit in the row."""
    for keys in (("size", "width", "ch", "classes"), ("convs", "dense", "drop"), ("bn", "head")):
        show_row(keys)
    for i in range(1, st.session_state.convs + 1):
        show_row([key if key not in IN_ROW else "" for key in (f"{letter}{i}" for letter in "ckps")])
    wide = [f"h{i}" for i in range(3, st.session_state.dense + 1)]
    show_row(wide + [""] * (4 - len(wide)))
    st.selectbox(
        _("Open the network of a run"), list(words := ui.run_words()), index=None, key="_open", on_change=take_run,
        format_func=lambda i: words.get(i, i), placeholder=_("choose a run"),
    )  # fmt: skip


# -- a whole network at once -------------------------------------------------------------------------------------


def take(config: LeNetConfig) -> None:
    """Set all controls to this network."""
    st.session_state.update(presets.to_settings(config))


def take_preset() -> None:
    """Set all controls to the selected preset, with the classes of the data set here."""
    if st.session_state.preset in presets.PRESETS:
        take(presets.for_classes(len(data.here().classes))[st.session_state.preset].config)


def take_run() -> None:
    """Set all controls to the network of the selected run."""
    if st.session_state._open:
        ui.attempt(lambda: take(runs.find(st.session_state._open).config.model))


def has_settings() -> bool:
    """Whether the reader's link has settings of a network."""
    return bool(set(presets.DEFAULTS) & set(ui.query()))


def open_network_of_link() -> None:
    """Open the network of the reader's link: in `?net=`, as in links of the training page, or that of `?run=`.

    Settings in the link take precedence; on the walk tab `?run=` has another meaning.
    """
    query = ui.query()
    if not ui.arrived():
        return
    if "net" in query:
        text = query["net"]
        del query["net"]
        if not has_settings():
            ui.attempt(lambda: take(LeNetConfig.from_url(text)))
    if "run" not in query or query.get("tab") == "walk":
        return
    run_id = query["run"]
    del query["run"]
    try:
        run = runs.find(run_id)
        if not has_settings():
            take(run.config.model)
            st.session_state["run"] = run_id
    except LenetError as error:
        ui.problem(error)
