"""What follows from another line for `epochs` in Limits: 20 and not more than 40, in place of 50. Run by test_one_change.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.runs import admission, rules
from lenet.runs.configuration import CLASSIC
from lenet.runs.visitors import Visitor
from tests.helpers.pages import app, button, said, turn_to
from tests.helpers.visitors import acting_as
from tests.runs.test_limits import test_the_readme_has_the_table_of_limits as the_readme_has_the_table

pytestmark = pytest.mark.usefixtures("hosted")


@pytest.fixture
def visitor() -> Iterator[None]:
    """It is a visitor who asks, not the operator."""
    with acting_as(Visitor("a" * 64)):
        yield


@pytest.mark.usefixtures("visitor")
def test_it_is_the_limit_where_the_operator_sets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = rules.limits()
    assert limits and limits.epochs == rules.max_epochs() == 20
    monkeypatch.setenv("LENET_MAX_EPOCHS", "40")
    assert rules.max_epochs() == 40
    monkeypatch.setenv("LENET_MAX_EPOCHS", "41")
    with pytest.raises(LenetError, match=r"LENET_MAX_EPOCHS must be a whole number between 1 and 40; it is “41”\."):
        rules.limits()


@pytest.mark.usefixtures("visitor")
def test_longer_runs_are_refused() -> None:
    with pytest.raises(LenetError, match="A run has at most 20 epochs on this server; this one would have 21"):
        admission.check_limits([], 21)
    assert rules.extended_epochs(15) == 20


@pytest.mark.usefixtures("router")
def test_the_page_offers_and_says_it() -> None:
    at = turn_to(app(_ui_visitor_key="a" * 64), "training")
    assert at.slider(key="epochs").max == 20
    assert any("up to 20 epochs per run" in c.value for c in at.caption)
    button(at, "Train").click().run()
    assert said(at) == [] and runs.find(runs.all_facts()[0].id).config == CLASSIC.resolved()


def test_the_readme_has_to_say_it_too() -> None:
    with pytest.raises(AssertionError, match="LENET_MAX_EPOCHS"):
        the_readme_has_the_table()
