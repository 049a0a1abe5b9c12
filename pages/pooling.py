"""The pooling sandbox: a grid, one pooling layer, and the window that moves between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import streamlit as st

from lenet import ui
from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.grid import text as grids
from lenet.pooling import Pooling, PoolingError, sandbox
from lenet.pooling import code as snippets
from lenet.pooling.figures import robustness, stacking
from lenet.pooling.figures import window as figures
from lenet.pooling.lessons import LESSONS
from lenet.runs import rules

# Settings behind “More” and “What if?”, with their values in every example.
EXTRAS: dict[str, Any] = {
    "kernel_w": None, "stride_w": None, "padding_w": None,
    "dilation": 1, "ceil": False, "include_pad": True, "divisor": None, "zero": False,
}  # fmt: skip
ui.inside_app()
figure, tower = ui.component("grid/component"), ui.component("pooling/component")
state = st.session_state


# -- the grid in use: one for the session, in the URL where it is small and not the example's own ------------------


def use_grid(preset: str, grid: grids.Grid) -> None:
    state["grid"] = {preset: grid}
    own = grids.PRESETS[preset].grid()
    ui.keep_in_url("grid", "" if grids.equal(own, grid) else grids.to_url(grid) or "", "")


def current_grid(preset: str) -> grids.Grid:
    """The grid of the link that the reader arrived by, or the one in use, or the example's own."""
    asked = st.query_params.get("grid")
    held: dict[str, grids.Grid] = state.get("grid", {})
    if asked is not None and (not held or ui.arrived()):
        try:
            return grids.parse(asked)
        except LenetError as error:
            ui.problem(error)
    elif preset in held:
        return held[preset]
    return grids.PRESETS[preset].grid()


def take_example() -> None:
    """Set grid and layer to the example's own."""
    example = grids.PRESETS.get(state["preset"], grids.PRESETS["3x3"])
    own = {"kernel": example.kernel_size, "stride": example.stride, "padding": example.padding, "mode": "max"}
    state.update(own | EXTRAS)
    for kept in ("grid", "uncut", "lesson"):
        state.pop(kept, None)
    st.query_params.pop("grid", None)


def take_lesson(name: str) -> None:
    """Set everything to what a lesson begins with."""
    lesson = LESSONS[name]
    state["preset"] = lesson.preset
    take_example()
    state.update({"lesson": name, "panel": lesson.panel} | dict(lesson.settings))
    if lesson.grid:
        state["grid"] = {lesson.preset: grids.parse(lesson.grid)}


def change_grid(make: Callable[[grids.Grid], grids.Grid], *, cut: bool = False) -> None:
    """Put another grid in place of the one in use; where it cannot be made the old one stays.

    A grid that was only `cut` to another size can be brought back to its old size: the whole of it is kept.
    """
    [(preset, grid)] = state.get("grid", {"3x3": grids.PRESETS["3x3"].grid()}).items()
    whole = state.get("uncut", grid)
    try:
        grid = make(whole if cut else grid)
    except LenetError as error:
        state["grid_problem"] = error
    else:
        state["uncut"] = whole if cut else grid
    use_grid(preset, grid)


def take_picture() -> None:
    """Show the reader's own picture in place of the example's."""
    if state["picture"] is not None:
        take_pixels = grids.from_picture
        file, side, color = state["picture"].getvalue(), state["side"], state["color"]
        if state["preset"] != "image":
            state["preset"] = "image"
            take_example()
            state["grid"] = {"image": grids.PRESETS["image"].grid()}
        change_grid(lambda _grid: take_pixels(file, side, color=color))


# -- controls ----------------------------------------------------------------------------------------------------


def slider(label: str, key: str, high: int, example: int, low: int = 1) -> int:
    return ui.number(st.slider, label, low, high, key=key, default=example)


def number(label: str, key: str, low: int, high: int, *, unset: str = "", off: str = "") -> int | None:
    """A number behind “More”; `unset` says what no number means, `off` why it cannot be set now."""
    value: int | None = ui.number(
        st.number_input, label, low, high, key=key, default=EXTRAS[key], step=1,
        placeholder=unset, disabled=bool(off), help=off or None,
    )  # fmt: skip
    return value


def switch(label: str, key: str, *, off: str = "") -> bool:
    return ui.toggle(label, key=key, default=EXTRAS[key], disabled=bool(off), help=off or None)


