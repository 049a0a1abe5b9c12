"""What may be built, what is refused and how it is said; and the words and sums of each layer."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings

from lenet import runs
from lenet.architecture import explanations, presets
from lenet.architecture.configuration import LIMITS, LeNetConfig, repairs
from lenet.architecture.layers import ACTIVATIONS, POOLINGS, LayerRow
from lenet.architecture.network import lenet_table, mlp_table
from lenet.architecture.plan import CannotBuild
from lenet.common import translation
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
        if name in LIMITS:
            low, high = LIMITS[name]
            assert all(low <= v <= high for v in (value if isinstance(value, list) else [value]))


# ---- words and sums ----

ROWS = lenet_table(LeNetConfig())


def test_the_sums_of_the_note() -> None:
    texts = [explanations.explain_layer(ROWS, i) for i in range(12)]
    assert [t.params for t in texts if t.params] == [
        "6×1×5×5 + 6 = 156",
        "16×6×5×5 + 16 = 2,416",
        "120×400 + 120 = 48,120",
        "84×120 + 84 = 10,164",
        "10×84 + 10 = 850",
    ]
    assert [texts[i].shape for i in (0, 1, 2, 3, 5, 6, 7)] == [
        "⌊(28 + 2·2 − 5)/1⌋ + 1 = 28",
        "6×28×28 → 6×28×28",
        "⌊(28 + 2·0 − 2)/2⌋ + 1 = 14",
        "⌊(14 + 2·0 − 5)/1⌋ + 1 = 10",
        "⌊(10 + 2·0 − 2)/2⌋ + 1 = 5",
        "16×5×5 = 400",
        "400 → 120",
    ]


def evaluate(sum_: str) -> int:
    """The left side of a sum as Python computes it."""
    left = sum_.split(" = ")[0].replace(",", "")
    for sign, python in (("×", "*"), ("·", "*"), ("−", "-"), ("/", "//"), ("⌊", "("), ("⌋", ")")):
        left = left.replace(sign, python)
    assert set(left) <= set("0123456789+-*/() ")
    return int(eval(left))


@settings(max_examples=100, deadline=None)
@given(settings_of_a_net())
def test_every_sum_is_true_and_every_layer_has_words(values: dict[str, Any]) -> None:
    try:
        rows = lenet_table(LeNetConfig.from_dict(values))
    except LenetError:
        return
    for i, row in enumerate(rows):
        text = explanations.explain_layer(rows, i)
        assert text.title == f"{i + 1} · {row.type}"
        assert text.what and text.why
        assert "{" not in text.what + text.why, "every number is put in"
        assert (evaluate(text.params) if text.params else 0) == row.params
        if row.kernel_size:
            assert {evaluate(s) for s in text.shape.split(", ")} == set(row.output_shape[2:])
        if row.type == "Flatten":
            assert evaluate(text.shape) == row.output_shape[1]


def test_windows_of_any_shape_have_a_sum_for_height_and_width() -> None:
    row = LayerRow("0", "Conv2d", (1, 1, 9, 7), (1, 2, 4, 5), 2 * 15 + 2, (2, 1, 5, 3), True, (5, 3), (2, 1), (1, 0))
    assert explanations.shape_arithmetic(row) == "⌊(9 + 2·1 − 5)/2⌋ + 1 = 4, ⌊(7 + 2·0 − 3)/1⌋ + 1 = 5"
    assert explanations.param_formula(row) == "2×1×5×3 + 2"


def test_the_note_is_corrected() -> None:
    last = explanations.explain_layer(ROWS, 11).why
    assert "logits" in last and "not probabilities" in last and "softmax" in last
    summary = explanations.summary(ROWS, mlp_table())
    assert "61,706" in summary
    assert "95.8% of them in the dense layers" in summary
    assert "73.8% fewer parameters" in summary and "235,146" in summary
    assert "about 75%" in summary


def test_the_comparison_follows_the_network() -> None:
    assert "75%" not in explanations.compare_with_mlp(50_000, 235_146)
    assert explanations.compare_with_mlp(470_292, 235_146).startswith("100.0% more")
    assert explanations.compare_with_mlp(235_146, 235_146).startswith("as many as")


def test_what_is_said_depends_on_what_is_built() -> None:
    average = explanations.explain_layer(ROWS, 2)
    largest = explanations.explain_layer(lenet_table(LeNetConfig(pooling="max")), 2)
    assert "mean" in average.what and "largest" in largest.what
    odd = explanations.explain_layer(lenet_table(LeNetConfig(input_size=29)), 2)
    assert "left out" in odd.what and "left out" not in average.what
    for activation, name in ACTIVATIONS.items():
        rows = lenet_table(LeNetConfig(activation=activation))
        assert rows[1].type == name and name in explanations.ACTIVATION_TEXTS
        assert explanations.explain_layer(rows, 1).why != explanations.explain_layer(rows, 4).why
    assert "78.0%" in explanations.explain_layer(ROWS, 7).why, "48 120 of 61 706"
    alone = lenet_table(LeNetConfig(hidden=()))
    assert "logits" in explanations.explain_layer(alone, len(alone) - 1).why


def test_the_table_is_the_same_in_csv_and_in_markdown() -> None:
    table = explanations.columns(ROWS, 256)
    assert table["Parameter formula"][:4] == ["6×1×5×5 + 6", "–", "–", "16×6×5×5 + 16"]
    assert table["Share, %"] == [0.3, 0, 0, 3.9, 0, 0, 0, 78.0, 0, 16.5, 0, 1.4]
    assert table["Multiply-adds"] == [117_600, 0, 0, 240_000, 0, 0, 0, 48_000, 0, 10_080, 0, 840]
    assert table["Memory, KiB"][:2] == [4704, 4704] and table["Memory, KiB"][6] == 0
    assert table["Sees"] == ["5×5", "5×5", "6×6", "14×14", "14×14", "16×16", "16×16", *["all"] * 5]
    assert table["Stride"] == ["1", "1", "2", "2", "2", "4", *["–"] * 6]
    lines = [[str(v) for v in row] for row in zip(*table.values(), strict=True)]
    raw = explanations.as_csv(ROWS, 256)
    assert raw.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read UTF-8"
    head, *rest, sums = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    named = [name.replace("Memory,", "Memory at batch 256,") for name in table]
    assert named[8] == "Memory at batch 256, KiB"
    assert (head, rest) == (named, lines)
    assert sums[5:9] == ["61706", "100.0", "416520", str(round(14_602 * 4 * 256 / 1024, 1))]
    head, rule, *rest, sums = [
        [c.strip() for c in line.strip("|").split("|")] for line in explanations.as_markdown(ROWS, 256).splitlines()
    ]
    assert (head, rest) == (named, lines)
    assert rule[0] == rule[5] == "---:" and rule[1] == "---"
    assert sums[5] == "61706"
    assert explanations.cost_line(ROWS, 256).replace(",", "").startswith("416520 multiply-adds an image · 14.26 MiB")


def test_flatten_mixes_nothing() -> None:
    """Each number of the vector sees what it saw in its map; only a dense layer looks at the whole image."""
    assert "16×16 pixels" in explanations.sees(ROWS, 6) and "whole image" in explanations.sees(ROWS, 7)
    mlp = LeNetConfig(
        channels=(), kernel_size=(), padding=(), stride=(), hidden=(256,), pooling="none", dropout=0.5
    ).layers
    assert [r.type for r in mlp[:3]] == ["Flatten", "Dropout", "Linear"]
    assert explanations.columns(mlp, 1)["Sees"][:3] == ["1×1", "1×1", "all"]
    assert explanations.columns(mlp, 1)["Stride"][:3] == ["–"] * 3


def test_the_verdict_tells_right_from_wrong() -> None:
    assert explanations.verdict(9, 9, 0.8281) == ":green-badge[right] Predicted: **Ankle boot**, softmax 0.828."
    wrong = explanations.verdict(6, 9, 0.5)
    assert "wrong" in wrong and "**Shirt**" in wrong and "**Ankle boot**" in wrong
    assert explanations.verdict(6, None, 0.5).startswith("Predicted: **Shirt**")
    assert explanations.verdict(6, 9, 0.5, 7).startswith("Predicted: **6**"), "classes that are not Fashion-MNIST's"
    assert "scaled" not in explanations.preparation((28, 28), (28, 28))
    assert "in bold" in explanations.preparation((28, 28), (28, 28))
    assert "in bold" not in explanations.preparation((28, 28), (28, 28), labelled=False)
    assert "28×28 is scaled to 32×40" in explanations.preparation((28, 28), (32, 40))
    assert "3 input channels" in explanations.preparation((28, 28), (28, 28), 3)


def test_chinese_has_no_gap_between_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    assert "。 " not in "".join(explanations.explain_layer(ROWS, i).why for i in range(12))


# ---- the network as code ----


@pytest.mark.parametrize(
    "config",
    [
        LeNetConfig(),
        LeNetConfig(activation="leaky_relu", pooling="max", channels=(8, 12), kernel_size=(3, 7), hidden=(50,)),
        LeNetConfig(in_channels=3, input_size=64, channels=(4, 5, 6), kernel_size=(7, 3, 3), padding=(3, 1, 0),
                    stride=(2, 1, 1), hidden=(), num_classes=7),
        LeNetConfig(input_size=(20, 33), pooling="conv", batch_norm=True, dropout=0.25, head="gap"),
        LeNetConfig(pooling="none", stride=(2, 2), dropout=0.5, hidden=(9, 8, 7), activation="gelu"),
        LeNetConfig(channels=(), kernel_size=(), padding=(), stride=(), hidden=(256, 128), activation="relu"),
    ],
)  # fmt: skip
def test_the_code_runs_as_copied(config: LeNetConfig) -> None:
    code = explanations.as_code(config)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(config.cost()[0])
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert str(scope["net"]) == str(lenet_net(config)), "the same layers with the same settings"
    assert tuple(scope["logits"].shape) == (1, config.num_classes)


def lenet_net(config: LeNetConfig) -> Any:
    from torch import nn

    from lenet.architecture.network import LeNet

    return nn.Sequential(*LeNet(config))


def test_the_names_of_torch_are_right() -> None:
    from torch import nn

    assert all(hasattr(nn, name) for name in (*ACTIVATIONS.values(), *filter(None, POOLINGS.values())))


def test_explanations_and_figures_need_no_torch() -> None:
    code = "import sys, lenet.architecture.explanations, lenet.architecture.figures.flow, lenet.architecture.figures.activations; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
