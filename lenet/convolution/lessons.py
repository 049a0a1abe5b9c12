"""A short path through the convolution page: where each lesson begins, what to do in it, and what there is to see.

What they ask is in `questions.py`, what is said of a grid and a layer in `observations.py`.
"""

from __future__ import annotations

from lenet.common.translation import N_
from lenet.convolution import observations, questions
from lenet.convolution.examples import KERNELS
from lenet.grid import sealed, to_url
from lenet.lessons import Lesson

COVERED = ("output",)
LEARNING = {"example": "3x3", "panel": "learning", "task": "vertical", "rate": 0.3, "weight": "1,1"}

LESSONS: dict[str, Lesson] = {
    "window": Lesson(
        title=N_("Products and their sum"),
        beginning={"example": "3x3", "panel": "window"},
        ask=questions.window,
        hides=COVERED,
        text=N_("Press ▶ and follow the kernel. Then change one of its weights: double-click it, or tap it twice."),
        seen=observations.window,
    ),
    "edges": Lesson(
        title=N_("What a kernel answers to"),
        beginning={"example": "letter", "panel": "window"},
        ask=questions.edges,
        hides=COVERED,
        text=N_("Choose **Horizontal edges** and **Outline** as the **Kernel**: where is the output 0?"),
        control="known",
        seen=observations.balance,
    ),
    "blur": Lesson(
        title=N_("A kernel of equal weights"),
        beginning={"example": "image", "panel": "window", "weights": to_url(sealed(KERNELS["mean"].weight()[0]))},
        ask=questions.blur,
        hides=COVERED,
        text=N_(
            "Choose **Identity**, **Sharpen** and **Outline** as the **Kernel**, and look at the sum of the weights."
        ),
        control="known",
        seen=observations.balance,
    ),
    "channels": Lesson(
        title=N_("Several channels"),
        beginning={"example": "channels", "panel": "window"},
        ask=questions.channels,
        hides=COVERED,
        text=N_("Press ▶ and follow both channels. Change a number of one of them: which outputs change?"),
        seen=observations.channels,
    ),
    "bias": Lesson(
        title=N_("Bias and activation"),
        beginning={"example": "3x3", "panel": "window", "weights": "1,1;0,-1", "bias": 1.0, "activation": "relu"},
        ask=questions.bias,
        hides=COVERED,
        text=N_(
            "Choose **None** as the **Activation**, then change the **Bias**: by how much do all outputs change?"
        ),
        control="activation",
        seen=observations.negatives,
    ),
    "size": Lesson(
        title=N_("Stride, padding and the size"),
        beginning={"example": "letter", "panel": "window"},
        ask=questions.size,
        opened={"conv_stride": 2},
        text=N_("Drag **Padding** to 0, and **Stride** to 1: where is the output as large as the input?"),
        control="conv_stride",
        seen=observations.size,
    ),
    "places": Lesson(
        title=N_("Where the gradient of a weight comes from"),
        beginning=LEARNING,
        ask=questions.places,
        hides=("learning",),
        text=N_(
            "Point at the places of **What arrives**, or tap them: each row of the sum below is a row of places. Then choose another weight."
        ),
    ),
    "step": Lesson(
        title=N_("Which way a weight moves"),
        beginning=LEARNING,
        ask=questions.step,
        hides=("learning",),
        text=N_(
            "Press **Step** a few times: the output comes closer to the target, and what arrives becomes paler. Then press **Learn**."
        ),
    ),
    "rate": Lesson(
        title=N_("Steps that are too large"),
        beginning=LEARNING,
        ask=questions.rate,
        opened={"rate": 1.0},
        hides=("learning",),
        text=N_(
            "Press **Learn** and watch the loss. Then find the largest **Learning rate** with which it still falls."
        ),
    ),
}