def show_grid_controls(grid: grids.Grid) -> None:
    """Numbers as text, another size, or a picture: behind “Your own grid”."""
    numbers, size, picture = st.tabs([_("Numbers"), _("Size"), _("Picture")], width=440)
    with numbers, st.form("text", border=False):
        text_key = f"text_{crc32(grid.tobytes()):08x}"  # what was typed is kept until the grid itself changes
        st.text_area(
            _(
                "One row on each line, a blank line between channels; up to {n}×{n} numbers and {channels} channels."
            ).format(n=grids.MAX_SIDE, channels=grids.MAX_CHANNELS),
            grids.to_text(grid),
            key=text_key,
            height=200,
            help=_("Cells may be parted by tabs, commas or spaces: a range copied from a spreadsheet can be pasted."),
        )
        st.form_submit_button(
            _("Use these numbers"),
            key="use",
            on_click=lambda: change_grid(lambda _grid: grids.parse(state[text_key])),
            type="primary",
        )
    with size:
        sides = {"channels": _("Channels"), "rows": _("Rows"), "columns": _("Columns")}

        def resize() -> None:
            channels, rows, columns = (state[side] for side in sides)
            change_grid(lambda grid: grids.resized(grid, channels, rows, columns), cut=True)

        for (side, label), n in zip(sides.items(), grid.shape, strict=True):
            if state.get(side) != n:  # setting it again would pull the slider back from a reader who drags it
                state[side] = n
            st.slider(
                label, 1, grids.MAX_CHANNELS if side == "channels" else grids.MAX_SIDE, key=side, on_change=resize
            )
        count, chance = st.columns(2)
        count.button(
            "0, 1, 2 …", key="count", width="stretch",
            on_click=change_grid, args=(lambda grid: grids.counting(grid.shape),),
        )  # fmt: skip
        chance.button(
            _("Random"), key="random", width="stretch", icon=":material/casino:",
            on_click=change_grid, args=(lambda grid: grids.random(grid.shape, crc32(grid.tobytes())),),
        )  # fmt: skip
    with picture:
        st.file_uploader(
            _("A picture of any size: only its scaled-down numbers are kept."),
            list(pictures.FORMATS),
            key="picture",
            max_upload_size=rules.upload_mb(pictures.MAX_MB),
            on_change=take_picture,
        )
        st.slider(_("Scaled down to, pixels"), 4, grids.MAX_SIDE, grids.MAX_SIDE, key="side", on_change=take_picture)
        st.toggle(_("Red, green and blue as channels"), key="color", on_change=take_picture)


# -- lessons -----------------------------------------------------------------------------------------------------


def follow_link() -> None:
    """Begin the lesson of the link that the reader arrived by."""
    if ui.arrived():
        ui.check_query("lesson", options=list(LESSONS))
        state.pop("lesson", None)
        asked = st.query_params.get("lesson")
        if asked in LESSONS:
            if set(st.query_params) <= {"lesson", "lang"}:
                take_lesson(asked)
            else:  # a link made in the middle of a lesson holds all its settings
                state["lesson"] = asked
    ui.keep_in_url("lesson", state.get("lesson", ""), "")


def show_lesson_bar() -> None:
    """What there is to see and do in the lesson that the reader follows, and the way on."""
    if "lesson" not in state:
        return
    names = list(LESSONS)
    n = names.index(state["lesson"])
    lesson = LESSONS[names[n]]
    told, before, after, close = st.columns([13, 1, 2.2, 1], vertical_alignment="center")
    told.markdown(f"**{n + 1}/{len(names)} · {_(lesson.title)}** – {_(lesson.text)}")
    before.button(
        _("Lesson before"), key="before", icon=":material/arrow_back:", help=_("Lesson before"), width="stretch", disabled=n == 0,
        on_click=take_lesson, args=(names[max(n - 1, 0)],),
    )  # fmt: skip
    after.button(
        _("Next"), key="after", icon=":material/arrow_forward:", width="stretch", type="primary",
        disabled=n == len(names) - 1, on_click=take_lesson, args=(names[min(n + 1, len(names) - 1)],),
    )  # fmt: skip
    close.button(
        _("Leave the lessons"), key="close", icon=":material/close:", help=_("Leave the lessons; everything stays as it is."),
        width="stretch", on_click=lambda: state.pop("lesson"),
    )  # fmt: skip


def show_lessons() -> None:
    st.markdown("##### " + _("Try this: a short path, one click each"))
    numbers = {name: f"{n} · {_(lesson.title)}" for n, (name, lesson) in enumerate(LESSONS.items(), 1)}
    if state.get("chosen") != state.get("lesson"):
        state["chosen"] = state.get("lesson")

    def choose() -> None:
        if state["chosen"]:
            take_lesson(state["chosen"])
        else:
            state.pop("lesson", None)

    st.pills(
        _("Lessons"), list(numbers), format_func=numbers.__getitem__, key="chosen", label_visibility="collapsed",
        wrap=True, on_change=choose,
    )  # fmt: skip
    st.markdown(
        _(
            "Pooling does two things: it **compresses** a neighbourhood into one number, and it makes the map "
            "**robust**: small shifts change that number little, and an average also evens out noise. Max pooling "
            "keeps the strongest response and forgets exactly where it was; average pooling keeps the mean: it blurs as it "
            "compresses. Neither has a parameter to learn, and each channel is pooled by itself."
        )
    )


