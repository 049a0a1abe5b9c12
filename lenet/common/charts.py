"""Plotly figures from plain dicts, in one common layout, with arrays packed as base64.

Colours of the background and of text are left to Streamlit's theme, so that one figure serves light and dark, and a
picture that is downloaded has the background that its text needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from numpy.typing import NDArray

from lenet.common.arrays import from_base64, to_base64

FONTS = (
    '"Source Sans", "Source Sans 3", "Source Sans Pro", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", '
    '"Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
)
"""The page’s font, and those that systems have: a downloaded picture has only these, and their widths are close."""
FEW_CLASSES = 20
"""Up to so many classes there is room in a figure for a number for each, and for the usual font."""
PHONE = 640
"""Pixels: a figure that is no wider stands on a phone, or in as little room."""
PHONE_LETTERS = 44
"""Letters side by side in a title or a legend on a phone."""


class Drawn(go.Figure):  # type: ignore[misc]  # Plotly is not typed
    """A figure backed by a plain dict, which `to_dict` returns uncopied; callers must not modify it.

    Plotly's own class checks and copies every value when a figure is built and again when it is drawn: 3 to 10 ms a chart.
    The tests run Plotly's validation over every figure instead.
    """

    def __init__(self, plain: dict[str, Any]) -> None:
        self.__dict__["plain"] = plain

    def to_dict(self) -> dict[str, Any]:
        return self.__dict__["plain"]  # type: ignore[no-any-return]


def figure(
    data: list[dict[str, Any]],
    *,
    height: int,
    narrow: Mapping[str, Any] | None = None,
    below: int = PHONE,
    **layout: Any,
) -> go.Figure:
    """A figure of plain trace dicts in the common layout; `height` in pixels. Arrays are packed.

    `narrow` is what differs where a page has no more than `below` pixels for it: attributes of the layout by path, such as
    `{"height": 500, "xaxis.domain": [0, 1]}`. A trace that differs has its attributes in its own `meta`, as `{"narrow": …}`.
    The browser chooses, also when a phone is turned: see lenet/ui/plots.js.
    """
    traces = [{k: packed(v) if isinstance(v, np.ndarray) else v for k, v in trace.items()} for trace in data]
    template = {"template": _template(pio.templates.default)} if pio.templates.default else {}
    meta = {"meta": {"narrow": narrow, "below": below}} if narrow else {}
    return Drawn({"data": traces, "layout": common_layout(height) | template | layout | meta})


def one_above_the_other(height: int) -> dict[str, Any]:
    """What differs in a narrow figure of two panels, which a wide one has side by side with the same x."""
    return {
        "height": height,
        "xaxis.domain": [0, 1],
        "xaxis.title.text": "",
        "xaxis2.domain": [0, 1],
        "yaxis.domain": [0.54, 1],
        "yaxis2.domain": [0, 0.46],
    }


def legend_height(names: Sequence[str]) -> int:
    """Pixels of a horizontal legend on a phone, with these names in lines by `<br>`: Plotly gives each entry the room of the
    longest."""
    across, sign = 46, 7  # letters in a line, and those in whose room the sign before a name stands
    longest = max((letters(text) for name in names for text in name.split("<br>")), default=0)
    columns = max(1, across // (longest + sign))
    return 19 * math.ceil(sum(name.count("<br>") + 1 for name in names) / columns)


def folded(text: str, width: int) -> str:
    """A text in lines of at most so many letters."""
    lines, left = [""], width
    for piece in re.findall(rf"[\u2e80-\uffff] *|[^ \u2e80-\uffff]{{1,{width}}} *| +", text):
        wide = letters(piece.rstrip())
        if wide > left:
            lines, left = [*lines, ""], width
        lines[-1] += piece
        left -= wide + len(piece) - len(piece.rstrip())
    return "<br>".join(line.rstrip() for line in lines)


def letters(text: str) -> int:
    """How many letters wide a text is: Chinese ones are as wide as two."""
    return sum(2 if letter >= "\u2e80" else 1 for letter in text)


@lru_cache(maxsize=4)
def _template(name: str) -> Any:
    """Plotly's default template (under Streamlit, the colours of its theme) as a plain dict."""
    return pio.templates[name].to_plotly_json()


def notebook_figure(plain: dict[str, Any]) -> go.Figure:
    """A figure for a notebook from what `Drawn.to_dict` gives, or from unpacked traces and a layout.

    Its owner may change it, its arrays are arrays, and it has Plotly's default template (`plotly.io.templates.default`)
    where a page has Streamlit's theme.
    """
    traces = [{name: _unpacked(value) for name, value in trace.items()} for trace in plain["data"]]
    layout = {name: value for name, value in plain["layout"].items() if name not in ("template", "meta")}
    return go.Figure({"data": traces, "layout": layout})


def packed(values: NDArray[Any]) -> Any:
    """Numbers as Plotly's typed arrays, a third as long as digits and faster to write; anything else as a list."""
    if values.dtype.kind not in "fiub":
        return values.tolist()
    kind = "u1" if values.dtype in (np.uint8, np.bool_) else "f4" if values.dtype.kind == "f" else "i4"
    spec = {"dtype": kind, "bdata": to_base64(values, kind)}
    return spec | ({"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {})


def _unpacked(value: Any) -> Any:
    """The inverse of `packed`; anything else as it is."""
    if not (isinstance(value, dict) and "bdata" in value):
        return value
    flat = from_base64(value["bdata"], value["dtype"])
    return flat.reshape([int(n) for n in value["shape"].split(",")]) if "shape" in value else flat


def common_layout(height: int) -> dict[str, Any]:
    """The layout that all figures start from; `height` in pixels."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "template": None,
        "font": {"family": FONTS},
        "hoverlabel": {"font": {"size": 13}},
    }


def bare_axis(**more: Any) -> dict[str, Any]:
    """An axis without line, grid, ticks or zoom: for pictures."""
    return {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False} | more
