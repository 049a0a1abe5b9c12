"""What follows from one more line in RunConfig: `clip`. Run by test_one_change.py, which adds the line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lenet import runs, train
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import tables
from lenet.runs.configuration import CLASSIC, RunConfig, flat
from tests.helpers.made import own_runs
from tests.helpers.pages import button, open_page, said, typed, url


def clipped(value: float) -> RunConfig:
    return RunConfig.from_dict({"clip": value})


def test_it_is_checked() -> None:
    for wrong, sentence in (
        (11, "clip must lie between 0.0 and 10.0; it is 11."),
        ("x", "clip must be a number, not x."),
    ):
        with pytest.raises(LenetError) as refusal:
            RunConfig.from_dict({"clip": wrong})
        assert str(refusal.value) == sentence


def test_it_is_stored_and_runs_without_it_open() -> None:
    config = clipped(0.5)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config != CLASSIC
    assert flat(runs.find("reference-classic").config)["clip"] == 0.0


def test_it_is_in_the_tables() -> None:
    assert tables.changes(clipped(0.5), CLASSIC) == ["Largest gradient 0 → 0.5"]
    one, other = runs.create(CLASSIC, "one"), runs.create(clipped(0.5), "other")
    (row,) = tables.settings_table([one, other], differing=True)
    assert list(row.values()) == ["Largest gradient", "clip", "0", "0.5"]


def test_it_is_an_option_of_the_command() -> None:
    assert train.config_from(train.parse_args(["--clip", "0.5"])) == clipped(0.5)
    with pytest.raises(SystemExit):
        train.parse_args(["--clip", "x"])


@pytest.mark.usefixtures("router")
def test_it_is_on_the_page_and_in_its_link() -> None:
    at = open_page("training", clip="0.5")
    assert said(at) == []
    field = typed(at, "clip")
    assert (field.label, field.value) == ("Largest gradient :primary[●]", "0.5")
    assert any("Largest gradient 0 → 0.5" in c.value for c in at.caption)
    field.set_value("0.25").run()
    assert url(at)["clip"] == "0.25"
    button(at, "Train").click().run()
    (run,) = own_runs()
    assert run.config == replace(clipped(0.25), dataset="fashion-mnist")
    assert json.loads((paths.runs_dir() / run.id / "config.json").read_text())["clip"] == 0.25
    at.segmented_control(key="recipe").set_value("modern").run()  # which brings its own
    assert "clip" not in url(at) and typed(at, "clip").value == "0"
    assert said(open_page("training", clip="11")) == ["clip must lie between 0.0 and 10.0; it is 11."]