# -- what the tabs show ------------------------------------------------------------------------------------------


def show_window(grid: grids.Grid, pool: Pooling) -> None:
    figure(
        key="figure",
        data=figures.scene(grid, pool, image=is_image, zero=zero),
        on_edit_change=lambda: change_grid(lambda grid: grids.with_cell(grid, state["figure"].get("edit"))),
    )
    words, save = st.columns([6, 1], vertical_alignment="top")
    if remarks := figures.remarks(example, grid, pool):
        words.caption(remarks)
    save.download_button(
        # made when it is asked for: a file for each change of a slider would be gone before the browser looks at it
        _("Numbers (CSV)"), lambda: grids.to_csv(pool(grid)), "pooling.csv", "text/csv", on_click="ignore",
        width="stretch",
    )  # fmt: skip


def show_gradient(grid: grids.Grid, pool: Pooling) -> None:
    words, choice = st.columns([3, 2], vertical_alignment="center")
    words.markdown(
        _("In training, each output cell gets a number back: how much the loss would change with it. Pooling has nothing to learn; it only hands these numbers on to its input.")
    )  # fmt: skip
    with choice:
        arriving = ui.choice(
            st.segmented_control,
            _("Gradient of the output"),
            {"ones": _("1 everywhere"), "count": _("1, 2, 3 … to follow each")},
            key="arriving",
            default="ones",
            required=True,
        )
    figure(key="gradient", data=figures.gradient_scene(grid, pool, numbered=arriving == "count"))


def show_robustness(grid: grids.Grid, pool: Pooling) -> None:
    kinds, amounts, draws = st.columns([3, 3, 1.4], vertical_alignment="bottom", gap="medium")
    with kinds:
        kind: sandbox.Kind = ui.choice(  # type: ignore[assignment]
            st.segmented_control,
            _("Change the input"),
            {"shift": _("Shift it"), "noise": _("Add noise")},
            key="change",
            default="shift",
            required=True,
        )
    with amounts:
        if kind == "shift":
            amount = ui.number(st.slider, _("Cells to the right"), 0, 4, key="shift", default=1)
        else:
            amount = ui.number(
                st.slider, _("Noise, percent of the range of the numbers"), 0, 50, key="noise", default=20, step=5
            )
    with draws:
        draw = ui.number(st.number_input, _("Draw"), 0, 999, key="draw", default=0) if kind == "noise" else 0
    found = sandbox.robustness(grid, pool, kind, amount, draw)
    words = robustness.names(pool.stride)
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(
        robustness.pictures(found, words, image=is_image),
        key="pictures", config=ui.plotly_config("robustness"), alt=robustness.sentence(found, words),
    )  # fmt: skip
    right.plotly_chart(
        robustness.curves(sandbox.robustness_curves(grid, pool, kind, draw), words, kind, amount),
        key="changes", config=ui.plotly_config("robustness-curve"),
        alt=_("How much each map changes, over the size of the change of the input"),
    )  # fmt: skip
    st.markdown(robustness.sentence(found, words))
    st.caption(
        _("Change: ‖after − before‖ / ‖before‖. Noise is Gaussian; its numbers are means of {n} draws, and the pictures show the first.").format(n=sandbox.DRAWS)
    )  # fmt: skip


def show_stack(grid: grids.Grid, pool: Pooling) -> None:
    cells = iter(st.columns([1.3, 1, 1, 1, 1], vertical_alignment="bottom"))
    pools = ui.number(next(cells).number_input, _("Pools"), 1, 3, key="pools", default=2)
    words = {"kernel": _("Kernel of pool {n}"), "stride": _("Stride of pool {n}")}
    layers = [pool]
    for n in range(2, pools + 1):
        kernel, stride = (
            ui.number(next(cells).number_input, label.format(n=n), 1, 7, key=f"{key}{n}", default=2)
            for key, label in words.items()
        )
        layers.append(Pooling(pool.mode, kernel, stride))
    levels = sandbox.stack(grid, layers)
    tower(key="tower", data=stacking.scene(levels, image=is_image))
    st.markdown(stacking.sentence(levels))
    st.caption(_("Pool 1 is the layer set above. Where a field reaches the edge, part of it is padding."))


def show_code(grid: grids.Grid, pool: Pooling) -> None:
    code = ui.choice(
        st.segmented_control,
        _("Code"),
        {"pytorch": "PyTorch", "loop": _("Plain double loop"), "numpy": _("NumPy, no loop")},
        key="code",
        default="pytorch",
        required=True,
        label_visibility="collapsed",
    )
    st.caption(_("It runs as copied and prints the output on screen."))
    st.code(snippets.CODES[code](grid, pool), language="python", height=320 if grid.size > 64 else "content")


