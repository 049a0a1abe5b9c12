"""Who asks: visitors of a public server and its operator."""

from __future__ import annotations

from unittest import mock

import pytest

from lenet.runs import visitors
from lenet.runs.visitors import NOBODY, OPERATOR, Visitor
from tests.helpers.visitors import ANN, BOB, acting_as


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


def test_a_run_of_a_page_asks_once_who_it_is(hosted: None) -> None:
    asked: list[Visitor] = []

    def session() -> Visitor:
        asked.append(BOB if asked else ANN)
        return asked[-1]

    with mock.patch.object(visitors, "_of_session", session):
        with visitors.asked_once():
            assert [visitors.visitor() for _time in range(3)] == [ANN] * 3
            with visitors.asked_once():  # a part of the page
                assert visitors.visitor() == ANN
            assert visitors.visitor() == ANN
        assert visitors.visitor() == BOB
        with pytest.raises(ZeroDivisionError), visitors.asked_once():
            raise ZeroDivisionError
        with visitors.asked_once():
            assert visitors.visitor() == BOB
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("unix:", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_what_counts_as_one_address(address: str | None, network: str) -> None:
    assert visitors.network_of(address) == network
