"""The page of a class without a browser: opening one, joining, what is refused, and its end."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from unittest import mock

import pytest
from streamlit.testing.v1 import AppTest

from lenet import classroom, runs
from lenet.classroom.classroom import LASTS
from lenet.runs import guests, visitors
from lenet.runs.configuration import CLASSIC
from lenet.ui import ClassHere, classes
from lenet.ui.class_watch import work_of
from pages.parts import class_people
from tests.helpers.made import own_runs, set_status
from tests.helpers.pages import app, button, mounted, open_page, said, scene, scene_of, turn_to, url, words
from tests.helpers.visitors import ANN, BOB, acting_as, signed_in

pytestmark = pytest.mark.usefixtures("router")


def opened() -> tuple[AppTest, str]:
    """A teacher who has opened a class, and its code."""
    at = open_page("class")
    button(at, "Open a class").click().run()
    assert not at.exception
    return at, scene(at)["code"]


def component(at: AppTest) -> str:
    """The one component of the page, by its folder."""
    (part,) = mounted(at)
    name: str = part.proto.component_name
    return name.rpartition("components_")[2]


def infos(at: AppTest) -> list[str]:
    return [e.value.replace("\\", "") for e in at.info]


def test_one_click_opens_a_class_whose_code_stands_at_the_front() -> None:
    at, code = opened()
    assert url(at) == {"join": code}
    assert classroom.find(code).is_open and component(at) == "people"
    front = scene(at)
    assert (front["people"], front["count"]) == ([], "0 have joined")
    assert front["url"].endswith(f"?join={code}") and set("".join(front["rows"])) == {"0", "1"}
    assert [tab.label for tab in at.tabs] == ["People", "Everybody trains", "Ask", "Contest"]


def test_a_link_joins_and_a_reload_gives_the_same_number() -> None:
    teacher, code = opened()
    first, second = (open_page("class", join=typed) for typed in (f" {code[:2]} {code[2:].lower()}", code))
    assert [(component(at), scene(at)["you"]) for at in (first, second)] == [
        ("badge", "You are number 1"),
        ("badge", "You are number 2"),
    ]
    assert url(first) == {"join": code}
    assert said(first) == infos(first) == []
    again = turn_to(app(_ui_visitor_key=first.session_state["_ui_visitor_key"]), "class")
    assert scene(again)["number"] == 1, "also by the address of the page alone"
    teacher.run()
    front = scene(teacher)
    assert front["count"] == "2 have joined"
    assert [(one["number"], one["symbol"]) for one in front["people"]] == [(1, "circle"), (2, "square")]
    button(first, "Leave the class").click().run()
    assert component(first) == "code_field" and "join" not in url(first)
    teacher.run()
    assert [one["number"] for one in scene(teacher)["people"]] == [2]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ZZZZ", "There is no class with the code ZZZZ."),
        ("apple", "“apple” is not the code of a class: that has four letters, none of them a vowel, Y or Q."),
        ("<b>*x*", "“<b>*x*” is not the code of a class: that has four letters, none of them a vowel, Y or Q."),
    ],
)
def test_a_wrong_code_is_one_sentence_and_stays_to_be_mended(typed: str, sentence: str) -> None:
    at = open_page("class", join=typed)
    assert (scene(at)["typed"], scene(at)["refusal"]) == (typed, sentence)
    assert said(at) == [] and not at.exception


def test_a_link_without_a_code_says_so() -> None:
    at = open_page("class", join="")
    assert said(at) == ["join in the link has no value, so it is ignored."]
    assert component(at) == "code_field"


def test_a_wrong_link_does_not_take_anybody_out_of_a_class() -> None:
    _teacher, code = opened()
    at = open_page("class", join=code)
    turn_to(at, "pooling")
    turn_to(at, "class", join="ZZZZ")
    assert said(at) == ["There is no class with the code ZZZZ."]
    assert scene(at)["number"] == 1 and url(at)["join"] == code


def test_another_class_takes_the_place_of_the_first() -> None:
    (_one, first), (_two, second) = opened(), opened()
    at = open_page("class", join=first)
    turn_to(at, "pooling")
    turn_to(at, "class", join=second)
    assert infos(at) == [f"You have left the class {first} for this one."]
    assert url(at) == {"join": second}
    assert [member.left for code in (first, second) for member in classroom.members(code)] == [True, False]
    at.run()
    assert infos(at) == [], "it is said once"


def test_a_full_class_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    monkeypatch.setenv("LENET_MAX_CLASS_SIZE", "1")
    _teacher, code = opened()
    open_page("class", join=code)
    at = open_page("class", join=code)
    assert scene(at)["refusal"] == f"The class {code} is full: all of its places (1) are taken."


def test_the_end_of_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, code = opened()
    member = open_page("class", join=code)
    begun = classroom.begin(code, "train", {})
    with visitors.acting_as(classroom.members(code)[0].owner, ""):
        run = runs.create(CLASSIC, "trained")
    set_status(run, state="finished")
    classroom.answer(code, begun.id, 1, {"run": "trained", "arm": 0, "seed": 0})
    classroom.end_activity(code)
    teacher.run()
    assert teacher.radio(key="class_runs").label == "The run that the class has trained"
    button(teacher, "End the class now").click().run()
    assert infos(teacher) == [f"The class {code} has ended."]
    assert "They stay among your runs." in words(teacher)
    assert [run.id for run in own_runs()] == ["trained"]
    button(teacher, "Delete the class’s run").click().run()
    assert own_runs() == []
    assert "Delete" not in " ".join(b.label for b in teacher.button)
    # Whoever is in it is told, as is who comes late; the field is there for the next one.
    member.run()
    late = open_page("class", join=code)
    for at in (member, late):
        assert infos(at) == [f"The class {code} has ended."]
        assert component(at) == "code_field" and not at.exception
    # It can still be taken along when the teacher comes back.
    key = teacher.session_state["_ui_visitor_key"]
    back = turn_to(app(_ui_visitor_key=key), "class", join=code)
    assert [b.proto.label for b in back.get("download_button")] == ["Take the class along (JSON)"]


def test_runs_are_deleted_at_once_if_that_is_asked_for() -> None:
    teacher, code = opened()
    open_page("class", join=code)
    begun = classroom.begin(code, "train", {})
    with visitors.acting_as(classroom.members(code)[0].owner, ""):
        set_status(runs.create(CLASSIC, "trained"), state="finished")
    classroom.answer(code, begun.id, 1, {"run": "trained", "arm": 0, "seed": 0})
    teacher.run()
    teacher.radio(key="class_runs").set_value("delete").run()
    button(teacher, "End the class now").click().run()
    assert own_runs() == [] and not classroom.find(code).is_open


def test_a_class_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, code = opened()
    member = open_page("class", join=code)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + LASTS + 1)
    for at in (teacher, member):
        at.run()
        assert infos(at) == [f"The class {code} has ended."]


def test_the_file_has_neither_keys_nor_names() -> None:
    teacher, code = opened()
    member = open_page("class", join=code)
    kept = json.dumps(classroom.record(code))
    for at in (teacher, member):
        key = at.session_state["_ui_visitor_key"]
        assert key not in kept and visitors.owner_of(key) not in kept


def test_guests_join_and_open_none() -> None:
    _teacher, code = opened()
    guests.let_only_look(True)
    with acting_as(visitors.GUEST):
        at = open_page("class")
        assert component(at) == "code_field" and [b.label for b in at.button] == []
        at = open_page("class", join=code)
        assert scene(at)["you"] == "You are number 1"


def test_a_public_server_says_why_no_more_classes_are_opened(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_CLASSES", "1")
    for who, expected in ((ANN, []), (BOB, ["Open classes on this server: 1, which is the limit. Try again later."])):
        with acting_as(who):
            at = open_page("class")
            button(at, "Open a class").click().run()
            assert said(at) == expected and not at.exception


def test_nobody_leads_a_class_by_its_link() -> None:
    _teacher, code = opened()
    at = open_page("class", join=code, panel="ask")
    assert component(at) == "badge" and not at.tabs
    assert scene_of(mounted(at)[0])["number"] == 1


def test_what_the_class_begins_while_a_page_runs_is_news_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strip says what the page has shown, and a phone runs its page again where the class does something else."""
    _teacher, code = opened()
    phone = open_page("class", join=code)

    def work() -> str:
        (strip,) = (part for part in phone.get("bidi_component") if part.proto.component_name.endswith("strip"))
        return str(scene_of(strip)["work"])

    before = class_people.wait

    def late(here: ClassHere) -> None:
        before(here)
        classroom.begin(code, "ask", {"subject": "pooling", "kind": "pool-max", "seed": 1})

    assert work() == ""
    monkeypatch.setattr(class_people, "wait", late)
    phone.run()
    assert work() == "", "its page still waits"
    phone.run()
    assert work() == work_of(code, classroom.stage(code)) != ""


