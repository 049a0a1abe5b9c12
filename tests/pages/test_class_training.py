"""Everybody trains, without a browser: what whoever leads the class chooses and sees, and what a member does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lenet import classroom, experiments
from lenet.classroom import Activity, training, wall
from lenet.common import paths
from lenet.runs import guests, visitors
from lenet.ui import visitor
from pages.parts import experiment_answer
from tests.helpers.classes import begun, opened, owner, run_of, trained
from tests.helpers.experiments import asked
from tests.helpers.made import known_speed, own_runs, set_status, set_worker
from tests.helpers.pages import app, button, charts, mounted, progress, said, scene_of, turn_to, words

pytestmark = pytest.mark.usefixtures("router")


def browser(name: str, **query: str) -> AppTest:
    """The page of a class in a browser of that name."""
    return turn_to(app(**{visitor._KEY: name}), "class", **query)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser's key is its name."""
    monkeypatch.setattr(visitors, "owner_of", owner)


def walls(at: AppTest) -> list[dict[str, Any]]:
    return [scene_of(part) for part in mounted(at) if "classroom_components_wall" in part.proto.component_name]


def current(code: str) -> Activity:
    activity = classroom.current(code)
    assert activity
    return activity


def test_a_class_trains_from_beginning_to_end() -> None:
    known_speed()
    set_worker(state="asleep", device="cpu", device_name="CPU × 1", devices=("auto", "cpu"))
    code, members = opened(3)
    at = browser("teacher", panel="train")
    assert not at.exception and said(at) == []
    assert at.selectbox(key="class_question").value == "luck"
    assert "3 members: about" in words(at)
    at.selectbox(key="class_question").set_value("activation").run()
    at.slider(key="class_epochs_sprint").set_value(2).run()
    assert "Everybody chooses one of sigmoid, relu" in words(at)
    at.button(key="class_begin_training").click().run()
    assert not at.exception and said(at) == []
    activity = current(code)
    stored = training.experiment_of(activity)
    assert (stored.experiment.base.recipe, stored.experiment.base.epochs) == ("sprint", 2)
    (scene,) = walls(at)
    assert [tile["state"] for tile in scene["tiles"]] == ["", "", ""] and scene["line"] == "0 of 3 trained"

    phone = browser("member 1", join=code)
    assert not phone.exception and [b.label.replace("\\", "") for b in phone.button] == [
        "Train: sigmoid",
        "Train: relu",
    ]
    phone.button(key="class_train_1").click().run()
    assert said(phone) == []
    (run,) = own_runs()
    assert run.owner == members[1].owner and run.config.model.activation == "relu"
    assert progress(phone).startswith("waiting")
    again = browser("member 1", join=code)
    assert [b.label for b in again.button] == ["Stop"] and len(own_runs()) == 1, "the same run after a reload"

    kernels = np.random.default_rng(0).standard_normal((6, 1, 5, 5)).astype(np.float32)
    trained(run, 0.8, kernels, updated=1.0)
    training.train(code, activity.id, members[0], 1)
    trained(run_of(code, activity, members[0]), 0.7, -kernels, updated=2.0)
    fresh()
    assert "Your network classifies 80.0% of the test images correctly." in words(again.run())
    assert "1 of 1 other who trains the same has fewer right." in words(again)
    (own,) = walls(again)
    assert [tile["number"] for tile in own["tiles"]] == [2] and own["others"] == [0.7]
    at.run()
    (scene,) = walls(at)
    assert [tile["accuracy"] for tile in scene["tiles"]] == [0.7, 0.8, None] and scene["reference"] == 2
    assert scene["tiles"][0]["likeness"] == 1
    assert "the kernels of the others have a mean |r| of 1.00; random kernels" in words(at)
    assert charts(at), "the strip of seeds"

    training.train(code, activity.id, members[2], 0)
    at.button(key="class_end_training").click().run()
    assert said(at) == [] and not current(code).is_open
    assert len(own_runs()) == 2, "what waited is taken back"
    fresh()
    assert "Your run was taken back before it began." in words(browser("member 2", join=code))
    assert len(experiments.read(stored.experiment.id).outcomes) == 2
    button(at.run(), "Train the 2 missing runs").click().run()
    assert said(at) == [] and len(own_runs()) == 4
    button(at, "Train something else").click().run()
    assert at.button(key="class_begin_training") and not walls(at)
    button(at, "Back to the wall").click().run()
    assert walls(at)


def fresh() -> None:
    """Half a second later: who looks sees the wall and the queue as they are now."""
    wall._at.cache_clear()
    training._queue.cache_clear()


def test_a_member_stops_and_goes_on_with_their_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a guest of a laptop, who may do nothing else."""
    code, members = opened(2)
    activity = begun(code, asked(id="one-arm", seeds=1, vary=()))
    guests.let_only_look(True)
    monkeypatch.setattr(visitors, "_of_session", lambda: visitors.GUEST)
    training.train(code, activity.id, members[1], 0)
    at = browser("member 0", join=code)
    at.button(key="class_train_0").click().run()
    assert said(at) == [] and len(own_runs()) == 2
    at.button(key="class_stop_own").click().run()
    assert said(at) == []
    assert [run_of(code, activity, member).status().state for member in members] == ["stopped", "queued"]
    at.button(key="class_go_on").click().run()
    assert said(at) == [] and run_of(code, activity, members[0]).status().state == "queued"
    set_status(run_of(code, activity, members[0]), state="failed", for_worker=True)
    run_of(code, activity, members[0]).forget_requests("resume")
    at.run()
    at.button(key="class_go_on").click().run()
    assert said(at) == [] and run_of(code, activity, members[0]).status().state == "queued", (
        "the same after a failure"
    )


def test_what_has_ended_and_what_is_gone() -> None:
    code, members = opened(3)
    activity = begun(code)
    training.train(code, activity.id, members[0], 0)
    run_of(code, activity, members[0]).delete()
    assert "Your run was taken back before it began." in words(browser("member 0", join=code))
    training.end(code, activity)
    late = browser("member 1", join=code)
    assert "This has ended: no other run begins." in words(late) and not late.button
    (paths.runs_dir() / "experiments" / f"of-{code.lower()}.json").unlink()
    for name, query in (("member 0", {"join": code}), ("teacher", {"panel": "train"})):
        broken = browser(name, **query)
        assert not broken.exception and any("experiment" in text for text in said(broken))


def test_the_experiment_of_a_class_is_looked_at_until_the_class_ends_it() -> None:
    code, (member,) = opened(1)
    activity = begun(code)
    id = training.experiment_of(activity).experiment.id

    def every() -> float | None:
        return experiment_answer.look_every(experiments.read(id))

    assert every() == experiment_answer.SELDOM, "somebody may press Train, though no run waits"
    training.train(code, activity.id, member, 0)
    assert every() == experiment_answer.EVERY
    trained(run_of(code, activity, member), 0.8)
    assert every() == experiment_answer.SELDOM
    training.end(code, activity)
    assert every() is None


@pytest.mark.usefixtures("hosted")
def test_limits_of_a_public_server_are_said_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "3")
    opened(1)
    at = browser("teacher", panel="train")
    assert not at.exception and at.slider(key="class_epochs_sprint").max == 3
