"""Kernels beside those of another network, and how alike the kernels of one network are."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lenet.common import charts, colours
from lenet.common.formatting import decimals
from lenet.common.translation import cached, paragraph
from lenet.common.translation import translate as _
from lenet.kernels import similarity
from lenet.kernels.figures.sheet import COLUMNS, Sheet, intervals
from lenet.kernels.history import History, Kernels, color_limit
from lenet.kernels.matching import STRONG, Chance, Pair

MAX_PAIRS = 2 * COLUMNS
"""Pairs that are drawn, in two rows."""


@cached(maxsize=32)
def pairs(a: Kernels, b: Kernels, matched: list[Pair]) -> go.Figure:
    """The strongest of the pairs `matched`: each kernel of `a` above its partner of `b`.

    The partner is multiplied by the sign of the pair, so that both look alike.
    """
    shown = matched[:MAX_PAIRS]
    lines, narrow_lines = -(-len(shown) // COLUMNS), -(-len(shown) // (COLUMNS // 2))
    narrow = _pairs(a, b, shown, COLUMNS // 2, 0.14)
    return _pairs(a, b, shown, COLUMNS, 0.1).figure(400 if lines == 1 else 720, narrow, 270 * narrow_lines)


def _pairs(a: Kernels, b: Kernels, shown: list[Pair], across: int, left: float) -> Sheet:
    """Pairs as pictures, so many side by side, to the right of `left` of the width."""
    lines = -(-len(shown) // across)
    columns = intervals(across, left, 1, 0.015)
    rows = intervals(lines, 0, 1, 0.06 if lines < 3 else 0.02)[::-1]
    limit_a, limit_b = color_limit(a), color_limit(b)
    hover = _("weight") + " %{z:.3f}"
    words = 0.11 if across == COLUMNS else 0.14  # of the height of a line
    sheet = Sheet()
    for i, pair in enumerate(shown):
        x, (bottom, top) = columns[i % across], rows[i // across]
        high = top - bottom
        upper, lower = [bottom + 0.46 * high, top - words * high], [bottom, bottom + 0.43 * high]
        sign = "" if pair.sign > 0 else " × (−1)"
        sheet.text(
            f"<b>{pair.first + 1} ↔ {pair.second + 1}{sign}</b><br>r = {decimals(abs(pair.correlation), 2)}",
            sum(x) / 2, top, 13, yanchor="top",
        )  # fmt: skip
        sheet.picture(a[pair.first].mean(0), x, upper, colours.DIVERGING, -limit_a, limit_a, hover)
        partner = pair.sign * b[pair.second].mean(0)
        sheet.picture(partner, x, lower, colours.DIVERGING, -limit_b, limit_b, hover)
    for bottom, top in rows:
        high = top - bottom
        sheet.text(_("above"), 0.8 * left, bottom + 0.7 * high, 12, "right")
        sheet.text(_("below"), 0.8 * left, bottom + 0.22 * high, 12, "right")
    return sheet


def pairs_alt(matched: list[Pair]) -> str:
    """All pairs in words."""
    return paragraph(
        *(
            _("Kernel {a} with kernel {b}: correlation {r}.").format(
                a=pair.first + 1, b=pair.second + 1, r=decimals(pair.correlation, 2)
            )
            for pair in matched
        )
    )


def strengths(matched: list[Pair], chance: Chance) -> go.Figure:
    """|r| of each of the pairs `matched`, the strongest first, above the band in which pairs of random kernels lie."""
    names = [f"{pair.first + 1} ↔ {pair.second + 1}" for pair in matched]
    low, high = chance.band
    data = [
        {
            "type": "bar", "name": _("these kernels"), "x": names, "width": 0.5,
            "y": [round(abs(pair.correlation), 3) for pair in matched],
            "marker": {"color": colours.SERIES[0]}, "hovertemplate": "%{x}: |r| = %{y:.2f}<extra></extra>",
        },
        {
            "type": "bar", "name": _("random kernels (90%)"), "x": names, "width": 0.9,
            "base": low.round(3).tolist(), "y": (high - low).round(3).tolist(),
            "marker": {"color": colours.faded(colours.SERIES[1], 0.6)}, "hoverinfo": "skip",
        },
    ]  # fmt: skip
    line = {"color": colours.MUTED, "width": 2, "dash": "dash"}
    return charts.figure(
        data,
        height=400,
        barmode="overlay",
        margin={"l": 44, "r": 8, "t": 8, "b": 40},
        xaxis={"fixedrange": True, "type": "category", "tickangle": -90},
        yaxis={
            "range": [0, 1], "title": {"text": "|r|"}, "fixedrange": True,
            "gridcolor": colours.faded(colours.MUTED, 0.3),
        },
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": STRONG, "y1": STRONG, "line": line}],
    )  # fmt: skip


def strengths_alt(matched: list[Pair], chance: Chance) -> str:
    """The bars and the band in words."""
    low, high = chance.band
    return _(
        "The strongest pair has |r| = {first}, the weakest {last}. Of random kernels the strongest pair lies between "
        "{low} and {high} in nine of ten trials."
    ).format(
        first=decimals(abs(matched[0].correlation), 2),
        last=decimals(abs(matched[-1].correlation), 2),
        low=decimals(low[0], 2),
        high=decimals(high[0], 2),
    )


@cached(maxsize=32)
def mean_cosines(histories: Sequence[tuple[str, History]]) -> go.Figure:
    """Mean |cosine| between the kernels of each history before (if known) and after training, and by chance.

    `histories` with their names; at least one, and each of two kernels or more.
    """
    names = [name for name, _history in histories]
    before = [None if h.initial is None else similarity.mean_cosine(h.initial) for _name, h in histories]
    after = [similarity.mean_cosine(h.final) for _name, h in histories]
    data = [
        {
            "type": "bar", "name": name, "x": names, "y": [None if v is None else round(v, 4) for v in values],
            "marker": {"color": color}, "text": ["" if v is None else decimals(v, 2) for v in values],
            "textposition": "outside", "cliponaxis": False, "hovertemplate": "%{y:.3f}<extra></extra>",
        }
        for name, values, color in (
            (_("before training"), before, colours.PADDING),
            (_("after training"), after, colours.SERIES[0]),
        )
    ]  # fmt: skip
    _name, first = histories[0]
    chance = similarity.random_cosine(first.final[0].size)
    line = {"color": colours.SERIES[1], "width": 2, "dash": "dash"}
    return charts.figure(
        data,
        height=300,
        margin={"l": 60, "r": 8, "t": 30, "b": 40},
        xaxis={"fixedrange": True, "type": "category"},
        yaxis={
            "range": [0, 1], "title": {"text": _("mean |cosine|")}, "fixedrange": True,
            "gridcolor": colours.faded(colours.MUTED, 0.3),
        },
        legend={"orientation": "h", "y": 1.15},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance, "line": line}],
        annotations=[
            {
                "text": "┅ " + _("two random directions: {value}").format(value=decimals(chance, 2)),
                "x": 1, "xref": "paper", "xanchor": "right", "y": 1.15, "yref": "paper", "yanchor": "top",
                "showarrow": False, "font": {"size": 12, "color": colours.SERIES[1]},
            }
        ],
        narrow={
            "height": 340, "margin.l": 8, "margin.t": 64, "legend.y": 1.09, "legend.yanchor": "bottom",
            "annotations.0.y": 1.01, "annotations.0.yanchor": "bottom", "xaxis.tickangle": 0, "xaxis.tickvals": names,
            "xaxis.ticktext": [charts.folded(name, 36 // len(names)) for name in names],
        },
    )  # fmt: skip


def mean_cosines_alt(histories: Sequence[tuple[str, History]]) -> str:
    """The bars in words."""
    return paragraph(
        *(
            _("{name}: mean |cosine| {before} before and {after} after training.").format(
                name=name,
                before="–" if history.initial is None else decimals(similarity.mean_cosine(history.initial), 2),
                after=decimals(similarity.mean_cosine(history.final), 2),
            )
            for name, history in histories
        )
    )
