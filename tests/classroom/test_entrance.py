"""Who may open a class and join it, and how long somebody waits who tries out codes."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from lenet import classroom
from lenet.classroom import admission
from lenet.classroom.admission import ANOTHER_EVERY, WRONG_AT_ONCE, Guesses
from lenet.classroom.store import KEPT
from lenet.common import paths
from lenet.runs import guests, visitors
from lenet.runs.visitors import OPERATOR
from tests.helpers.visitors import ANN, BOB, acting_as, code_of


@pytest.fixture(autouse=True)
def nobody_has_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (admission, classroom.entrance):
        monkeypatch.setattr(module, "guesses", Guesses())


def test_a_guest_of_a_laptop_joins_and_hands_in_but_opens_no_class() -> None:
    code = classroom.open_class("teacher").code
    guests.let_only_look(True)
    with acting_as(visitors.GUEST):
        assert code_of(lambda: classroom.open_class("guest")) == "guests_look"
        entered = classroom.enter(classroom.look_up(code, "192.0.2.7"), "guest")
        assert (entered.member.number, entered.left) == (1, "")
        asked = classroom.begin(code, "ask", {})
        assert classroom.answer(code, asked.id, 1, 3).value == 3


def test_a_browser_that_enters_another_class_leaves_the_first() -> None:
    one, other = (classroom.open_class("teacher").code for _ in range(2))
    assert classroom.enter(classroom.find(one), "a").left == ""
    assert classroom.enter(classroom.find(one), "a").left == ""
    assert classroom.enter(classroom.find(other), "a").left == one
    assert classroom.member_of(one, "a") is None
    classroom.close(one)
    assert code_of(lambda: classroom.enter(classroom.find(one), "a")) == "class_closed"
    here = classroom.of("a")
    assert here and here[0].code == other, "it is where it was"


def test_a_laptop_has_as_many_classes_as_somebody_opens() -> None:
    assert len({classroom.open_class("teacher").code for _ in range(12)}) == 12


@pytest.mark.usefixtures("hosted")
def test_a_public_server_limits_open_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(who: visitors.Visitor) -> str:
        with acting_as(who):
            return classroom.open_class(who.owner).code

    monkeypatch.setenv("LENET_MAX_CLASSES", "4")
    first = opened(ANN)
    opened(ANN)
    assert code_of(lambda: opened(ANN)) == "too_many_of_yours"
    opened(BOB)
    classroom.close(first)
    opened(ANN)  # those that have ended do not count
    opened(BOB)
    assert code_of(lambda: opened(replace(ANN, owner="c" * 64))) == "too_many_classes"
    opened(OPERATOR)


@pytest.mark.usefixtures("hosted")
def test_browsers_of_one_address_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_VISITORS_PER_ADDRESS", "1")
    for owner in "ab":
        with acting_as(visitors.Visitor(owner * 64, network="192.0.2.7")):
            classroom.open_class(owner * 64)
    with acting_as(visitors.Visitor("c" * 64, network="192.0.2.7")):
        assert code_of(lambda: classroom.open_class("c" * 64)) == "too_many_from_here"
    with acting_as(visitors.Visitor("c" * 64, network="192.0.2.8")):
        classroom.open_class("c" * 64)
    assert "192.0.2.7" not in "".join(path.read_text() for path in paths.runs_dir().glob("classes/*/class.json"))


@pytest.mark.usefixtures("hosted")
def test_a_class_of_a_public_server_has_so_many_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_CLASS_SIZE", "2")
    with acting_as(ANN):
        code = classroom.open_class(ANN.owner).code
    assert [classroom.join(code, name).number for name in "abab"] == [1, 2, 1, 2]
    assert code_of(lambda: classroom.join(code, "c")) == "class_full"


@pytest.mark.usefixtures("hosted")
def test_a_public_server_forgets_a_class_after_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(ANN):
        code = classroom.open_class(ANN.owner).code
        classroom.close(code)
        now = time.time
        for later, is_kept in ((KEPT - 60, True), (KEPT + 60, False)):
            monkeypatch.setattr(time, "time", lambda later=later: now() + later)
            new = classroom.open_class(ANN.owner).code
            assert (paths.runs_dir() / "classes" / code).exists() == is_kept
            classroom.close(new)


def test_whoever_tries_out_codes_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    code = classroom.open_class("teacher").code
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    wrong = [f"{a}{b}ZZ" for a in "BCDFGHJKLMN" for b in "BCDFGHJKLMN" if f"{a}{b}ZZ" != code]
    for guess in wrong[:WRONG_AT_ONCE]:
        assert code_of(lambda: classroom.look_up("nothing like one", "192.0.2.7")) == "not_a_code"
        assert code_of(lambda guess=guess: classroom.look_up(guess, "192.0.2.7")) == "no_such_class"
    assert code_of(lambda: classroom.look_up(code, "192.0.2.7")) == "class_guessing", "right or wrong is not said"
    assert classroom.look_up(code, "192.0.2.8").code == code, "nobody else waits"
    monkeypatch.setattr(time, "monotonic", lambda: now + ANOTHER_EVERY)
    assert classroom.look_up(code, "192.0.2.7").code == code
    assert code_of(lambda: classroom.look_up(wrong[-1], "192.0.2.7")) == "no_such_class"
    assert code_of(lambda: classroom.look_up(wrong[-1], "192.0.2.7")) == "class_guessing"