def test_what_a_class_may_be_shown_is_loaded_once_somebody_looks_at_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the class is there already: forty phones would wait for PyTorch at the same moment."""
    loaded: list[str] = []
    monkeypatch.setattr(classes, "sessions", lambda: 1)
    monkeypatch.setattr(classes, "load_networks_ahead", lambda: loaded.append("networks"))
    at = open_page("pooling")
    assert loaded == [], "whoever is in no class may never need them"
    turn_to(at, "class")
    assert loaded


# -- a class whose leader's browser has lost its key ------------------------------------------------------------------


def at_the_machine(is_there: bool = True) -> AbstractContextManager[object]:
    """Context: this browser is that of whoever sits at the machine, or not."""
    return mock.patch.object(classes, "at_the_machine", lambda: is_there)


def lead_buttons(at: AppTest) -> list[str]:
    return [b.label for b in at.button if b.label.startswith("Lead the class")]


def test_whoever_sits_at_the_machine_leads_a_class_whose_browser_has_lost_its_key() -> None:
    before, code = opened()
    with at_the_machine():
        at = open_page("class")
        assert lead_buttons(at) == [f"Lead the class {code} here"]
        button(at, f"Lead the class {code} here").click().run()
        assert url(at) == {"join": code} and scene(at)["code"] == code and len(at.tabs) == 4
        assert classroom.find(code).owner == visitors.owner_of(at.session_state["_ui_visitor_key"])
        before.run()
        assert component(before) == "code_field" and not before.exception, "one browser leads"
        assert lead_buttons(before) == [f"Lead the class {code} here"]
        button(at, "End the class now").click().run()
        assert lead_buttons(open_page("class")) == []


def test_they_do_also_when_the_link_in_their_tab_has_made_them_a_member() -> None:
    _before, code = opened()
    classroom.join(code, "somebody")
    with at_the_machine():
        at = open_page("class", join=code)
        assert scene(at)["you"] == "You are number 2"
        button(at, f"Lead the class {code} here").click().run()
        assert [one["number"] for one in scene(at)["people"]] == [1], "they are no member any more"


def test_nobody_else_takes_a_class_over() -> None:
    """Also where guests may do everything, and whatever their browser says."""
    _before, code = opened()
    owner = classroom.find(code).owner
    for only_look in (True, False):
        guests.let_only_look(only_look)
        with acting_as(visitors.GUEST if only_look else visitors.OPERATOR), at_the_machine(False):
            assert lead_buttons(open_page("class")) == lead_buttons(open_page("class", join=code)) == []
        with at_the_machine():
            at = open_page("class", join=code)
        with at_the_machine(False):  # the page was shown, and then its browser is another
            button(at, f"Lead the class {code} here").click().run()
            assert said(at) == [f"Only whoever has opened the class {code} can do that."]
            assert classroom.find(code).owner == owner


def test_on_a_public_server_the_operator_takes_a_class_over(hosted: None) -> None:
    with acting_as(ANN):
        _before, code = opened()
    with acting_as(BOB), at_the_machine():
        assert lead_buttons(open_page("class")) == [], "who sits at a server is no operator"
    with signed_in():
        at = open_page("class")
        button(at, f"Lead the class {code} here").click().run()
        assert scene(at)["code"] == code
