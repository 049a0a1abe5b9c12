"""LeNet Explorer. Run with `streamlit run app.py`.

This file is the router: page configuration, navigation, language, and the line at the foot that says on which
data and device the app runs. What a page shows is in `pages/`, what it computes in `lenet/`.
"""

from __future__ import annotations

import streamlit as st

from lenet import ui
from lenet.common import paths
from lenet.common.translation import translate as _

st.set_page_config(page_title="LeNet Explorer", page_icon=str(ui.ICON), layout="wide")
ui.calm_errors()
ui.style()

ui.log_server()
ui.probe_device(str(paths.runs_dir()))

head = st.container(horizontal=True, vertical_alignment="center")
title, switch = head.container(width="stretch"), head.container(width="content")
with switch:
    ui.language_switch()

page = st.navigation(
    [
        st.Page("pages/home.py", title=_("Home"), icon=":material/home:", default=True),
        st.Page("pages/pooling.py", title=_("Pooling"), icon=":material/select_all:"),
        st.Page("pages/architecture.py", title=_("Architecture"), icon=":material/account_tree:"),
        st.Page("pages/training.py", title=_("Training"), icon=":material/show_chart:"),
        st.Page("pages/kernels.py", title=_("Kernels"), icon=":material/grid_view:"),
        st.Page("pages/status.py", title=_("Status"), icon=":material/monitor_heart:", visibility="hidden"),
    ],
    position="top",
)
HEADINGS = {
    "": _("LeNet Explorer"),
    "pooling": _("What a pooling layer does, one window at a time"),
    "architecture": _("LeNet: every layer, every shape, every parameter"),
    "training": _("Train LeNet and watch it learn"),
    "kernels": _("What the first layer learned to see"),
    "status": _("How this server is"),
}
with title:
    st.markdown(f"### {HEADINGS[page.url_path]}")

ui.note_arrival(page.url_path)
ui.know_visitor()

with ui.turn():
    page.run()
ui.status_line()
ui.settle_heap()
