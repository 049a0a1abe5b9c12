"""The tab that shows a layer and its grid as code."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lenet import ui
from lenet.common.translation import translate as _

TALL = 320
"""CSS pixels of a text with many numbers, which scrolls."""


def show(place: str, loop: str, written: Callable[[str], str], *, many: bool) -> None:
    """The layer as `written("pytorch")`, `"loop"` or `"numpy"`, whichever is chosen, in the container of the key `place`.

    `loop` names the second of these; `many` says that the code has many numbers in it.
    """
    language = ui.choice(
        st.segmented_control,
        _("Code"),
        {"pytorch": "PyTorch", "loop": loop, "numpy": _("NumPy, no loop")},
        key="code",
        default="pytorch",
        required=True,
        label_visibility="collapsed",
    )
    ui.markdown(_("The code runs as it is and prints the output of this layer."))
    with st.container(key=place):
        st.code(written(language), language="python", height=TALL if many else "content")
