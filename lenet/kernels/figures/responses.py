"""What kernels respond to: an image, edges in all directions, spatial frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import colours
from lenet.common.formatting import decimals
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.kernels import responses as numbers
from lenet.kernels.figures.sheet import COLUMNS, Sheet, intervals, page
from lenet.kernels.history import Kernels, color_limit

# Intervals of the height of one line of kernels: of the only one, and of each of the two of a narrow figure
ROWS = {"kernel": [0.84, 0.95], "response": [0.5, 0.82], "edges": [0.22, 0.47], "spectrum": [0.0, 0.16]}
NARROW_ROWS = {"kernel": [0.8, 0.93], "response": [0.5, 0.78], "edges": [0.24, 0.47], "spectrum": [0.0, 0.13]}


@dataclass(frozen=True, eq=False)
class Properties:
    """What kernels respond to, whatever the image; see `kernels.responses` for each."""

    edges: NDArray[np.float64]
    selectivity: NDArray[np.float64]
    best_angle: NDArray[np.float64]
    spectra: NDArray[np.float64]


@cached(maxsize=64)
def _properties(kernels: Kernels) -> Properties:
    edges = numbers.edge_responses(kernels)
    return Properties(edges, *numbers.selectivity(edges), numbers.spectra(kernels))


@cached(maxsize=64)
def responses(kernels: Kernels, image: NDArray[np.float32], start: int) -> go.Figure:
    """One page of kernels, from `start` on: for each the kernel, its signed response to `image` (height, width), its
    response to edges in all directions, and its spectrum.

    `kernels` [out, in, kh, kw] are all of the layer: the pages share their scales.
    """
    shown = len(page(start, len(kernels)))
    lines = -(-shown // (COLUMNS // 2))
    response = numbers.responses(kernels, image)
    wide = _sheet(kernels, image, response, start, COLUMNS, [[0, 1]], ROWS)
    narrow = _sheet(kernels, image, response, start, COLUMNS // 2, intervals(lines, 0, 1, 0.03)[::-1], NARROW_ROWS)
    return wide.figure(500, narrow, 350 * lines)


def _sheet(
    kernels: Kernels,
    image: NDArray[np.float32],
    response: NDArray[np.float32],
    start: int,
    columns: int,
    lines: list[list[float]],
    rows: dict[str, list[float]],
) -> Sheet:
    """The page with so many kernels side by side; `lines` are intervals of the figure's height, `rows` of a line's."""
    known = _properties(kernels)
    largest_edge = float(known.edges.max()) or 1.0
    weight, limit = color_limit(kernels), color_limit(response)
    places = intervals(columns + 1, 0, 1, 0.012)
    many = len(lines) > 1

    def at(line: list[float], height: float) -> float:
        return line[0] + (line[1] - line[0]) * height

    def across(line: list[float], row: str) -> list[float]:
        return [at(line, end) for end in rows[row]]

    sheet = Sheet()
    sheet.picture(image, places[0], across(lines[0], "response"), colours.GREY, 0, 1, _("pixel") + " %{z:.2f}")
    labels = {
        "kernel": _("kernel"),
        "edges": _("edges, all<br>directions"),
        "spectrum": _("spatial<br>frequencies"),
    }
    for line in lines:
        for row, text in labels.items():
            sheet.text(text, places[0][1], sum(across(line, row)) / 2, 12 if many else 13, xanchor="right")
    for place, n in enumerate(page(start, len(kernels))):
        x, line = places[place % columns + 1], lines[place // columns]
        middle = sum(x) / 2
        sheet.text(f"<b>{n + 1}</b>", middle, line[1], 14, yanchor="top")
        sheet.picture(
            kernels[n].mean(0), x, across(line, "kernel"), colours.DIVERGING, -weight, weight,
            _("weight") + " %{z:.3f}",
        )  # fmt: skip
        sheet.picture(
            response[n], x, across(line, "response"), colours.DIVERGING, -limit, limit, _("response") + " %{z:.2f}"
        )
        sheet.picture(
            known.spectra[n], x, across(line, "spectrum"), colours.SEQUENTIAL, 0, float(known.spectra.max()) or 1.0,
            _("magnitude") + " %{z:.2f}",
        )  # fmt: skip
        polar = "polar" if place == 0 else f"polar{place + 1}"
        _add_polar(sheet, polar, known.edges[n], largest_edge, x, across(line, "edges"))
        told = _("{angle}° · selectivity {value}").format(
            angle=f"{known.best_angle[n]:.0f}", value=decimals(known.selectivity[n], 2)
        )
        told = told.replace(" · ", "<br>") if many else told
        sheet.text(told, middle, at(line, rows["edges"][0] - 0.005), 11, yanchor="top")
    return sheet


def _add_polar(
    sheet: Sheet, name: str, strength: NDArray[np.float64], largest: float, x: list[float], y: list[float]
) -> None:
    """The response to edges [ANGLES] as a closed line around the centre of the polar axes `name`."""
    angles = np.arange(numbers.ANGLES + 1) * (360 / numbers.ANGLES)
    hover = _("bright side at {angle}: {answer}").format(angle="%{theta:.0f}°", answer="%{r:.2f}")
    sheet.traces.append(
        {
            "type": "scatterpolar", "mode": "lines", "subplot": name, "fill": "toself",
            "r": [*strength.tolist(), float(strength[0])], "theta": angles.tolist(),
            "line": {"color": colours.SERIES[0], "width": 2},
            "hovertemplate": hover + "<extra></extra>", "hoveron": "points",
        }
    )  # fmt: skip
    bare: dict[str, Any] = {"showticklabels": False, "ticks": "", "gridcolor": colours.faded(colours.MUTED, 0.35)}
    sheet.layout[name] = {
        "domain": {"x": x, "y": y},
        "bgcolor": "rgba(0,0,0,0)",
        "radialaxis": bare | {"range": [0, largest], "showline": False, "nticks": 3},
        "angularaxis": bare | {"tickvals": [0, 90, 180, 270], "linecolor": colours.faded(colours.MUTED, 0.5)},
    }


def responses_alt(kernels: Kernels, start: int) -> str:
    """The figure `responses` in words."""
    known = _properties(kernels)
    parts = [
        _("Kernel {n}: bright side at {angle}°, selectivity {value}.").format(
            n=n + 1, angle=f"{known.best_angle[n]:.0f}", value=decimals(known.selectivity[n], 2)
        )
        for n in page(start, len(kernels))
    ]
    head = _("Each kernel with its signed response to the image, its responses to edges, and its spectrum.")
    return paragraph(head, *parts)