# -- the page: the lesson, the grid, the layer -------------------------------------------------------------------

notes = st.container()
follow_link()
show_lesson_bar()
examples, what_if, own, back = st.columns([5.4, 2.2, 1.7, 0.6], vertical_alignment="bottom")
with examples:
    name = ui.choice(
        st.segmented_control,
        _("Example"),
        {key: _(example.name) for key, example in grids.PRESETS.items()},
        key="preset",
        default="3x3",
        required=True,
        on_change=take_example,
        label_visibility="collapsed",
    )
with notes:
    if "grid_problem" in state:
        ui.problem(state.pop("grid_problem"))
    try:
        grid = current_grid(name)
    except LenetError as error:  # the image's file is damaged
        ui.problem(error)
        name = "3x3"
        grid = grids.PRESETS[name].grid()
example = grids.PRESETS[name]
is_image = example.image and bool(grid.min() >= 0 and grid.max() <= 255)
use_grid(name, grid)

with own:
    editor = st.popover(_("Your own grid"), icon=":material/edit:", width="stretch", key="own", on_change="rerun")
    if editor.open:  # 2 ms of the server's time that only its readers need
        with editor:
            show_grid_controls(grid)
back.button(
    _("Back to the example"),
    key="reset",
    icon=":material/restart_alt:",
    help=_("Back to the example"),
    on_click=take_example,
    width="stretch",
)

modes, kernels, strides, paddings, more = st.columns([2.2, 2, 2, 2, 1.2], gap="medium", vertical_alignment="bottom")
with modes:
    mode = ui.choice(
        st.segmented_control,
        _("Pooling"),
        {"max": _("Max"), "avg": _("Average")},
        key="mode",
        default="max",
        required=True,
    )
with kernels:
    kernel = slider(_("Kernel (window size)"), "kernel", 7, example.kernel_size)
with strides:
    stride = slider(_("Stride"), "stride", 7, example.stride)
with paddings:
    padding = slider(_("Padding"), "padding", 3, example.padding, low=0)
with more, st.popover(_("More"), width="stretch"):
    only_max = "" if mode == "max" else _("Only max pooling has dilation.")
    only_avg = "" if mode == "avg" else _("Only average pooling divides.")
    a, b, c = st.columns(3)
    with a:
        kernel_w = number(_("Kernel width"), "kernel_w", 1, grids.MAX_SIDE, unset=_("as height"))
    with b:
        stride_w = number(_("Stride width"), "stride_w", 1, grids.MAX_SIDE, unset=_("as height"))
    with c:
        padding_w = number(_("Padding width"), "padding_w", 0, grids.MAX_SIDE // 2, unset=_("as height"))
    dilation = number(_("Dilation"), "dilation", 1, grids.MAX_SIDE, off=only_max)
    ceil = switch(_("Round the output size up (ceil_mode)"), "ceil")
    include_pad = switch(_("Count padding in the average (count_include_pad)"), "include_pad", off=only_avg)
    divisor = number(
        _("Divide by (divisor_override)"), "divisor", 1, 1000, unset=_("cells of the window"), off=only_avg
    )

# -- the layer and what is shown of it ---------------------------------------------------------------------------

geometry = {
    "kernel_size": (kernel, kernel_w or kernel),
    "stride": (stride, stride_w or stride),
    "padding": (padding, padding if padding_w is None else padding_w),
    "dilation": (dilation or 1,) * 2 if mode == "max" else (1, 1),
}
zero = False
if mode == "max" and geometry["padding"] != (0, 0):
    with what_if:
        zero = switch(_("What if padding were 0?"), "zero")
SHOW = {
    "window": show_window,
    "gradient": show_gradient,
    "robustness": show_robustness,
    "stack": show_stack,
    "code": show_code,
}
panels = ui.tabs(
    {
        "window": _("The window"),
        "gradient": _("Gradient"),
        "robustness": _("Compression and robustness"),
        "stack": _("Pools on pools"),
        "code": _("Code"),
    },
    key="panel",
)
opened = state["panel"]
with panels[opened]:
    try:
        pool = Pooling(
            "max" if mode == "max" else "avg",
            **geometry,
            ceil_mode=ceil,
            count_include_pad=include_pad or mode == "max",
            divisor_override=divisor if mode == "avg" else None,
        )
        SHOW[opened](grid, pool)
    except PoolingError as error:
        ui.problem(error)
        if said := snippets.pytorch_refusal(geometry, len(grid), error):
            st.caption(_("PyTorch says:") + f" `RuntimeError: {said}`")
    if opened == "window":
        show_lessons()
