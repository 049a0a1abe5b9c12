"""A class: whoever leads it, and those who have joined by its code.

`?join=` is its code, for everybody. What is done together is in `pages/parts/`, each for both sides.
"""

from __future__ import annotations

from lenet import classroom, ui
from lenet.common.translation import translate as _
from lenet.ui import ClassHere
from pages.parts import class_contest, class_entrance, class_people, class_question, class_training

KINDS = {"train": class_training, "ask": class_question, "contest": class_contest}


def lead(here: ClassHere) -> None:
    """The tabs of whoever leads the class."""
    tabs = {"people": _("People"), "train": _("Everybody trains"), "ask": _("Ask"), "contest": _("Contest")}
    for name, tab in ui.tabs(tabs, key="panel").items():
        if tab.open:
            with tab:
                show = class_people if name == "people" else KINDS[name]
                show.teach(here)


def take_part(here: ClassHere) -> None:
    """What a member sees: what the class does now."""
    now = classroom.current(here.classroom.code)
    if now:
        KINDS[now.kind].take_part(here, now)
    else:
        class_people.wait(here)


def show() -> None:
    class_entrance.follow_link()
    here = ui.class_here()
    if here is None:
        class_entrance.show()
        return
    ui.come_for(here.classroom.code)
    ui.keep_in_url("join", here.classroom.code, "")
    class_entrance.tell()
    if here.is_teacher:
        lead(here)
    else:
        take_part(here)
        class_entrance.offer_to_lead([here.classroom])


ui.guard(show)
