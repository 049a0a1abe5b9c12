"""Who asks: visitors of a public server and its operator."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lenet.common import log
from lenet.runs import visitors
from lenet.runs.visitors import NOBODY, OPERATOR, SignIn
from tests.helpers.visitors import ANN, BOB, acting_as, code_of

PASSWORD = "correct horse battery staple"


def test_only_the_owner_and_the_operator_may_change_a_run() -> None:
    assert ANN.may_change(ANN.owner)
    assert not BOB.may_change(ANN.owner)
    assert not NOBODY.may_change(ANN.owner)
    assert OPERATOR.may_change(ANN.owner)
    # of nobody's browser: from the command line, or of a time before these rules
    assert OPERATOR.may_change("")
    assert not any(visitor.may_change("") for visitor in (ANN, NOBODY))


def test_what_is_kept_of_a_key_does_not_open_anything() -> None:
    key = "0123456789abcdef" * 4
    kept = visitors.owner_of(key)
    assert key not in kept
    assert visitors.owner_of(kept) != kept  # to send what stands in a run directory is to be somebody else


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 65, None, 3, ["a" * 64]])
def test_what_is_no_key(text: object) -> None:
    assert not visitors.is_key(text)


def test_on_a_laptop_everybody_is_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(NOBODY):
        assert visitors.visitor() == OPERATOR
        monkeypatch.setenv("LENET_HOSTED", "1")
        assert visitors.visitor() == NOBODY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that passes only in waiting."""
    now = [100.0]
    time_ = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(visitors, "time", time_)
    return now


def test_the_password_and_no_other(clock: list[float]) -> None:
    sign_in = SignIn()
    sign_in.check(PASSWORD, PASSWORD)
    sign_in.check("密码 пароль", "密码 пароль")
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", "密码"):
        assert code_of(lambda wrong=wrong: sign_in.check(wrong, PASSWORD)) == "wrong_password"  # type: ignore[misc]
    assert clock[0] == 100 + 4 * visitors.WRONG_TAKES
    told = log.recent()
    assert [(e["event"], e["in_a_row"]) for e in told] == [("wrong_password", n) for n in (4, 3, 2, 1)]
    assert "密码" not in log.path().read_text(encoding="utf-8")  # not what was tried


def test_without_a_password_nobody_signs_in() -> None:
    assert code_of(lambda: SignIn().check("", "")) == "no_operator_password"


def test_guessing_closes_the_door_for_a_while(clock: list[float]) -> None:
    sign_in = SignIn()
    for _guess in range(visitors.MAX_WRONG):
        assert code_of(lambda: sign_in.check("guess", PASSWORD)) == "wrong_password"
    assert (
        code_of(lambda: sign_in.check(PASSWORD, PASSWORD)) == "sign_in_closed"
    )  # not even the right one is looked at
    clock[0] += visitors.CLOSED_FOR
    sign_in.check(PASSWORD, PASSWORD)
