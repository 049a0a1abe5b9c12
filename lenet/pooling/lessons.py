"""A short path through the pooling sandbox: what each lesson asks, what to do then, and what there is to see.

The questions are in `questions.py`, what is said of a grid and a layer in `observations.py`.
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
}
