"""A tab of the convolution page: a kernel that learns, step by step, in the browser."""

from __future__ import annotations

from lenet import ui
from lenet.convolution.figures import learning


def show() -> None:
    """The whole tab. Nothing in it runs the page again."""
    scene = learning.scene(ui.leave_to_browser("learning_asked", learning.KEYS))
    ui.component("convolution/components/learning")(key="learning", data=scene)
