"""The button in the head of a page that presents its main figure, as large as the screen."""

from __future__ import annotations

from collections.abc import Sequence

from lenet.common.translation import translate as _
from lenet.ui.address import leave_to_browser
from lenet.ui.components import component


def present_button(figures: Sequence[str], above: str = "") -> None:
    """The button. `figures` are the keys of the containers, or charts or components, that may hold the main figure of
    the page; the first that is on screen is presented, below the container with the key `above`, if the page has it."""
    scene = {
        "figures": list(figures),
        "above": above,
        "asked": leave_to_browser("present_asked", ("present",)),
        "words": {
            "present": _("Present"),
            "more": _("Present: only the main figure, as large as the screen"),
            "leave": _("Leave"),
            "blank": _("Blank"),
            "full": _("Full screen"),
            "hint": _("B blank · F full screen · Esc leaves"),
            "none": _("There is no figure here to present."),
        },
    }
    component("common/components/presenting")(key="page_present", data=scene, width="content")
