"""A small class on a real server: everybody arrives, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.processes import call_apart
from tests.tools import classroom

PHONES = 10


@pytest.fixture(autouse=True)
def no_processes() -> None:
    """Here they are the point."""


@pytest.mark.slow
def test_ten_phones_take_part_in_a_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", "")  # set by the tool, and put back afterwards
    out = tmp_path / "measured.json"
    options = ["--phones", str(PHONES), "--seconds", "4", "--still", "1", "--visitors", "0", "--no-baseline"]
    assert call_apart(classroom.main, [*options, "--json", str(out)]) == 0
    measured = json.loads(out.read_text())
    assert measured["problems"] == []
    assert {"join", "still", "follow", "ask", "contest", "train", "end"} <= measured.keys()
    assert measured["follow"]["pages"] >= 2 and measured["follow"]["news_ms"]["max"] > 0
    assert measured["kb_a_phone"] > 50


def test_a_revision_that_was_passed_over_was_seen_with_the_next() -> None:
    assert classroom.first({1: 10.0, 4: 12.0, 5: 13.0}, 2) == 12.0
    assert classroom.first({1: 10.0}, 2) == float("inf")


def test_what_a_phone_loses_is_a_problem() -> None:
    room = classroom.Room("http://x", 0, classroom.Teacher("http://x"))
    phone = classroom.Phone("http://x", "BCDF")
    phone.failure = "Failed: no answer"
    room.lost("did not arrive", [])
    room.lost("did not arrive", [phone])
    assert len(room.problems) == 1 and "no answer" in room.problems[0]
