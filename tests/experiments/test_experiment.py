"""What an experiment is: its arms, what it refuses, and its form in files and on the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lenet import experiment as command
from lenet import runs
from lenet.common.errors import LenetError
from lenet.experiments import arguments, store
from lenet.experiments.experiment import Experiment, Variation
from lenet.experiments.store import Stored
from lenet.runs.configuration import CLASSIC, MODERN, RECIPES
from tests.helpers.experiments import asked


def test_arms_are_every_combination_and_differ_in_nothing_else() -> None:
    experiment = asked(CLASSIC, vary=(*asked().vary, Variation("lr", (0.1, 0.9))), seeds=3)
    assert [arm.label() for arm in experiment.arms] == [
        "sigmoid, lr 0.1",
        "sigmoid, lr 0.9",
        "relu, lr 0.1",
        "relu, lr 0.9",
    ]
    assert experiment.pairs == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert list(experiment.runs())[:5] == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1)]
    config = experiment.config(2, 1)
    assert config == replace(CLASSIC, model=replace(CLASSIC.model, activation="relu"), lr=0.1, seed=1, threads=1)
    (arm,) = Experiment("luck", CLASSIC, seeds=16).arms
    assert (arm.settings, arm.label()) == ({}, "")


def test_an_arm_with_another_recipe_keeps_what_was_asked_for() -> None:
    base = replace(CLASSIC, epochs=3, data="sample")
    experiment = Experiment("r", base, (Variation("recipe", tuple(RECIPES)),), given=("batch_size",))
    assert experiment.config(0, 0) == replace(base, threads=1)
    assert experiment.config(1, 2) == replace(MODERN, epochs=3, data="sample", seed=2, threads=1)
    assert experiment.config(2, 0).batch_size == 256, "which was named, though it is that of classic"


def vary(*texts: str, base: tuple[str, ...] = ()) -> Experiment:
    """The experiment of a command line."""
    options = [part for text in texts for part in ("--vary", text)]
    return command.asked_for(command.parse_args([*options, *base]))


@pytest.mark.parametrize(("text", "values"), [
    ("activation=sigmoid,relu", ("sigmoid", "relu")),
    ("model.channels=6-16,12-32", ((6, 16), (12, 32))),
    ("channels=6x16,12x32", ((6, 16), (12, 32))),
    ("channels=6,16;12,32", ((6, 16), (12, 32))),
    ("hidden=none,84,120-84", ((), (84,), (120, 84))),
    ("batch-size=64,256", (64, 256)),
    ("batch_norm=no,yes", (False, True)),
    ("lr=1e-3,0.1", (0.001, 0.1)),
    ("recipe=classic,modern", ("classic", "modern")),
])  # fmt: skip
def test_values_are_written_as_options_and_lists_need_no_quotes(text: str, values: tuple[object, ...]) -> None:
    (variation,) = vary(text).vary
    assert variation.values == values
    assert arguments.read(arguments.written(variation)) == variation


@pytest.mark.parametrize(("texts", "sentence"), [
    (["activation"], "“activation” does not say what varies: write NAME=V1,V2, for example lr=0.1,0.5."),
    (["lr="], "“lr=” does not say what varies: write NAME=V1,V2, for example lr=0.1,0.5."),
    (["learning=1,2"], "There is no setting called learning."),
    (["run-id=a,b"], "There is no setting called run-id."),
    (["lr=a,b"], "lr must be a number, not a."),
    (["lr=0.1,200"], "lr must lie between 1e-08 and 100.0; it is 200.0."),
    (["activation=relu,swishy"], "activation must be one of "),
    (["batch_norm=maybe"], "batch_norm must be one of yes, true, no, false; it is maybe."),
    (["recipe=classic,own"], "recipe must be one of classic, modern, sprint; it is own."),
    (["seed=0,1"], "seed cannot be chosen in an experiment: its seeds are 0, 1, 2 …, and on a CPU every run takes one thread."),
    (["threads=1,2"], "threads cannot be chosen in an experiment: "),
    (["lr=0.1,0.1"], "“lr 0.1” and “lr 0.1” train the same network in the same way, so there is nothing to compare: "),
    (["gamma=0.1,0.5"], "“gamma 0.1” and “gamma 0.5” train the same network in the same way, "),
    (["lr=0.1,0.2", "lr=0.3,0.4"], "lr is named twice: write all of its values at once."),
    (["channels=6,12"], "channels, kernel_size, padding and stride must have one entry for each convolution."),
    (["kernel_size=5-5,15-15"], "Layer 4 (Conv2d) cannot be built: its 15×15 kernel is larger than its input of 9×9 with padding 0."),
    (["lr=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1,2", "batch_size=1,2,3,4,5,6,7,8,9,10"],
     "These values make 110 arms: at most 100 are compared with each other in one experiment."),
    ([f"batch_size={','.join(map(str, range(1, 60)))}"], "batch_size has 59 values: from 1 to 50 can be compared."),
])  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_with_a_sentence(
    texts: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [part for text in texts for part in ("--vary", text)]
    try:
        code = command.main(options)
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]
    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (2, 1) and told.startswith(sentence)


@pytest.mark.parametrize(("options", "sentence"), [
    (["--seeds", "0"], "seeds must lie between 1 and 1000; it is 0."),
    (["--seeds", "many"], "seeds must be a whole number, not many."),
    (["--seed", "3"], "seed cannot be chosen in an experiment: "),
    (["--threads", "3"], "threads cannot be chosen in an experiment: "),
    (["--id", "../x"], "“../x” cannot be the name of an experiment: "),
    (["--id", "reference-new"], "“reference-new” came with the app and cannot be changed."),
    (["--id", "reference-activation"], "“reference-activation” came with the app and cannot be changed."),
    (["--vary", "lr=0.1,0.2,0.3,0.4", "--vary", "activation=relu,tanh,sigmoid", "--seeds", "834"],
     "This experiment would have 10008 runs: at most 2000 can be trained for one. Choose fewer values or seeds."),
    (["--json", "/no/such/folder/x.json"], "The file /no/such/folder/x.json cannot be written: there is no folder /no/such/folder."),
    (["--engine", "slurm"], "argument --engine: invalid choice: 'slurm' (choose from "),
])  # fmt: skip
def test_a_wrong_option_is_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = command.main(options)
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]
    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (2, 1) and told.startswith(sentence)
    assert store.list_experiments()[0].is_reference, "nothing is kept of it"


def test_the_command_that_is_written_asks_the_same() -> None:
    experiment = vary(
        "channels=3-16,6-16",
        "batch_norm=no,yes",
        base=("--recipe", "modern", "--epochs", "3", "--lr", "0.02", "--seeds", "4"),
    )
    text = arguments.command(experiment)
    assert text == (
        "python -m lenet.experiment --vary channels=3-16,6-16 --vary batch_norm=no,yes --recipe modern --lr 0.02 --epochs 3 "
        "--seeds 4"
    )
    again = command.asked_for(command.parse_args(text.split()[3:]))
    assert again.same_question(experiment) and again.seeds == 4


# -- its file ------------------------------------------------------------------------------------------------------


def test_a_file_says_what_was_asked_and_which_run_is_which() -> None:
    stored = Stored(
        asked(question="activation", created=5.0, given=("lr",)), {(0, 0): "a", (1, 1): "b"}, True, "ann", "home"
    )
    store.save(stored)
    assert json.loads(store.file_of("asked").read_text())["runs"] == [["a", None], [None, "b"]]
    assert store.find("asked") == stored
    assert store.find("asked").experiment.created == 5.0
    store.save(Stored(replace(asked(), id="later", created=9.0)))
    assert [s.experiment.id for s in store.list_experiments()] == ["later", "asked", "reference-activation"]


def test_no_run_takes_the_place_of_experiments() -> None:
    with pytest.raises(LenetError, match="exists already"):
        runs.create(CLASSIC, "experiments")


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", '{"id": "other"}', "{" * 9999, '{"id": "asked", "base": 3, "vary": [], "seeds": 1}',
        '{"id": "asked", "base": {}, "vary": [], "seeds": 1, "created": 1' + "0" * 400 + "}",  # no float has so many digits
        '{"id": "asked", "base": {}, "vary": [], "seeds": 1, "created": NaN}',  # it has no place in a list
    ],
)  # fmt: skip
def test_a_damaged_file_is_a_sentence_and_hides_no_other(content: str) -> None:
    store.save(Stored(asked(id="whole")))
    store.file_of("asked").write_text(content)
    with pytest.raises(LenetError) as refusal:
        store.find("asked")
    assert str(refusal.value).startswith("The experiment “asked” cannot be read: ")
    assert store.list_experiments()[0].experiment.id == "whole"
    with pytest.raises(LenetError, match="no experiment called “gone”"):
        store.find("gone")
