"""The convolution sandbox: a grid, the kernels of one layer, and the window that moves between them.

The numbers in use, the settings of the layer and the tabs are in `pages/parts/convolution_….py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.convolution import ConvolutionError
from lenet.convolution.lessons import LESSONS
from pages.parts import (
    convolution_controls,
    convolution_editor,
    convolution_learning,
    convolution_lessons,
    convolution_numbers,
    convolution_panels,
)
from pages.parts.convolution_numbers import ALL, DEFAULT
from pages.parts.convolution_panels import Shown
from pages.parts.lessons import Lessons, is_asked

# -- the example and its numbers ---------------------------------------------------------------------------------

page = st.container(key="convolution")
notes = page.container()
lessons = Lessons("convolution", LESSONS, convolution_lessons.begin_lesson, convolution_lessons.change_settings)
lessons.follow_link()
lesson = lessons.open_bar(page)
examples = page.container(horizontal=True, vertical_alignment="center", key="convolution_examples")
with examples:
    name = ui.choice(
        st.segmented_control,
        _("Example"),
        {key: _(example.name) for key, example in ALL.items()},
        key="example",
        default=DEFAULT,
        required=True,
        on_change=convolution_numbers.take_example,
        label_visibility="collapsed",
        wrap=True,
    )
with notes:
    if "grid_problem" in st.session_state:
        ui.problem(st.session_state.pop("grid_problem"))
    try:
        own = convolution_numbers.own(name)
    except LenetError as error:  # a file that the example needs is damaged
        ui.problem(error)
        name = DEFAULT
        own = convolution_numbers.own(name)
example = ALL[name]
layer_row = page.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="convolution_layer")
more_row = convolution_controls.more_row(page)
kernels = convolution_controls.choose_kernels(more_row, own)
with layer_row:
    kernel = convolution_controls.choose_kernel(kernels)
with notes:
    numbers = convolution_numbers.current(name).with_count(kernels)
    groups = convolution_controls.choose_groups(more_row, len(numbers.grid), own)
    numbers = convolution_numbers.with_linked_kernel(replace(numbers, groups=groups))
    convolution_numbers.use(name, numbers)
with examples:
    editor = st.popover(_("Own numbers"), icon=":material/edit:", key="own_numbers", on_change="rerun")
    if editor.open:  # some milliseconds of the server's time that only its readers need
        with editor:
            convolution_editor.show(numbers)
    back = _("Back to the beginning of this lesson") if lesson else _("Back to the example")
    st.button(
        back,
        key="convolution_reset",
        icon=":material/restart_alt:",
        help=back,
        on_click=lessons.begin_again if lesson else convolution_numbers.take_example,
    )

# -- the layer ---------------------------------------------------------------------------------------------------

settings = convolution_controls.choose_settings(layer_row, more_row, example, numbers, kernel)
numbers = numbers.with_bias(kernel, settings.bias)
convolution_numbers.use(name, numbers)
if lesson:
    lesson.tell(convolution_panels.seen(lesson, numbers, settings))

# -- what is shown of it -----------------------------------------------------------------------------------------

SHOW: dict[str, tuple[str, Callable[[Shown], None]]] = {
    "window": (_("The window"), partial(convolution_panels.show_window, lesson=lesson)),
    "gradient": (_("Gradient"), convolution_panels.show_gradient),
    "learning": (_("How a kernel learns"), lambda _shown: convolution_learning.show(lesson)),
    "code": (_("Code"), convolution_panels.show_code),
}
with page.container(key="convolution_panels"):
    panels = ui.tabs({key: title for key, (title, _show) in SHOW.items()}, key="panel")
opened = st.session_state["panel"]
with panels[opened]:
    try:
        if settings.refusal:
            raise settings.refusal
        shown = Shown(numbers.grid, settings.layer(numbers), kernel, settings.activation, numbers.is_image)
        SHOW[opened][1](shown)
    except (LenetError, ConvolutionError) as error:
        ui.problem(error)
    else:
        if opened == "window" and not is_asked(lesson):
            with page.container(horizontal=True, key="convolution_remarks"):
                convolution_panels.show_remarks(
                    shown, name, convolution_numbers.remark(name, shown.layer, numbers.grid)
                )
if opened != "code":
    with page.container(key="convolution_lessons"):
        lessons.show_list()
