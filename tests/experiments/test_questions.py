"""Ready questions, and values of a setting as a line of text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lenet import experiments
from lenet.common.errors import LenetError
from lenet.experiments import Experiment, Variation, arguments, estimate, export, questions, values
from lenet.experiments.experiment import MAX_RUNS
from lenet.experiments.questions import QUESTIONS
from lenet.runs.configuration import RECIPES, SETTINGS, flat
from tests.helpers.experiments import asked, written
from tests.helpers.made import known_speed, middle, set_worker

FULL, SAMPLE = 60_000, 6_000


def of(key: str, images: int = FULL) -> Experiment:
    """The experiment that a question is asked as."""
    question = QUESTIONS[key]
    base = replace(question.base(question.recipe, images), epochs=question.usual_epochs)
    return Experiment(key, base, question.vary, question.seeds, question=key)


@pytest.mark.parametrize("key", QUESTIONS)
@pytest.mark.parametrize("images", [FULL, SAMPLE])
def test_every_question_can_be_asked(key: str, images: int) -> None:
    experiment = of(key, images)
    assert 1 <= len(experiment.arms) <= 4 and len(experiment.arms) * experiment.seeds <= 64
    assert questions.title(experiment) == QUESTIONS[key].title
    assert QUESTIONS[key].about.endswith((".", "?"))


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_takes_minutes_on_a_laptop(key: str) -> None:
    known_speed()
    set_worker(device="cpu", device_name="CPU × 1")
    work = estimate.before(replace(of(key), base=replace(of(key).base, data="sample"))).work
    assert work and 10 * middle(work) / 2 < 20 * 60, "on all images, two runs at a time"


def test_the_first_question_is_answered_by_what_came_with_the_app() -> None:
    shipped = experiments.find("reference-activation").experiment
    place = {name: getattr(shipped.base, name) for name in ("device", "data", "dataset")}
    assert shipped.question == questions.FIRST
    assert replace(of("activation"), base=replace(of("activation").base, **place)).same_question(shipped)


def test_data_sets_of_another_size_are_compared_after_as_many_steps() -> None:
    """What is held out is not drawn from; all arms draw as many images an epoch as the smallest has."""
    experiment = of("images")
    left = [FULL - round(share * FULL) for (share,) in (arm.settings.values() for arm in experiment.arms)]
    assert left == [60_000, 30_000, 6_000]
    assert {experiment.config(arm, 0).examples_per_epoch for arm in range(3)} == {6_000} == {min(left)}
    assert of("images", SAMPLE).base.examples_per_epoch == 600


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("lr", "0.1, 0.3", (0.1, 0.3)),
        ("lr", "0.1 0.3,0.30", (0.1, 0.3)),
        ("lr", "０.１，０.３、1e-3", (0.1, 0.3, 0.001)),
        ("lr", "0,1; 0,3", (0.1, 0.3)),
        ("batch_size", "64, 256", (64, 256)),
        ("model.channels", "3-16, 6-16", ((3, 16), (6, 16))),
        ("model.channels", "6", ((6,),)),
        ("model.hidden", "none, 120-84", ((), (120, 84))),
        ("model.batch_norm", "false, true", (False, True)),
        ("optimizer", "sgd, muon", ("sgd", "muon")),
        ("recipe", "classic, modern", ("classic", "modern")),
        ("lr", " , ", ()),
    ],
)
def test_a_line_of_values_is_read(name: str, text: str, found: tuple[Any, ...]) -> None:
    assert values.read(SETTINGS[name], text) == found
    assert values.read(SETTINGS[name], values.written(found)) == found


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("lr", "0.1, fast", "lr must be a number, not fast."),
        ("lr", "0.1, 1000", "lr must lie between"),
        ("batch_size", "64.5", "batch_size must be a whole number, not 64.5."),
        ("model.channels", "6-x", "channels must be a"),
        ("model.channels", "6--1", "channels must be a"),
        ("optimizer", "sgd, newton", "optimizer must be one of sgd, adam, adamw, muon; it is newton."),
        ("model.batch_norm", "yes", "batch_norm must be one of true, false; it is yes."),
    ],
)
def test_what_is_no_value_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(LenetError) as refused:
        values.read(SETTINGS[name], text)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_setting_that_can_vary_has_values_to_begin_with(recipe: str) -> None:
    now = flat(RECIPES[recipe])
    for name, field in values.varied().items():
        first = values.suggested(name, now[name])
        assert len(first) >= 2 and len(set(first)) == len(first), name
        assert values.read(field, values.written(first)) == Variation(name, first).values == first, name


def test_values_on_the_page_are_written_as_for_the_command() -> None:
    variation = Variation("model.channels", ((3, 16), (6, 16)))
    assert arguments.written(variation) == "channels=" + values.written(variation.values).replace(", ", ",")
    assert MAX_RUNS * 8 > values.MAX_LENGTH


# -- taken along -------------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_run_with_its_value_unrounded() -> None:
    experiment = asked(seeds=2)
    stored = experiments.Stored(experiment, {(0, 0): "a", (1, 0): "b"})
    for (arm, seed), name in stored.runs.items():
        written(experiment.config(arm, seed), name, accuracy=0.1 + 0.2 + arm / 3)
    lines = export.runs_csv(experiments.read(stored)).splitlines()
    assert lines[0] == "activation,seed,run,state,epochs,test_acc"
    assert lines[1:] == [
        f"sigmoid,0,a,finished,2,{0.1 + 0.2!r}",
        "sigmoid,1,,missing,0,",
        f"relu,0,b,finished,2,{0.1 + 0.2 + 1 / 3!r}",
        "relu,1,,missing,0,",
    ]


def test_a_report_says_what_was_done_how_often_and_how_the_interval_was_computed() -> None:
    told = export.for_report(experiments.read("reference-activation"))
    assert "on Fashion-MNIST with the same 16 seeds each" in told and "5 epochs" in told
    assert "relu is 4.0 points better than sigmoid, 3.7 to 4.3 (95% interval), in 16 of 16 seeds." in told
    assert told.endswith("The interval is Student’s t of the differences of paired seeds, at 95%.")
    assert export.for_report(experiments.read(experiments.Stored(asked()))) == "", "nothing is claimed without runs"
