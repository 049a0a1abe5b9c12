"""What both sandboxes say and ask above the gradient of a layer."""

from __future__ import annotations

import streamlit as st

from lenet import ui
from lenet.common.translation import translate as _


def choose_arriving(told: str) -> bool:
    """Whether the output cells receive 1, 2, 3 … instead of 1 everywhere; `told` says what the layer does with that."""
    with st.container(horizontal=True, vertical_alignment="center", key="gradient_controls"):
        ui.markdown(told, width="stretch")
        arriving = ui.choice(
            st.segmented_control,
            _("Gradient of the output"),
            {"ones": _("1 everywhere"), "count": _("1, 2, 3 … to tell them apart")},
            key="arriving",
            default="ones",
            required=True,
        )
    return arriving == "count"
