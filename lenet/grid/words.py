"""What the grid's component says whatever layer it shows, and the formula of an output's size."""

from __future__ import annotations

from collections.abc import Sequence

from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _


@cached(maxsize=8)
def common_words(channels: int) -> dict[str, str]:
    """The words of every scene with so many input channels; `{…}` in them is filled in the browser."""
    return {
        "window": _("Window of output row {row}, column {column}"),
        "channel": _("channel {n}"),
        "row_column": _("row {row}, column {column}"),
        "contained": _("windows that contain this cell: {n}"),
        "not_value": _("not {value}"),
        "previous": _("Previous window"),
        "play": _("Play: fill the output window by window"),
        "play_still": _("Play one step for each press: your device asks for little motion"),
        "pause": _("Pause"),
        "next": _("Next window"),
        "all": _("Show the whole output"),
        "all_short": _("Show all"),
        "slider": _("Position of the window"),
        "step": _("Step {n} of {total}"),
        "speed": _("Speed, windows per second"),
        "per_second": _("{n}/s"),
        "save": _("Picture (SVG)"),
        "edit": _("New value for row {row}, column {column}"),
        "cell_inside": _("in windows {windows}"),
        "cell_inside_one": _("in window {windows}"),
        "cell_outside": _("in no window"),
        "comma": _(", "),
        "semicolon": _("; "),
        "told": _("{name}: {what}"),
        "alt_input": paragraph(
            _("Input grid. Arrow keys choose a cell, Enter or a digit changes it."), change_of_channel(channels)
        ),
        "alt_output": _("Output grid. Arrow keys move the window."),
    }


def change_of_channel(channels: int) -> str:
    """How keys change the channel; "" where there is one."""
    return _("Page Up and Page Down change the channel.") if channels > 1 else ""


def size_lines(axes: Sequence[tuple[int, int, int, int, int]], outs: Sequence[int], ceil_mode: bool) -> list[str]:
    """The formula of the output's size with the numbers put in: one line, or one for each axis where they differ.

    Each axis has its input cells, kernel, stride, padding and dilation; `outs` are the output's cells along them.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html (“Shape”); with dilation 1,
    ``dilation · (kernel − 1) + 1`` is the kernel itself and is written so.
    """
    lines = [_axis_formula(*axis, ceil_mode, out) for axis, out in zip(axes, outs, strict=True)]
    if lines[0] == lines[1]:
        return [_("output size") + " = " + lines[0]]
    return [_("output height") + " = " + lines[0], _("output width") + " = " + lines[1]]


def _axis_formula(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool, out: int) -> str:
    span = f"{k}" if d == 1 else f"{d}·({k} − 1) − 1"
    numerator = n + 2 * p - d * (k - 1) - 1
    left, right = "⌈⌉" if ceil_mode else "⌊⌋"
    raw = (-(-numerator // s) if ceil_mode else numerator // s) + 1
    line = f"{left}({n} + 2·{p} − {span})/{s}{right} + 1 = {raw}"
    if raw != out:
        why = _("the last window would begin outside the input")
        line += f" → {out} ({why})"
    return line
