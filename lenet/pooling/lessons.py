"""A short path through the pooling sandbox: where each lesson begins, what to do in it, and what there is to see.

What they ask is in `questions.py`, what is said of a grid and a layer in `observations.py`.
"""

from __future__ import annotations

from lenet.common.translation import N_
from lenet.lessons import Lesson
from lenet.pooling import observations, questions

LESSONS: dict[str, Lesson] = {
    "window": Lesson(
        title=N_("One window, one number"),
        beginning={"preset": "3x3", "panel": "window"},
        ask=questions.window,
        hides=("output",),
        text=N_("Press ▶ and follow the window. Then choose **Average** and press ▶ again."),
        control="mode",
        seen=observations.window,
    ),
    "stride": Lesson(
        title=N_("The stride sets the size"),
        beginning={"preset": "4x4", "panel": "window", "kernel": 2, "stride": 2, "padding": 0},
        ask=questions.stride,
        opened={"stride": 1},
        text=N_("Drag **Stride** to 2 and to 3, and watch the size of the output and the formula below the figure."),
        control="stride",
        seen=observations.stride,
    ),
    "zero": Lesson(
        title=N_("A maximum at the edge"),
        beginning={"preset": "negative", "panel": "window", "zero": False},
        ask=questions.zero,
        hides=("output", "padding"),
        text=N_("Switch **What if padding were 0?** on: which outputs would be wrong?"),
        control="zero",
        seen=observations.zero,
    ),
    "divisor": Lesson(
        title=N_("The divisor at the edge"),
        beginning={"preset": "4x4", "panel": "window", "mode": "avg", "include_pad": True},
        ask=questions.divisor,
        hides=("output",),
        text=N_(
            "Point at the output cells and read what each sum is divided by. Switch **Count padding in the average** off and "
            "on."
        ),
        control="include_pad",
        seen=observations.divisor,
    ),
    "ceil": Lesson(
        title=N_("When the windows do not fit evenly"),
        beginning={
            **{"preset": "3x3", "panel": "window", "kernel": 2, "stride": 2, "padding": 0, "ceil": False},
            "grid": "0,1,2,3,4;5,6,7,8,9;10,11,12,13,14;15,16,17,18,19;20,21,22,23,24",
        },
        ask=questions.rounding,
        opened={"ceil": True},
        text=N_(
            "Switch **Round the output size up** off and on: which cells does no window cover, and where do windows reach "
            "beyond the input?"
        ),
        control="ceil",
        seen=observations.rounding,
    ),
    "channels": Lesson(
        title=N_("Two channels"),
        beginning={"preset": "channels", "panel": "window"},
        ask=questions.channels,
        opened={"grid": "0,1,2,3;4,99,6,7;8,9,10,11;12,13,14,15|1,2,3,4;5,6,7,8;9,10,11,12;13,14,15,16"},
        text=N_("Change a number of the other channel: double-click it, or tap it twice."),
        seen=observations.channels,
    ),
    "refused": Lesson(
        title=N_("What PyTorch refuses"),
        beginning={"preset": "3x3", "panel": "window", "kernel": 3},
        ask=questions.fit,
        opened={"kernel": 5},
        text=N_(
            "Drag **Padding** to 1 and then to 3. A window must fit into the input with its padding, and a padding may be at "
            "most half a window."
        ),
        control="padding",
        seen=observations.fit,
    ),
    "shift": Lesson(
        title=N_("What a shift does"),
        beginning={"preset": "image", "panel": "robustness", "change": "shift", "shift": 0},
        ask=questions.shift,
        opened={"shift": 1},
        text=N_("Drag **Cells to the right** on to 4. How do max and average compare?"),
        control="shift",
    ),
    "noise": Lesson(
        title=N_("What noise does"),
        beginning={"preset": "image", "panel": "robustness", "change": "noise", "noise": 0},
        ask=questions.noise,
        opened={"noise": 20},
        text=N_(
            "Change the noise, and compare the boot with the same numbers in random order: is it the same there?"
        ),
        control="noise",
    ),
    "gradient": Lesson(
        title=N_("Where the gradient goes"),
        beginning={
            **{"preset": "4x4", "panel": "window", "kernel": 2, "stride": 1, "padding": 0},
            "grid": "1,3,2,0;2,9,4,1;0,1,5,3;2,0,1,4",
        },
        ask=questions.gradient,
        opened={"panel": "gradient"},
        text=N_("Choose **Average** and then **Max** again: which cells get a gradient, and from which windows?"),
        control="mode",
        seen=observations.gradient,
    ),
    "stack": Lesson(
        title=N_("Stacked pooling"),
        beginning={"preset": "image", "panel": "stack", "pools": 1},
        ask=questions.stack,
        opened={"pools": 3},
        text=N_("Point at the maps: what does a cell see of the maps before it? Then set **Stride of pool 2** to 1."),
        control="stride2",
    ),
}
