"""What a run is: defaults are the note's, JSON goes there and back, wrong values are one sentence."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, RECIPES, RunConfig


def test_classic_is_the_note() -> None:
    c = CLASSIC
    assert (c.optimizer, c.lr, c.momentum, c.weight_decay, c.schedule) == ("sgd", 0.9, 0.0, 0.0, "constant")
    assert (c.init, c.batch_size, c.epochs, c.augment, c.label_smoothing) == ("xavier_uniform", 256, 10, "none", 0.0)
    assert c.model == LeNetConfig()
    assert (c.model.activation, c.model.pooling) == ("sigmoid", "avg")


@pytest.mark.parametrize("config", RECIPES.values(), ids=RECIPES)
def test_json_there_and_back(config: RunConfig) -> None:
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_what_is_not_named_keeps_its_recipes_value() -> None:
    config = RunConfig.from_dict({"recipe": "modern", "epochs": 3})
    assert config.optimizer == RECIPES["modern"].optimizer
    assert config.epochs == 3


def test_settings_of_a_network_alone_are_taken() -> None:
    assert RunConfig.from_dict({"channels": [4, 8], "activation": "relu"}).model == LeNetConfig(
        channels=(4, 8), activation="relu"
    )


@pytest.mark.parametrize(
    ("values", "code", "word"),
    [
        ({"epochs": 0}, "not_in_range", "epochs"),
        ({"epochs": 2.5}, "not_integer", "epochs"),
        ({"epochs": True}, "not_integer", "epochs"),
        ({"epochs": 10**5000}, "not_in_range", "epochs"),
        ({"seed": -1}, "not_in_range", "seed"),
        ({"lr": math.nan}, "not_in_range", "lr"),
        ({"lr": "fast"}, "not_number", "lr"),
        ({"lr": 10**400}, "not_in_range", "lr"),
        ({"optimizer": "lbfgs"}, "not_one_of", "lbfgs"),
        ({"device": ["cpu"]}, "not_one_of", "device"),
        ({"recipe": "<script>"}, "not_one_of", "recipe"),
        ({"learning_rate": 1}, "unknown_setting", "learning_rate"),
        ({"model": {"channels": 6}}, "not_one_of", "channels"),
        ({"model": {"kernel_size": [5, 15]}}, "conv_does_not_fit", "15×15"),
        ({"model": {"in_channels": 3}}, "does_not_fit_data", "3×28×28"),
        ({"model": []}, "not_an_object", "model"),
        ([], "not_an_object", "config"),
        (None, "not_an_object", "config"),
    ],
)
def test_wrong_value_is_one_sentence_that_names_it(values: object, code: str, word: str) -> None:
    with pytest.raises(LenetError) as error:
        RunConfig.from_dict(values)  # type: ignore[arg-type]
    assert error.value.code == code
    assert word in str(error.value)
    assert len(str(error.value)) < 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*CLASSIC.to_dict(), "other"])


@given(
    st.dictionaries(names, json_values | st.dictionaries(st.sampled_from([*CLASSIC.model.to_dict()]), json_values))
)
def test_any_json_makes_a_config_or_a_sentence(values: dict[str, object]) -> None:
    try:
        config = RunConfig.from_dict(values)
    except LenetError as error:
        assert str(error)
    else:
        assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
