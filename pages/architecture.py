"""LeNet: the network as a flow, every layer with its shape and parameters, networks side by side, and as code.

The longer tabs are in `pages/parts/`: `network_tab.py`, `walk_tab.py` and `comparison_tab.py`.
"""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext

import streamlit as st

from lenet import ui
from lenet.architecture import code
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.runs import configuration
from pages.parts import network_lessons, network_settings
from pages.parts.lessons import Lessons

# 2 s, once per server; after that a spinner would only start a thread in every run
with nullcontext() if "torch" in sys.modules else st.spinner(_("Loading PyTorch…")), ui.first_import:
    from lenet.architecture import inference
    from pages.parts import comparison_tab, network_tab, walk_tab

    inference.use_one_thread()

lessons = Lessons("architecture", network_lessons.LESSONS, network_lessons.begin, network_lessons.change)
lessons.follow_link()
lesson = lessons.open_bar(st)


def show_code(config: LeNetConfig, refusal: LenetError | None) -> None:
    """The network as PyTorch code, and its training as a file for the command line."""
    network_settings.tell_refusal(refusal)
    ui.markdown(_("The network set up on the first tab. The code runs as it is and prints the number of parameters."))
    with st.container(key="network_code"):
        st.code(code.as_code(config), language="python")
    try:
        run = configuration.for_network(config)
    except LenetError as error:
        ui.markdown(ui.plain(explain_error(error)))
        return
    ui.markdown(_("The configuration for training it, as a file for the command line:"))
    st.code("python -m lenet.train --config lenet.json", language="bash")
    st.download_button(
        _("Configuration (JSON)"), json.dumps(run.to_dict(), indent=1), "lenet.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


panels = ui.tabs(
    {
        "network": _("The network"),
        "walk": _("Walk an image through"),
        "compare": _("Side by side"),
        "code": _("As code"),
    },
    key="tab",
)
with panels["network"]:
    values = network_settings.choose()
config, refusal = network_settings.build(values)

if not panels["walk"].open:
    ui.query().pop("run", None)  # elsewhere it opens that run's network

about = lesson if lesson and panels[lesson.lesson.beginning["tab"]].open else None  # of the open tab
if lesson and not about:
    lesson.tell("")
contents = {
    "network": lambda: network_tab.show(config, values, refusal, about),
    "walk": lambda: walk_tab.show(config, refusal, about),
    "compare": lambda: comparison_tab.show(config, refusal),
    "code": lambda: show_code(config, refusal),
}
for name, panel in panels.items():
    if panel.open:
        with panel:
            ui.guard(contents[name])
with st.container(key="lesson_list"):
    lessons.show_list()
