"""Guests of a laptop: from when on they may only look, and what they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.kernels import ablation
from lenet.runs import guests, onnx_export, rules, visitors
from lenet.runs.configuration import CLASSIC
from tests.helpers.visitors import acting_as, code_of


def test_everybody_is_the_operator_until_the_address_is_shown(own_directories: Path) -> None:
    with acting_as(visitors.GUEST):
        assert visitors.visitor() is visitors.OPERATOR
        guests.address_is_shown()
        assert visitors.visitor() is visitors.GUEST
        guests.let_only_look(False)
        guests.address_is_shown()  # the switch has been set: it stays
        assert visitors.visitor() is visitors.OPERATOR


def test_the_switch_lies_on_the_disk(own_directories: Path) -> None:
    guests.let_only_look(True)
    assert guests.may_only_look()
    (file,) = own_directories.glob(".guests*")
    file.write_text("{")  # damaged: that lets nobody do more
    assert guests.may_only_look()
    file.unlink()
    assert not guests.may_only_look()


def test_what_a_guest_is_refused() -> None:
    mine = runs.create(CLASSIC, "mine")
    mine.rename("shown")
    guests.let_only_look(True)
    with acting_as(visitors.GUEST):
        for action in (
            lambda: runs.obtain(CLASSIC, again=True),
            lambda: mine.request("stop"),
            lambda: mine.request("resume"),
            lambda: mine.rename("ours"),
            lambda: mine.pin(True),
            mine.delete,
            lambda: rules.upload_mb(20),
            lambda: onnx_export.start(mine),
            lambda: ablation.start(mine),
            lambda: ablation.stop(mine),
        ):
            assert code_of(action) == "guests_look"
        assert not mine.may_change
        assert mine.name == "shown", "as on the screen that they are shown"
        assert runs.obtain(mine.config)[0].id == "mine", "to look at what is there"
    assert mine.exists and not mine.pinned and mine.name == "shown"


def test_a_public_server_knows_no_guests(hosted: None) -> None:
    guests.let_only_look(True)
    with acting_as(visitors.NOBODY), pytest.raises(LenetError, match="recognise"):
        runs.obtain(CLASSIC)
