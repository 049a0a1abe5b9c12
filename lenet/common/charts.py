"""Plotly figures from plain dicts, in one common layout, with arrays packed as base64.

Colours of the background and of text are left to Streamlit's theme, so that one figure serves light and dark, and a
picture that is downloaded has the background that its text needs.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    `{"height": 500, "xaxis.domain": [0, 1]}`. A trace whose look differs has it in its `meta`, as `narrow_trace` gives it.
    The browser chooses, also when a phone is turned: see lenet/ui/plots.js.
    """
    traces = [{k: packed(v) if isinstance(v, np.ndarray) else v for k, v in trace.items()} for trace in data]
    template = {"template": _template(pio.templates.default)} if pio.templates.default else {}
    meta = {"meta": {"narrow": narrow, "below": below}} if narrow else {}
    return Drawn({"data": traces, "layout": common_layout(height) | template | layout | meta})


def narrow_trace(**attributes: Any) -> dict[str, Any]:
    """The `meta` of a trace that looks different in a narrow figure: attributes by path, where `__` stands for a dot."""
    return {"narrow": {name.replace("__", "."): value for name, value in attributes.items()}}


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
