"""What may be built, what is refused and how it is said, and what would work instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from lenet import runs
from lenet.architecture import presets
from lenet.architecture.configuration import MLP, CannotBuild, LeNetConfig, repairs
from lenet.architecture.layers import dense_widths, first_of
from lenet.common import fields
from lenet.common.errors import LenetError
from tests.helpers.strategies import settings_of_a_net

# ---- what is refused ----


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"input_size": 8},
            "Layer 4 (Conv2d) cannot be built: its 5×5 kernel is larger than its input of 4×4 with padding 0.",
        ),
        (
            {"input_size": 4, "kernel_size": (8, 5)},
            "Layer 3 (AvgPool2d) cannot be built: its 2×2 window is larger than its input of 1×1.",
        ),
        ({"channels": (6, 0)}, "channels must lie between 1 and 256; it is 0."),
        ({"channels": (6, 16.5)}, "channels must be a whole number, not 16.5."),
        ({"channels": (6, True)}, "channels must be a whole number, not True."),
        ({"channels": 6}, "channels must be one of lists of at most 8 numbers; it is 6."),
        ({"channels": (6,)}, "channels, kernel_size, padding and stride must have one entry for each convolution."),
        ({"activation": "swish"}, "activation must be one of sigmoid, tanh, relu, leaky_relu, gelu; it is swish."),
        ({"pooling": None}, "pooling must be one of avg, max, conv, none; it is None."),
        ({"batch_norm": 1}, "batch_norm must be one of true, false; it is 1."),
        ({"dropout": 0.95}, "dropout must lie between 0.0 and 0.9; it is 0.95."),
        ({"head": "vlad"}, "head must be one of flatten, gap; it is vlad."),
        ({"input_size": (28, 3)}, "input_size must lie between 4 and 256; it is 3."),
        (
            {"input_size": (28, 6), "pooling": "conv"},
            "Layer 4 (Conv2d) cannot be built: its 5×5 kernel is larger than its input of 14×3 with padding 0.",
        ),
        ({"input_size": 10**400}, "input_size must lie between 4 and 256; it is ∞."),
    ],
)
def test_refusals_name_the_value_and_the_limit(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LenetError) as refusal:
        LeNetConfig(**values)
    assert str(refusal.value) == sentence


def test_a_network_too_large_for_a_shared_machine_is_refused_before_it_is_built() -> None:
    with pytest.raises(LenetError, match=r"too large.*\(at most 10\)"):
        LeNetConfig(input_size=256, channels=(256, 256), hidden=(4096,))
    with pytest.raises(LenetError, match="multiplications"):
        LeNetConfig(input_size=256, channels=(256, 256), kernel_size=(5, 7), padding=(2, 3), hidden=())


def test_any_json_makes_a_configuration_or_one_sentence() -> None:
    for hostile in (
        [],
        "x",
        {"channels": {"a": 1}},
        {"hidden": "120"},
        {"__class__": 1},
        {"input_size": float("nan")},
    ):
        with pytest.raises(LenetError) as refusal:
            LeNetConfig.from_dict(hostile)  # type: ignore[arg-type]
        assert str(refusal.value)


@settings(max_examples=60, deadline=None)
@given(settings_of_a_net())
def test_a_configuration_survives_json(values: dict[str, Any]) -> None:
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    assert LeNetConfig.from_dict(config.to_dict()) == config
    assert hash(config) == hash(LeNetConfig.from_dict(config.to_dict()))


def test_configurations_of_before_are_read_as_they_were() -> None:
    """The files that came with earlier runs lack what came later; all of it keeps the note's network as it is."""
    for run in runs.references():
        stored = json.loads(run.raw("config.json"))["model"]
        config = LeNetConfig.from_dict({k: stored[k] for k in BEFORE})
        assert config == run.config.model
        assert (config.batch_norm, config.dropout, config.head) == (False, 0.0, "flatten")
        assert config.cost()[0] == 61_706


BEFORE = ("in_channels", "input_size", "channels", "kernel_size", "padding", "stride", "activation", "pooling",
          "hidden", "num_classes")  # fmt: skip


# ---- what would work instead ----


def test_repairs_are_the_nearest_values_that_work() -> None:
    values = LeNetConfig().to_dict() | {"input_size": 8}
    found = {(r.setting, r.index): r.value for r in repairs(values)}
    assert found == {
        ("kernel_size", 1): 3, ("padding", 1): 1, ("input_size", None): 12, ("pooling", None): "none",
    }  # fmt: skip


def test_a_repair_keeps_the_shape_of_the_image() -> None:
    for size, larger in (((8, 100), (12, 100)), ((100, 9), (100, 12))):
        (repair,) = [r for r in repairs(LeNetConfig().to_dict() | {"input_size": size}) if r.setting == "input_size"]
        assert repair.value == repair.config.input_size == larger
        assert presets.repair_words(repair) == f"Input size: {larger[0]}×{larger[1]}"


@settings(max_examples=80, deadline=None)
@given(settings_of_a_net())
def test_every_repair_is_one_change_that_can_be_built(values: dict[str, Any]) -> None:
    try:
        LeNetConfig.from_dict(values)
    except CannotBuild:
        offered = repairs(values)
        for repair in offered:
            built = repair.config.to_dict()
            changed = [k for k, v in built.items() if v != listed(values[k])]
            assert changed == [repair.setting]


def listed(value: Any) -> Any:
    """A setting as `to_dict` gives it: a square has one number."""
    if isinstance(value, tuple):
        return value[0] if value[0] == value[1] else list(value)
    return value


def test_the_limits_hold_the_note() -> None:
    for name, value in LeNetConfig().to_dict().items():
        setting = fields.table(LeNetConfig)[name]
        if not setting.choices and setting.kind is not bool:
            assert all(setting.low <= v <= setting.high for v in (value if isinstance(value, list) else [value]))


def test_the_order_of_the_layers_is_known_here() -> None:
    """Which convolutions the settings describe, and where the first activation is."""
    assert [row.weight_name for row in LeNetConfig().convolutions] == ["0.weight", "3.weight"]
    pooled = LeNetConfig(pooling="conv", batch_norm=True)
    assert [row.weight_name for row in pooled.convolutions] == ["0.weight", "4.weight"]
    assert [row.kernel_size for row in pooled.convolutions] == [(5, 5), (5, 5)], "and not those that pool"
    assert first_of(LeNetConfig().layers, "activation") == 1 and first_of(pooled.layers, "activation") == 2
    assert MLP.convolutions == () and dense_widths(MLP.layers) == "784–256–128–10"
