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

# Intervals of the figure's height
ROWS = {"kernel": [0.84, 0.95], "response": [0.5, 0.82], "edges": [0.22, 0.47], "spectrum": [0.0, 0.16]}


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
    known = _properties(kernels)
    response = numbers.responses(kernels, image)
    largest_edge = float(known.edges.max()) or 1.0
    weight, limit = color_limit(kernels), color_limit(response)
    columns = intervals(COLUMNS + 1, 0, 1, 0.012)

    sheet = Sheet()
    sheet.picture(image, columns[0], ROWS["response"], colours.GREY, 0, 1, _("pixel") + " %{z:.2f}")
    labels = {
        "kernel": _("kernel"),
        "edges": _("edges, all<br>directions"),
        "spectrum": _("spatial<br>frequencies"),
    }
    for row, text in labels.items():
        sheet.text(text, columns[0][1], sum(ROWS[row]) / 2, xanchor="right")
    for place, n in enumerate(page(start, len(kernels)), start=1):
        x = columns[place]
        middle = sum(x) / 2
        sheet.text(f"<b>{n + 1}</b>", middle, 1, 14, yanchor="top")
        sheet.picture(
            kernels[n].mean(0), x, ROWS["kernel"], colours.DIVERGING, -weight, weight, _("weight") + " %{z:.3f}"
        )
        sheet.picture(response[n], x, ROWS["response"], colours.DIVERGING, -limit, limit, _("response") + " %{z:.2f}")
        sheet.picture(
            known.spectra[n], x, ROWS["spectrum"], colours.SEQUENTIAL, 0, float(known.spectra.max()) or 1.0,
            _("magnitude") + " %{z:.2f}",
        )  # fmt: skip
        _add_polar(sheet, "polar" if place == 1 else f"polar{place}", known.edges[n], largest_edge, x)
        sheet.text(
            _("{angle}° · selectivity {value}").format(
                angle=f"{known.best_angle[n]:.0f}", value=decimals(known.selectivity[n], 2)
            ),
            middle, ROWS["edges"][0] - 0.005, 11, yanchor="top",
        )  # fmt: skip
    return sheet.figure(500)


def _add_polar(sheet: Sheet, name: str, strength: NDArray[np.float64], largest: float, x: list[float]) -> None:
    """The response to edges [ANGLES] as a closed line around the centre of the polar axes `name`."""
    angles = np.arange(numbers.ANGLES + 1) * (360 / numbers.ANGLES)
    hover = _("bright side at {angle}: {answer}").format(angle="%{theta:.0f}°", answer="%{r:.2f}")
    sheet.traces.append(
        {
            "type": "scatterpolar", "mode": "lines", "subplot": name, "fill": "toself",
            "r": [*strength.tolist(), float(strength[0])], "theta": angles.tolist(),
            "line": {"color": colours.SERIES[0], "width": 2},
            "hovertemplate": hover + "<extra></extra>",
        }
    )  # fmt: skip
    bare: dict[str, Any] = {"showticklabels": False, "ticks": "", "gridcolor": colours.faded(colours.MUTED, 0.35)}
    sheet.layout[name] = {
        "domain": {"x": x, "y": ROWS["edges"]},
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
