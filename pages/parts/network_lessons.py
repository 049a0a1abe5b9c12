"""What the lessons of the architecture page set, and the network that they send an image through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lenet import runs
from lenet.architecture import lessons, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.weights import Network
from pages.parts import network_settings
from pages.parts.lessons import forget_link


def trained() -> Network:
    """The network that comes with the app. Raises LenetError if its weights cannot be read."""
    return weights.of_run(runs.find(runs.DEFAULT_REFERENCE))


LESSONS = lessons.lessons(trained)
WALK = {"run": runs.DEFAULT_REFERENCE, "src": "test", "image": 0, "_class": None, "deep": "versus"}
"""An image on its way, as at first."""


def begin(beginning: Mapping[str, Any]) -> None:
    """Set everything to the beginning of a lesson."""
    forget_link()
    network_settings.take(LeNetConfig())
    change(WALK | {"layer": "1", "tab": "network"} | dict(beginning))


def change(settings: Mapping[str, Any]) -> None:
    """Set these widgets by their keys."""
    st.session_state.update(settings)
