"""A tab of the convolution page: a kernel that learns, step by step, in the browser."""

from __future__ import annotations

from lenet import ui
from lenet.convolution.figures import learning
from pages.parts import convolution_slopes


def show() -> None:
    """The whole tab. What happens in the component does not run the page again."""
    if ui.arrived():
        for key, values in learning.KEYS.items():
            ui.check_query(key, options=values)
    scene = learning.scene(ui.leave_to_browser("learning_asked", list(learning.KEYS)))
    ui.component("convolution/components/learning")(key="learning", data=scene)
    convolution_slopes.show()
