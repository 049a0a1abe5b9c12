"""The deeper figures of the kernel gallery: what kernels see, how they moved, and how they compare."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lenet.common import charts
from lenet.common.formatting import decimals, percent
from lenet.common.translation import language, ngettext
from lenet.common.translation import translate as _
from lenet.data import data_set
from lenet.kernels import history as kernels
from lenet.kernels import matching, responses
from lenet.kernels.ablation import Insight
from lenet.kernels.history import Course, History, Kernels
from lenet.kernels.matching import Pair

COLUMNS = 6
"""Kernels beside each other; more go to further pages."""
INK: dict[str, Any] = {"size": 12}  # the colour is the theme's


def _boxes(n: int, low: float, high: float, gap: float) -> list[list[float]]:
    """`n` equal parts of the way from `low` to `high`."""
    width = (high - low - gap * (n - 1)) / n
    starts = [low + i * (width + gap) for i in range(n)]
    return [[round(start, 6), round(start + width, 6)] for start in starts]


class Sheet:
    """A figure of many small pictures: places are fractions of it, from the left and from the bottom."""

    def __init__(self) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"annotations": [], "showlegend": False}
        self.axes = 0

    def picture(
        self, values: NDArray[Any], x: list[float], y: list[float], scale: Any, low: float, high: float, hover: str
    ) -> None:
        """`values` [rows, columns] with square cells, the first row above."""
        self.axes += 1
        n = "" if self.axes == 1 else str(self.axes)
        self.traces.append(
            {
                "type": "heatmap", "z": charts.packed(values), "colorscale": scale, "zmin": low, "zmax": high,
                "showscale": False, "xaxis": f"x{n}", "yaxis": f"y{n}", "hovertemplate": hover + "<extra></extra>",
            }
        )  # fmt: skip
        self.layout[f"xaxis{n}"] = charts.bare_axis(domain=x, anchor=f"y{n}", constrain="domain")
        self.layout[f"yaxis{n}"] = charts.bare_axis(
            domain=y, anchor=f"x{n}", scaleanchor=f"x{n}", autorange="reversed", constrain="domain"
        )

    def words(
        self, text: str, x: float, y: float, size: int = 13, anchor: str = "center", upper: str = "middle"
    ) -> None:
        self.layout["annotations"].append(
            {
                "text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "showarrow": False,
                "xanchor": anchor, "yanchor": upper, "font": INK | {"size": size}, "align": "left",
            }
        )  # fmt: skip

    def figure(self, height: int) -> go.Figure:
        return charts.Drawn({"data": self.traces, "layout": charts.common_layout(height) | self.layout})


# -- what they see ------------------------------------------------------------------------------------------------


def seen(every: Kernels, image: NDArray[np.float32], start: int) -> go.Figure:
    """A page of up to COLUMNS kernels from `start` on (of all `every`, which share their scales): the kernel, its
    signed response to `image` (height, width), its answers to edges in all directions, and its spectrum."""
    return _seen(every.tobytes(), every.shape, image.tobytes(), image.shape, start, language())


@lru_cache(maxsize=64)
def _seen(
    raw: bytes, shape: tuple[int, ...], pixels: bytes, size: tuple[int, ...], start: int, code: str
) -> go.Figure:
    every = np.frombuffer(raw, np.float32).reshape(shape)
    image = np.frombuffer(pixels, np.float32).reshape(size)
    answers, best, choosy, angle, spectrum = _answers(raw, shape)
    response = responses.responses(every, image)
    shown = range(start, min(start + COLUMNS, len(every)))
    sheet = Sheet()
    columns = _boxes(COLUMNS + 1, 0, 1, 0.012)
    rows = {"kernel": [0.84, 0.95], "response": [0.5, 0.82], "edges": [0.22, 0.47], "spectrum": [0, 0.16]}
    limit = float(np.abs(response).max()) or 1.0
    weight = float(np.abs(np.nan_to_num(every)).max()) or 1.0
    sheet.picture(image, columns[0], rows["response"], charts.GREY, 0, 1, _("pixel") + " %{z:.2f}")
    left = columns[0][1]
    for name, text in {
        "kernel": _("kernel"),
        "edges": _("edges, all<br>directions"),
        "spectrum": _("spatial<br>frequencies"),
    }.items():
        sheet.words(text, left, sum(rows[name]) / 2, anchor="right")
    for place, n in enumerate(shown, start=1):
        x = columns[place]
        middle = sum(x) / 2
        sheet.words(f"<b>{n + 1}</b>", middle, 1, 14, upper="top")
        sheet.picture(
            every[n].mean(0), x, rows["kernel"], charts.DIVERGING, -weight, weight, _("weight") + " %{z:.3f}"
        )
        sheet.picture(
            response[n],
            x,
            rows["response"],
            charts.DIVERGING,
            -limit,
            limit,
            _("response") + " %{z:.2f}",
        )
        sheet.picture(
            spectrum[n], x, rows["spectrum"], charts.SEQUENTIAL, 0, float(spectrum.max()) or 1.0,
            _("magnitude") + " %{z:.2f}",
        )  # fmt: skip
        polar = "polar" if place == 1 else f"polar{place}"
        around = np.arange(responses.ANGLES + 1) * (360 / responses.ANGLES)
        sheet.traces.append(
            {
                "type": "scatterpolar", "mode": "lines", "subplot": polar, "fill": "toself",
                "r": [*answers[n].tolist(), float(answers[n, 0])], "theta": around.tolist(),
                "line": {"color": charts.SERIES[0], "width": 2},
                "hovertemplate": _("bright side at {angle}: {answer}").format(angle="%{theta:.0f}°", answer="%{r:.2f}")
                + "<extra></extra>",
            }
        )  # fmt: skip
        plain = {"showticklabels": False, "ticks": "", "gridcolor": "rgba(100,116,139,.35)"}
        sheet.layout[polar] = {
            "domain": {"x": x, "y": rows["edges"]},
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": plain | {"range": [0, best], "showline": False, "nticks": 3},
            "angularaxis": plain | {"tickvals": [0, 90, 180, 270], "linecolor": "rgba(100,116,139,.5)"},
        }
        sheet.words(
            _("{angle}° · selectivity {value}").format(angle=f"{angle[n]:.0f}", value=decimals(choosy[n], 2)),
            middle, rows["edges"][0] - 0.005, 11, upper="top",
        )  # fmt: skip
    return sheet.figure(500)


@lru_cache(maxsize=64)
def _answers(raw: bytes, shape: tuple[int, ...]) -> tuple[Any, float, Any, Any, Any]:
    """What does not depend on the image."""
    every = np.frombuffer(raw, np.float32).reshape(shape)
    answers = responses.edge_responses(every)
    choosy, angle = responses.selectivity(answers)
    return answers, float(answers.max()) or 1.0, choosy, angle, responses.spectra(every)


def seen_alt(every: Kernels, start: int) -> str:
    """The figure in words."""
    choosy, angle = _answers(every.tobytes(), every.shape)[2:4]
    parts = [
        _("Kernel {n}: bright side at {angle}°, selectivity {value}.").format(
            n=n + 1, angle=f"{angle[n]:.0f}", value=decimals(choosy[n], 2)
        )
        for n in range(start, min(start + COLUMNS, len(every)))
    ]
    head = _("Each kernel with its signed response to the image, its answers to edges, and its spectrum.")
    return " ".join([head, *parts])


def patches(insight: Insight, start: int) -> go.Figure:
    """The patches of the test set that excite each kernel of a page most (left) and least (right), a row a kernel."""
    return _patches(insight, start, language())


@lru_cache(maxsize=32)
def _patches(insight: Insight, start: int, code: str) -> go.Figure:
    classes = data_set().class_names()
    page = insight.patches[start : start + COLUMNS]
    out, sides, many, high, wide = page.shape
    between, apart = 2, 4  # cells between two rows, and between the two sides
    half = many * (wide + 1) - 1
    strip = np.full((out * (high + between) - between, sides * half + apart), np.nan).astype(object)
    words = np.full(strip.shape, "").astype(object)
    for (n, side, i), label in np.ndenumerate(insight.labels[start : start + COLUMNS]):
        top, left = n * (high + between), side * (half + apart) + i * (wide + 1)
        place = slice(top, top + high), slice(left, left + wide)
        strip[place] = page[n, side, i]
        words[place] = f"{classes[label]}, {decimals(insight.sums[start + n, side, i], 2)}"
    strip[strip != strip] = None  # NaN is no JSON
    sheet = Sheet()
    sheet.picture(strip, [0.04, 1], [0, 0.92], charts.GREY, 0, 255, "%{text}")
    sheet.traces[0]["text"] = words.tolist()
    rows = len(strip)
    for n in range(out):
        middle = n * (high + between) + (high - 1) / 2
        sheet.words(f"<b>{start + n + 1}</b>", 0.02, 0.92 * (1 - (middle + 0.5) / rows), 13)
    sheet.words(_("most"), 0.04, 1, 13, "left", "top")
    sheet.words(_("least"), 0.04 + 0.96 * (half + apart) / strip.shape[1], 1, 13, "left", "top")
    sheet.layout["plot_bgcolor"] = "rgba(148,163,184,.35)"
    # The cells fill the picture, so that the numbers beside them stand where their rows are.
    del sheet.layout["yaxis"]["scaleanchor"]
    return sheet.figure(330)


def patches_alt(insight: Insight, start: int) -> str:
    """The strongest and the weakest patch of each kernel in words."""
    classes = data_set().class_names()
    return " ".join(
        _(
            "Kernel {n}: strongest sum {most} in an image of class {name}, weakest {least} in one of class {other}."
        ).format(
            n=n + 1,
            most=decimals(insight.sums[n, 0, 0], 2),
            name=classes[insight.labels[n, 0, 0]],
            least=decimals(insight.sums[n, 1, 0], 2),
            other=classes[insight.labels[n, 1, 0]],
        )
        for n in range(start, min(start + COLUMNS, len(insight.patches)))
    )


def losses(insight: Insight) -> go.Figure:
    """Percentage points of test accuracy lost without each kernel."""
    names = [str(n + 1) for n in range(len(insight.silenced))]
    bars = [
        (_("its map set to 0"), insight.silenced, charts.SERIES[0]),
        (_("its map held at its mean"), insight.held, charts.SERIES[1]),
    ]
    data = [
        {
            "type": "bar", "name": name, "x": names, "marker": {"color": color},
            "y": ((insight.accuracy - left) * 100).round(2).tolist(),
            "hovertemplate": "%{x}: %{y:.1f}<extra></extra>",
        }
        for name, left, color in bars
    ]  # fmt: skip
    grid = {"gridcolor": "rgba(100,116,139,.3)", "zerolinecolor": "rgba(100,116,139,.8)", "fixedrange": True}
    return charts.figure(
        data,
        height=300,
        margin={"l": 60, "r": 8, "t": 8, "b": 40},
        xaxis={"title": {"text": _("kernel")}, "type": "category", "fixedrange": True},
        yaxis=grid | {"title": {"text": _("points of accuracy lost")}},
        legend={"orientation": "h", "y": 1.15},
    )


def losses_alt(insight: Insight) -> str:
    return _("Test accuracy with all kernels: {whole}. Without one of them: {each}.").format(
        whole=percent(insight.accuracy),
        each=", ".join(f"{n + 1}: {percent(value)}" for n, value in enumerate(insight.silenced)),
    )


# -- how they moved -----------------------------------------------------------------------------------------------


def paths(history: History, course: Course | None, start: int = 0) -> go.Figure:
    """Distance travelled and cosine to the final form of a page of up to COLUMNS kernels from `start` on, over training,
    with the test accuracy."""
    travelled, cosine = kernels.paths(history)
    per_epoch = course.steps_per_epoch if course else 0
    x = (history.steps / per_epoch).tolist() if per_epoch else history.steps.tolist()
    data: list[dict[str, Any]] = []
    for place, n in enumerate(range(start, min(start + COLUMNS, len(history.final)))):
        line = {"color": charts.SERIES[place], "width": 2, "dash": ("solid", "dash")[place // 3]}
        common = {"type": "scatter", "mode": "lines", "x": x, "line": line, "legendgroup": str(n)}
        name = _("Kernel {n}").format(n=n + 1)
        data.append(
            common
            | {
                "y": travelled[:, n].round(4).tolist(),
                "name": name,
                "hovertemplate": name + ": %{y:.2f}<extra></extra>",
            }
        )
        data.append(
            common
            | {"y": cosine[:, n].round(4).tolist(), "xaxis": "x2", "yaxis": "y2", "showlegend": False, "name": name,
               "hovertemplate": name + ": %{y:.2f}<extra></extra>"}
        )  # fmt: skip
    if course is not None and per_epoch:
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "x": course.curve.epochs.tolist(),
                "y": course.curve.test_acc.tolist(), "xaxis": "x2", "yaxis": "y2", "name": _("test acc"),
                "line": {"color": "#64748b", "width": 1.5}, "marker": {"size": 6, "symbol": "diamond-open"},
                "hovertemplate": _("test acc") + " %{y:.1%}<extra></extra>",
            }
        )  # fmt: skip
    grid = {"gridcolor": "rgba(100,116,139,.3)", "zerolinecolor": "rgba(100,116,139,.6)", "fixedrange": True}
    low = min(0.0, float(cosine.min())) - 0.05
    title = _("epoch") if per_epoch else _("Training step")
    return charts.figure(
        data,
        height=430,
        margin={"l": 56, "r": 8, "t": 30, "b": 44},
        xaxis=grid | {"domain": [0, 0.47], "title": {"text": title}},
        xaxis2=grid | {"domain": [0.53, 1], "title": {"text": title}, "anchor": "y2"},
        yaxis=grid | {"title": {"text": _("distance travelled")}},
        yaxis2=grid | {"title": {"text": _("cosine to the final form")}, "anchor": "x2", "range": [low, 1.05]},
        legend={"orientation": "h", "y": 1.12},
        hovermode="x",
    )


def paths_alt(history: History, start: int = 0) -> str:
    travelled, cosine = kernels.paths(history)
    parts = [
        _("Kernel {n}: travelled {distance}; its start has a cosine of {cosine} with its end.").format(
            n=n + 1, distance=decimals(travelled[-1, n], 2), cosine=decimals(cosine[0, n], 2)
        )
        for n in range(start, min(start + COLUMNS, travelled.shape[1]))
    ]
    return " ".join(parts)


# -- compared -----------------------------------------------------------------------------------------------------


def pairs(a: Kernels, b: Kernels, matched: list[Pair]) -> go.Figure:
    """The strongest pairs, up to two rows of COLUMNS: each kernel of `a` above its partner of `b`, whose colours are
    turned where the sign differs."""
    shown = matched[: 2 * COLUMNS]
    lines = -(-len(shown) // COLUMNS)
    sheet = Sheet()
    columns = _boxes(COLUMNS, 0.1, 1, 0.015)
    rows = _boxes(lines, 0, 1, 0.06)[::-1]
    limits = [float(np.abs(np.nan_to_num(k)).max()) or 1.0 for k in (a, b)]
    for i, pair in enumerate(shown):
        x, y = columns[i % COLUMNS], rows[i // COLUMNS]
        tall = y[1] - y[0]
        upper, lower = [y[0] + 0.46 * tall, y[1] - 0.11 * tall], [y[0], y[0] + 0.43 * tall]
        middle = sum(x) / 2
        sign = "" if pair.sign > 0 else " × (−1)"
        sheet.words(
            f"<b>{pair.first + 1} ↔ {pair.second + 1}{sign}</b><br>r = {decimals(abs(pair.correlation), 2)}",
            middle, y[1], 13, upper="top",
        )  # fmt: skip
        hover = _("weight") + " %{z:.3f}"
        sheet.picture(a[pair.first].mean(0), x, upper, charts.DIVERGING, -limits[0], limits[0], hover)
        turned = pair.sign * b[pair.second].mean(0)
        sheet.picture(turned, x, lower, charts.DIVERGING, -limits[1], limits[1], hover)
    for y in rows:
        tall = y[1] - y[0]
        sheet.words(_("above"), 0.08, y[0] + 0.7 * tall, 12, "right")
        sheet.words(_("below"), 0.08, y[0] + 0.22 * tall, 12, "right")
    return sheet.figure(400 if lines == 1 else 720)


def pairs_alt(matched: list[Pair]) -> str:
    return " ".join(
        _("Kernel {a} with kernel {b}: correlation {r}.").format(
            a=p.first + 1, b=p.second + 1, r=decimals(p.correlation, 2)
        )
        for p in matched
    )


def summary(matched: list[Pair], with_start: bool = False) -> str:
    """The permutation, the signs and the mean correlation as one paragraph of Markdown. `with_start`: with the kernels
    that training began with, which nobody has learned."""
    strong = sum(abs(p.correlation) >= 0.8 for p in matched)
    mean = float(np.mean([abs(p.correlation) for p in matched]))
    order = " · ".join(
        f"{p.first + 1}→{'−' if p.sign < 0 else ''}{p.second + 1}" for p in sorted(matched, key=lambda p: p.first)
    )
    if with_start:
        head = ngettext(
            "**{strong} of {n} kernel still looks like one of the start** (|r| ≥ 0.8); mean |r| {mean}.",
            "**{strong} of {n} kernels still look like one of the start** (|r| ≥ 0.8); mean |r| {mean}.",
            len(matched),
        )
    else:
        head = ngettext(
            "**{strong} of {n} kernel was learned again** (|r| ≥ 0.8); mean |r| {mean}.",
            "**{strong} of {n} kernels were learned again** (|r| ≥ 0.8); mean |r| {mean}.",
            len(matched),
        )
    head = head.format(strong=strong, n=len(matched), mean=decimals(mean, 2))
    tail = _("Permutation and signs: {order}.").format(order=order)
    return f"{head} {tail}"


def labour(sides: list[tuple[str, Kernels | None, Kernels]]) -> go.Figure:
    """Mean |cosine| between the kernels of each side, before (where known) and after training, and by chance."""
    names = [name for name, _before, _after in sides]
    before = [None if first is None else matching.likeness(first) for _name, first, _last in sides]
    after = [matching.likeness(last) for _name, _first, last in sides]
    data = [
        {
            "type": "bar", "name": name, "x": names, "y": [None if v is None else round(v, 4) for v in values],
            "marker": {"color": color}, "text": ["" if v is None else decimals(v, 2) for v in values],
            "textposition": "outside", "cliponaxis": False, "hovertemplate": "%{y:.3f}<extra></extra>",
        }
        for name, values, color in (
            (_("before training"), before, "#94a3b8"),
            (_("after training"), after, charts.SERIES[0]),
        )
    ]  # fmt: skip
    random = matching.chance(sides[0][2][0].size)
    line = {"color": charts.SERIES[1], "width": 2, "dash": "dash"}
    return charts.figure(
        data,
        height=300,
        margin={"l": 60, "r": 8, "t": 30, "b": 40},
        xaxis={"fixedrange": True, "type": "category"},
        yaxis={"range": [0, 1], "title": {"text": _("mean |cosine|")}, "fixedrange": True, "gridcolor": "rgba(100,116,139,.3)"},
        legend={"orientation": "h", "y": 1.15},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": random, "y1": random, "line": line}],
        annotations=[
            {
                "text": "┅ " + _("two random directions: {value}").format(value=decimals(random, 2)),
                "x": 1, "xref": "paper", "xanchor": "right", "y": 1.15, "yref": "paper", "yanchor": "top",
                "showarrow": False, "font": INK | {"color": charts.SERIES[1]},
            }
        ],
    )  # fmt: skip


def labour_words(sides: list[tuple[str, Kernels | None, Kernels]]) -> list[str]:
    """What the bars say, a sentence for each side that has a beginning."""
    found = []
    for name, first, last in sides:
        if first is None or len(last) < 2:
            continue
        before, after = matching.likeness(first), matching.likeness(last)
        if abs(after - before) < 0.05:
            text = _("In “{name}” it hardly changed: {before} before, {after} after training.")
        elif after > before:
            text = _("In “{name}” it rose from {before} to {after}: training made the kernels more alike.")
        else:
            text = _("In “{name}” it fell from {before} to {after}: training made the kernels differ more.")
        shapes = _("Of their shapes alone, each kernel’s mean taken off: from {before} to {after}.")
        found.append(
            text.format(name=name, before=decimals(before, 2), after=decimals(after, 2))
            + " "
            + shapes.format(
                before=decimals(matching.likeness(matching.shapes(first)), 2),
                after=decimals(matching.likeness(matching.shapes(last)), 2),
            )
        )
    return found


def labour_alt(sides: list[tuple[str, Kernels | None, Kernels]]) -> str:
    return " ".join(
        _("{name}: mean |cosine| {before} before and {after} after training.").format(
            name=name,
            before="–" if first is None else decimals(matching.likeness(first), 2),
            after=decimals(matching.likeness(last), 2),
        )
        for name, first, last in sides
    )
