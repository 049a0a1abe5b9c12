"""A short path through the pooling sandbox: what each lesson sets, what to do there, and what there is to see.

`?lesson=` with the name of a lesson opens it. The reader may change everything while a lesson is open, so its text asks
to do something and claims nothing of what is on screen; that is said by its `seen`, from the grid and the layer shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lenet.common.translation import N_
from lenet.grid import Grid
from lenet.pooling import observations
from lenet.pooling.arithmetic import Pooling


def _nothing(_grid: Grid, _pool: Pooling, _zero: bool) -> str:
    return ""


@dataclass(frozen=True)
class Lesson:
    """`example` is the one it begins with, `grid` its own numbers if it has any (as in the URL).

    `title` and `text` are English, to be translated when shown. `seen(grid, pool, zero)` tells in the reader's language
    what there is to see of a layer that fits its grid; `zero`: what a max would give with a padding of 0 is shown.
    `settings` are values of the page's widgets by their keys; all others are as in the example. `panel` is the tab to open.
    `control` is the key of the widget that the text speaks of, which then stands by the text.
    """

    title: str
    text: str
    example: str
    control: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    grid: str = ""
    panel: str = "window"
    seen: Callable[[Grid, Pooling, bool], str] = _nothing


LESSONS: dict[str, Lesson] = {
    "window": Lesson(
        N_("One window, one number"),
        N_("Press ▶ and follow the window. Then choose **Average** and press ▶ again."),
        "3x3",
        control="mode",
        seen=observations.window,
    ),
    "stride": Lesson(
        N_("The stride sets the size"),
        N_("Drag **Stride** to 1 and back to 2, and watch the size of the output and the formula below the figure."),
        "4x4",
        control="stride",
        settings={"kernel": 2, "stride": 2, "padding": 0},
        seen=observations.stride,
    ),
    "zero": Lesson(
        N_("Max pooling does not pad with 0"),
        N_(
            "PyTorch pads max pooling with −∞, which is never larger than a number. Switch **What if padding were 0?** off "
            "and on again, and compare the outputs."
        ),
        "negative",
        control="zero",
        settings={"zero": True},
        seen=observations.zero,
    ),
    "divisor": Lesson(
        N_("The divisor at the edge"),
        N_(
            "Point at the output cells and read what each sum is divided by. Switch **Count padding in the average** on and "
            "off."
        ),
        "4x4",
        control="include_pad",
        settings={"mode": "avg", "include_pad": False},
        seen=observations.divisor,
    ),
    "ceil": Lesson(
        N_("When the windows do not fit evenly"),
        N_(
            "Switch **Round the output size up** off and on: which cells does no window cover, and where do windows reach "
            "beyond the input?"
        ),
        "3x3",
        control="ceil",
        settings={"kernel": 2, "stride": 2, "padding": 0, "ceil": True},
        grid="0,1,2,3,4;5,6,7,8,9;10,11,12,13,14;15,16,17,18,19;20,21,22,23,24",
        seen=observations.rounding,
    ),
    "channels": Lesson(
        N_("Each channel separately"),
        N_(
            "Change a number of one channel: double-click it, or tap it twice. The outputs of other channels stay as they are: a window "
            "never mixes channels."
        ),
        "channels",
        seen=observations.channels,
    ),
    "refused": Lesson(
        N_("What PyTorch refuses"),
        N_(
            "Drag **Padding** to 1 and then to 3. A window must fit into the input with its padding, and a padding may be at "
            "most half a window."
        ),
        "3x3",
        control="padding",
        settings={"kernel": 5},
        seen=observations.fit,
    ),
    "shift": Lesson(
        N_("What a shift does"),
        N_(
            "Drag **Cells to the right**. After which shifts is a pooled map exactly the old one, only moved? How do max and "
            "average compare in between?"
        ),
        "image",
        control="shift",
        settings={"change": "shift", "shift": 1},
        panel="robustness",
    ),
    "noise": Lesson(
        N_("What noise does"),
        N_(
            "Change the noise, and compare max with average, on the grid and on the same numbers in random order. Which "
            "pooling would you choose for a noisy picture?"
        ),
        "image",
        control="noise",
        settings={"change": "noise", "noise": 20},
        panel="robustness",
    ),
    "gradient": Lesson(
        N_("Where the gradient goes"),
        N_("Choose **Average** and then **Max** again: which cells get a gradient, and from which windows?"),
        "4x4",
        control="mode",
        settings={"kernel": 2, "stride": 1, "padding": 0},
        grid="1,3,2,0;2,9,4,1;0,1,5,3;2,0,1,4",
        panel="gradient",
        seen=observations.gradient,
    ),
    "stack": Lesson(
        N_("Stacked pooling"),
        N_(
            "Point at the maps to see what a cell sees of the maps before it. Then set **Stride of pool 2** to 1: what "
            "happens to the last map?"
        ),
        "image",
        control="stride2",
        settings={"pools": 3},
        panel="stack",
    ),
}
