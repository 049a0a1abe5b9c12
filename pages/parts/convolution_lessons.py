"""What the lessons of the convolution page set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.convolution.figures import learning
from pages.parts import convolution_numbers

state = st.session_state


def begin_lesson(beginning: Mapping[str, Any]) -> None:
    """Set everything to the beginning of a lesson."""
    name = state["example"] = beginning["example"]
    convolution_numbers.take_example()

    def take() -> None:
        state["convolution"] = {name: convolution_numbers.own(name)}
        change_settings(beginning)

    ui.attempt(take)


def change_settings(settings: Mapping[str, Any]) -> None:
    """Set these widgets by their keys, and the kernel, which is written as in the URL. What the component of the tab on
    learning keeps is not set here."""
    if "weights" in settings:
        convolution_numbers.change_kernel(lambda _kernel: grids.from_url(settings["weights"]))
    state.update({key: value for key, value in settings.items() if key not in {"weights", *learning.KEYS}})
