"""What follows from one more line in LeNetConfig: `bias`. Run by test_one_change.py, which adds the line."""

from __future__ import annotations

import pytest

from lenet.architecture import presets
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.runs import tables
from lenet.runs.configuration import CLASSIC, changed
from tests.helpers.pages import open_page, said


def test_it_is_checked_and_stored() -> None:
    with pytest.raises(LenetError, match="bias must be one of true, false; it is 1"):
        LeNetConfig(bias=1)  # type: ignore[call-arg]
    config = LeNetConfig.from_dict({"bias": True})
    assert LeNetConfig.from_dict(config.to_dict()) == LeNetConfig.from_url(config.to_url()) == config != LeNetConfig()


def test_runs_differ_by_it() -> None:
    assert tables.changes(changed(CLASSIC, {"model.bias": True}), CLASSIC) == ["Biases False → True"]


def test_it_has_a_control() -> None:
    config = LeNetConfig.from_dict({"bias": True})
    assert presets.label("bias") == "Biases" and list(presets.words("bias")) == ["off", "on"]
    assert presets.to_settings(config)["bias"] == "on" and presets.DEFAULTS["bias"] == "off"
    assert LeNetConfig(**presets.to_values(presets.DEFAULTS | presets.to_settings(config))) == config


@pytest.mark.usefixtures("router")
def test_a_link_sets_it() -> None:
    at = open_page("architecture", bias="on")
    assert not at.exception and said(at) == []
    assert at.session_state["architecture"] == LeNetConfig.from_dict({"bias": True})
