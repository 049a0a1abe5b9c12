"""A short path through the pooling sandbox: what each lesson sets, and what there is to see.

`?lesson=` with the name of a lesson opens it. Names, titles and texts are English, the latter to be translated when
shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lenet.common.translation import N_


@dataclass(frozen=True)
class Lesson:
    """`example` is the one it begins with, `grid` its own numbers if it has any (as in the URL).

    `settings` are values of the page's widgets by their keys; all others are as in the example. `panel` is the tab
    to open.
    """

    title: str
    text: str
    example: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    grid: str = ""
    panel: str = "window"


LESSONS: dict[str, Lesson] = {
    "window": Lesson(
        N_("One window, one number"),
        N_(
            "Press ▶. The 2×2 window stops at four places and keeps the largest number of each: nine numbers become "
            "four. Then choose **Average** and press ▶ again."
        ),
        "3x3",
    ),
    "stride": Lesson(
        N_("The stride sets the size"),
        N_(
            "With a stride of 2 the windows do not overlap, and each side is halved. Drag **Stride** to "
            "1: the windows overlap, and the output grows to 3×3. The formula below the figure changes "
            "with it."
        ),
        "4x4",
        {"kernel": 2, "stride": 2, "padding": 0},
    ),
    "zero": Lesson(
        N_("Padding is not zero"),
        N_(
            "Every number here is negative. If padding were 0, it would be the maximum of three of the "
            "four windows (dashed red). Switch **What if padding were 0?** off: PyTorch pads with −∞, "
            "which is never the maximum."
        ),
        "negative",
        {"zero": True},
    ),
    "divisor": Lesson(
        N_("The divisor at the edge"),
        N_(
            "Hover over the four output cells: the average divides by 4, 6, 6 and 9, because only input "
            "cells count here. Under **More**, let the padding count: all are divided by 9, and the "
            "values at the edges move towards 0."
        ),
        "4x4",
        {"mode": "avg", "include_pad": False},
    ),
    "ceil": Lesson(
        N_("When the windows do not fit evenly"),
        N_(
            "With five cells and a stride of 2, the windows do not fit evenly. Rounded up, the last "
            "windows reach beyond the input (dashed cells). Under **More**, switch rounding up off: no "
            "window covers the last row and column."
        ),
        "3x3",
        {"kernel": 2, "stride": 2, "padding": 0, "ceil": True},
        grid="0,1,2,3,4;5,6,7,8,9;10,11,12,13,14;15,16,17,18,19;20,21,22,23,24",
    ),
    "channels": Lesson(
        N_("Each channel separately"),
        N_(
            "Two channels go in, two come out: a window never mixes channels. Double-click a number in "
            "channel 1 and change it: channel 2 stays the same."
        ),
        "channels",
    ),
    "refused": Lesson(
        N_("What PyTorch refuses"),
        N_(
            "A 5×5 window does not fit into 3×3 cells, so there is nothing to draw. Drag **Padding** to "
            "1: 3 + 2·1 = 5, and the window fits exactly once. Then drag it to 3: padding of more than "
            "half the window is refused too."
        ),
        "3x3",
        {"kernel": 5},
    ),
    "shift": Lesson(
        N_("Robust against a shift"),
        N_(
            "A quarter of the numbers still shows the boot. Here the boot moves by one pixel: see how much less the "
            "pooled maps change than the input does. Move it further: at 2 pixels, compare max with average."
        ),
        "image",
        {"change": "shift", "shift": 1},
        panel="robustness",
    ),
    "noise": Lesson(
        N_("Robust against noise?"),
        N_(
            "An average cancels noise; a maximum picks the largest number, noise included. Increase the "
            "noise, and decide which pooling you would choose for a noisy picture."
        ),
        "image",
        {"change": "noise", "noise": 20},
        panel="robustness",
    ),
    "gradient": Lesson(
        N_("Where the gradient goes"),
        N_(
            "The 9 is the maximum of four windows, so the gradients of all four flow back to it, and "
            "most cells get nothing. Choose **Average**: every cell gets its share."
        ),
        "4x4",
        {"kernel": 2, "stride": 1, "padding": 0},
        grid="1,3,2,0;2,9,4,1;0,1,5,3;2,0,1,4",
        panel="gradient",
    ),
    "stack": Lesson(
        N_("Stacked pooling"),
        N_(
            "Three pooling layers, one after the other: one cell of the last map sees 8×8 pixels, "
            "although every window is only 2×2. Hover over the maps, then set the stride of pool 2 to 1: "
            "what happens to the last map?"
        ),
        "image",
        {"pools": 3},
        panel="stack",
    ),
}
