"""What the sandbox draws of pools one after the other: plain data for the component of the stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lenet.common import colours
from lenet.common.formatting import pair_text
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.grid.cells import shading, texts
from lenet.pooling.stacking import Level


def scene(levels: Sequence[Level], *, image: bool = False) -> dict[str, Any]:
    """The levels of `stacking.stack` as JSON values, in the reader's language; of several channels the first."""
    scale, shades, legend = shading([level.values for level in levels], image)
    return {
        "levels": [
            {
                "title": _title(n, level),
                "note": _note(level),
                "size": level.values.shape[1:],
                "texts": texts(level.values[:1])[0],
                "shades": shades(level.values[:1])[0],
                "rows": level.rows,
                "columns": level.columns,
            }
            for n, level in enumerate(levels)
        ],
        "scale": scale,
        "legend": legend,
        "color": colours.WINDOW,
        "words": {
            "comma": _(", "),
            "alt": _("The input and the output of each pool, side by side."),
            "sees": _(
                "{level}, row {row}, column {column} sees rows {top}–{bottom} and columns {left}–{right} of the input: "
                "{height}×{width} cells."
            ),
            "hint": _("Hover over a cell to see its receptive field in every layer before it; click to keep it."),
            "hint_touch": _("Tap a cell to see its receptive field in every layer before it."),
        },
    }


def _title(n: int, level: Level) -> str:
    size = "×".join(map(str, level.values.shape[1:]))
    return (
        _("Input {shape}").format(shape=size)
        if level.pool is None
        else _("Pool {n}: {shape}").format(n=n, shape=size)
    )


def _note(level: Level) -> str:
    if level.pool is None:
        return ""
    return _("sees {field}, total stride {stride}").format(
        field="×".join(map(str, level.field)), stride=pair_text(level.stride)
    )


def sentence(levels: Sequence[Level]) -> str:
    """Receptive field and total stride of the last level, worked out with the reader's numbers."""
    last = levels[-1]
    pools = [level.pool for level in levels if level.pool is not None]
    strides = " · ".join(str(pool.stride[0]) for pool in pools)
    terms, jump = ["1"], 1
    for pool in pools:
        grow = f"({pool.kernel_size[0]} − 1)" + (f"·{pool.dilation[0]}" if pool.dilation[0] > 1 else "")
        terms.append(grow + (f"·{jump}" if jump > 1 else ""))
        jump *= pool.stride[0]
    square = all(pair[0] == pair[1] for pool in pools for pair in (pool.kernel_size, pool.stride, pool.dilation))
    axis = "" if square else _(" (height)")
    told = _(
        "Receptive field{axis}: {terms} = **{field}** input cells. Total stride{axis}: {strides} = **{stride}**."
    )
    apart = _("Receptive fields of neighbouring cells of the last output start {stride} input cells apart.")
    return paragraph(told, apart if last.values.shape[1] > 1 else "").format(
        axis=axis, terms=" + ".join(terms), field=last.field[0], strides=strides, stride=last.stride[0]
    )
