"""What runs are called by their settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.runs import configuration, tables
from lenet.runs.configuration import CLASSIC, MODERN, RECIPES, RunConfig
from lenet.runs.labels import changes, label, labels_beside


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_called_by_its_name(name: str) -> None:
    recipe = RECIPES[name]
    assert label(recipe) == name
    other_place = replace(
        recipe, seed=7, epochs=3, device="cpu", dataset="own", model=replace(recipe.model, num_classes=5)
    )
    assert label(other_place) == name, "these are no part of a recipe"


@pytest.mark.parametrize(
    ("config", "called"),
    [
        (replace(CLASSIC, lr=0.1), "classic, lr 0.1"),
        (replace(CLASSIC, lr=1e-5, batch_size=64), "classic, lr 1e-05, batch 64"),
        (replace(CLASSIC, optimizer="adam", precision="bfloat16"), "classic, adam, bfloat16"),
        (replace(CLASSIC, muon_lr=0.5), "classic"),  # of no effect without Muon
        (replace(MODERN, muon_lr=0.5), "modern, Muon lr 0.5"),
        (replace(MODERN, label_smoothing=0.0, augment="flip_shift"), "modern, smoothing 0, augment flip shift"),
        (replace(CLASSIC, model=LeNetConfig(activation="relu", pooling="max")), "classic, relu, pool max"),
        (replace(CLASSIC, model=LeNetConfig(dropout=0.5, batch_norm=True)), "classic, batch norm, dropout 0.5"),
        (replace(CLASSIC, model=LeNetConfig(channels=(4, 8))), "classic, channels 4-8"),
        (
            replace(CLASSIC, model=LeNetConfig(channels=(4,), kernel_size=(3,), padding=(0,), stride=(1,))),
            "classic, own network",
        ),
        (replace(CLASSIC, lr=0.1, momentum=0.9, weight_decay=0.1, batch_size=64, optimizer="adam"), "classic, adam, lr 0.1, momentum 0.9, +2"),
        (replace(CLASSIC, recipe="of my own", lr=0.1), "of my own"),
    ],
)  # fmt: skip
def test_other_settings_are_named(config: RunConfig, called: str) -> None:
    assert label(config) == called


def test_every_setting_of_a_recipe_can_be_named() -> None:
    """A new one needs no entry here: its name in files is its name."""
    for name, setting in configuration.SETTINGS.items():
        values = configuration.flat(CLASSIC)
        if (
            not setting.compared
            or setting.only_with
            or name in ("model.num_classes", "model.in_channels", "model.input_size")
        ):
            continue
        if setting.choices:
            other = next(option for option in setting.choices if option != values[name])
        elif isinstance(values[name], bool):
            other = not values[name]
        elif isinstance(values[name], list):
            other = tuple(n + 1 for n in values[name])
        else:
            other = values[name] + 0.5 if setting.kind is float else values[name] + 1
        with_other = configuration.changed(
            CLASSIC, {name: min(other, setting.high) if setting.kind is float else other}
        )
        assert changes(with_other) == (name,)
        assert label(with_other).startswith("classic, ")


def test_runs_beside_each_other_are_told_apart_by_what_differs() -> None:
    lower = replace(CLASSIC, lr=0.1)
    assert labels_beside([CLASSIC, lower]) == ["classic, lr 0.9", "classic, lr 0.1"]
    assert labels_beside([lower, replace(lower, batch_size=64)]) == [
        "classic, lr 0.1, batch 256",
        "classic, lr 0.1, batch 64",
    ]
    assert labels_beside([CLASSIC, MODERN]) == ["classic", "modern"], "recipes differ by their names"
    assert labels_beside([CLASSIC]) == ["classic"]


def test_equal_runs_have_their_ids_and_named_ones_their_names() -> None:
    made = [
        runs.create(CLASSIC, "classic-1124-120000-00ab"),
        runs.create(CLASSIC, "b"),
        runs.create(replace(CLASSIC, lr=0.1), "c"),
    ]
    usual, lower = "classic, lr 0.9, 10 epochs, seed 0", "classic, lr 0.1, 10 epochs, seed 0"
    assert tables.names_beside(made) == [f"00ab · {usual}", f"b · {usual}", lower]
    made[2].rename("slow")
    assert tables.names_beside([made[0], made[2]]) == [usual, f"slow · {lower}"]
    assert made[2].label() == f"slow · {lower}"
    reference = runs.find("reference-classic")
    assert tables.names_beside([reference, made[2]])[0] == f"{usual} (came with the app)"
