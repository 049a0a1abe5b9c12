"""The router, which frames every page: configuration, navigation, language, and the footer on data and device."""

from __future__ import annotations

import streamlit as st

from lenet import data, ui
from lenet.common.translation import translate as _
from lenet.exercises.subjects import SUBJECTS
from lenet.runs import visitors
from pages.parts import predict

# Ahead of the navigation: without an icon of the app's own the browser would fetch that of the page from Google.
st.set_page_config(page_icon=ui.ICON, layout="wide")
ui.style()

head = st.container(horizontal=True, vertical_alignment="center", key="page_head")
title, ask = head.container(width="stretch"), head.container(width="content", key="page_ask")
tools = head.container(width="content", key="page_tools", horizontal=True)
with tools:
    present, share = st.container(width="content"), st.container(width="content")
    ui.language_switch()
with share:
    ui.share_button()

page = st.navigation(
    [
        ui.page("home.py", title=_("Home"), icon=":material/home:", default=True),
        ui.page("convolution.py", title=_("Convolution"), icon=":material/apps:"),
        ui.page("pooling.py", title=_("Pooling"), icon=":material/select_all:"),
        ui.page("architecture.py", title=_("Architecture"), icon=":material/account_tree:"),
        ui.page("training.py", title=_("Training"), icon=":material/show_chart:"),
        ui.page("kernels.py", title=_("Kernels"), icon=":material/grid_view:"),
        ui.page("experiments.py", title=_("Experiments"), icon=":material/science:"),
        ui.page("classroom.py", title=_("Class"), icon=":material/groups:", url_path="class"),
        ui.page("status.py", title=_("Status"), icon=":material/monitor_heart:", visibility="hidden"),
    ],
    position="top",
)
name = _("LeNet Explorer")
st.set_page_config(page_title=f"{page.title} · {name}" if page.url_path else name)
HEADINGS = {
    "": name,
    "convolution": _("What a convolution computes, one window at a time"),
    "pooling": _("What a pooling layer does, one window at a time"),
    "architecture": _("LeNet: every layer, every shape, every parameter"),
    "training": _("Train LeNet and watch it learn"),
    "kernels": _("What the first layer learned to see"),
    "experiments": _("Ask many runs: an answer with an error bar"),
    "class": _("A class: one code, and everybody takes part"),
    "status": _("Status of this server"),
}
with title:
    st.title(HEADINGS[page.url_path], anchor=False)

ui.begin_address(page.url_path)
ui.note_arrival(page.url_path)
ui.note_station(page.url_path)
ui.keep_language_in_url()
ui.check_limits()
is_asked = predict.is_on(page.url_path)
if page.url_path in SUBJECTS and not is_asked:
    with ask:
        predict.button()
ui.begin_terms()
FIGURES = {  # the keys under which the main figure of a page is found; the kernels are presented by their wall
    "": ["overview"],
    "convolution": ["convolution_figure", "convolution_gradient", "learning", "convolution_code"],
    "pooling": ["figure", "gradient", "pictures", "tower", "pooling_code"],
    "architecture": ["network_drawing", "walk_figure", "comparison_figure", "network_code"],
    "training": ["curve"],
    "experiments": ["answer"],
    "class": ["class_front", "class_wall", "class_answers", "class_contest"],
}
if page.url_path in FIGURES and not is_asked:
    with present:
        ui.present_button(FIGURES[page.url_path], above="lesson_bar")

with ui.turn(), data.looked_once(), visitors.asked_once():
    work = ui.class_work()
    if is_asked:
        predict.show(page.url_path)
    else:
        page.run()
    ui.status_line()
    ui.class_strip(page.url_path, work)
    ui.explanations()
    ui.note_look()
ui.document(ui.write_address(page.url_path), (ui.station_script(), ui.ticks_script()))
ui.settle_heap()
