"""The pooling sandbox: a grid, one pooling layer, and the window that moves between them.

The grid in use, the lessons, the settings of the layer and the tabs are in `pages/parts/pooling_….py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.grid import Grid
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.code import pytorch_refusal
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.lessons import LESSONS
from pages.parts import pooling_controls, pooling_grid, pooling_panels
from pages.parts.lessons import Lessons, is_asked

# -- the lesson, the example and its grid ------------------------------------------------------------------------

page = st.container(key="pooling")
notes = page.container()
lessons = Lessons("pooling", LESSONS, begin=pooling_grid.begin_lesson, change=pooling_grid.change_settings)
lessons.follow_link()
lesson = lessons.open_bar(page)
examples = page.container(horizontal=True, vertical_alignment="center", key="pooling_examples")
with examples:
    name = ui.choice(
        st.segmented_control,
        _("Example"),
        {key: _(example.name) for key, example in EXAMPLES.items()},
        key="preset",
        default="3x3",
        required=True,
        on_change=pooling_grid.take_example,
        label_visibility="collapsed",
        wrap=True,
    )
    what_if = st.container(width="stretch")
with notes:
    if "grid_problem" in st.session_state:
        ui.problem(st.session_state.pop("grid_problem"))
    try:
        grid = pooling_grid.current_grid(name)
    except LenetError as error:  # the image's file is damaged
        ui.problem(error)
        name = "3x3"
        grid = EXAMPLES[name].grid()
example = EXAMPLES[name]
pooling_grid.use_grid(name, grid)

with examples:
    editor = st.popover(_("Your own grid"), icon=":material/edit:", key="own", on_change="rerun")
    if editor.open:  # 2 ms of the server's time that only its readers need
        with editor:
            pooling_grid.show_editor(grid)
    back = _("Back to the beginning of this lesson") if lesson else _("Back to the example")
    st.button(
        back,
        key="reset",
        icon=":material/restart_alt:",
        help=back,
        on_click=lessons.begin_again if lesson else pooling_grid.take_example,
    )

# -- the layer ---------------------------------------------------------------------------------------------------

layer, refusal = pooling_controls.choose_layer(page, example, lesson)
zero = False
if layer["mode"] == "max" and layer["padding"] != (0, 0):
    with lesson.place if lesson and lesson.control == "zero" else what_if:
        zero = ui.toggle(_("What if padding were 0?"), key="zero", default=False)
if lesson:
    lesson.tell(pooling_panels.seen(lesson, grid, layer, zero))

# -- what is shown of it -----------------------------------------------------------------------------------------

SHOW: dict[str, tuple[str, Callable[[Grid, Pooling], None]]] = {
    "window": (_("The window"), partial(pooling_panels.show_window, example=example, zero=zero, lesson=lesson)),
    "gradient": (_("Gradient"), pooling_panels.show_gradient),
    "robustness": (
        _("Compression and robustness"),
        partial(pooling_panels.show_robustness, example=example, lesson=lesson),
    ),
    "stack": (_("Stacked pooling"), partial(pooling_panels.show_stack, example=example, lesson=lesson)),
    "code": (_("Code"), pooling_panels.show_code),
}
with page.container(key="pooling_panels"):
    panels = ui.tabs({key: title for key, (title, _show) in SHOW.items()}, key="panel")
opened = st.session_state["panel"]
with panels[opened]:
    try:
        if refusal:
            raise refusal
        pool = Pooling(**layer)
        SHOW[opened][1](grid, pool)
    except LenetError as error:
        ui.problem(error)
    except PoolingError as error:
        ui.problem(error)
        if told := pytorch_refusal(layer, len(grid), error):
            ui.markdown(_("PyTorch says:") + f" `RuntimeError: {told}`")
    else:
        if opened == "window" and not is_asked(lesson):
            with page.container(horizontal=True, key="pooling_remarks"):
                pooling_panels.show_remarks(grid, pool, example)
if opened == "window":
    with page.container(key="pooling_lessons"):
        lessons.show_list()
        if not is_asked(lesson):
            pooling_panels.show_summary()
