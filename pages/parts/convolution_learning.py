"""A tab of the convolution page: a kernel that learns, step by step, in the browser."""

from __future__ import annotations

from typing import Any

from lenet import ui
from lenet.convolution.figures import learning
from pages.parts import convolution_slopes
from pages.parts.lessons import Bar, is_asked


def show(lesson: Bar | None) -> None:
    """The whole tab. What happens in the component does not run the page again."""
    if ui.arrived():
        for key, values in learning.KEYS.items():
            ui.check_query(key, options=values)
    linked = ui.leave_to_browser("learning_asked", list(learning.KEYS))
    begun = beginning(lesson) if lesson else None
    scene = learning.scene(linked, begun, covered=is_asked(lesson))
    ui.component("convolution/components/learning")(key="learning", data=scene)
    if not is_asked(lesson):
        convolution_slopes.show()


def beginning(lesson: Bar) -> dict[str, Any] | None:
    """What a lesson of this tab begins with, and whether it is begun again."""
    settings = {**lesson.lesson.beginning, **({} if lesson.is_asked else lesson.lesson.opened)}
    found = {key: settings[key] for key in learning.KEYS if key in settings}
    return found | {"id": f"{lesson.name} {lesson.is_asked} {lesson.opened}"} if found else None
