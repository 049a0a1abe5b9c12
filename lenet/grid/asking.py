"""A scene of the grid's component while a lesson asks about it: nothing can be changed, and the output can be covered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.grid.words import change_of_channel

HIDDEN = "?"
"""Stands in place of a number that is asked about."""
TOLD_BY_OUTPUT = ("winners", "ties", "sums", "divisors", "wrong", "truth")
"""What a scene holds beside the output's numbers from which they could be told."""


def asking(scene: Mapping[str, Any], hides: Collection[str] = ()) -> dict[str, Any]:
    """The scene with cells that cannot be changed. `hides` may name its `output`, and what its `padding` counts as."""
    words = scene["words"] | {
        "hint": _("Hover over a cell to see its window, click to keep it."),
        "hint_touch": _("Tap a cell to see its windows. Swipe sideways to move the window."),
        "alt_input": paragraph(_("Input grid. Arrow keys choose a cell."), change_of_channel(scene["channels"])),
    }
    shown = {name: part for name, part in scene.items() if "output" not in hides or name not in TOLD_BY_OUTPUT}
    shown |= {"fixed": True, "words": words}
    if "output" in hides:
        output = scene["output"]["texts"]
        cells = {
            "texts": [[HIDDEN] * len(channel) for channel in output],
            "shades": [[None] * len(channel) for channel in output],
        }
        shown |= {"covered": True, "output": cells, "legend": None}
    if "padding" in hides:
        shown |= {"padding_text": HIDDEN, "padding_counts": True}
        words["padding"] = _("hatched: padding")
    return shown
