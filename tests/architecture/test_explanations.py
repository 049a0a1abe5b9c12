"""The words and sums of each layer and of the whole network, and what a network says of an image."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from lenet import data
from lenet.architecture import explanations, table
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import ACTIVATIONS, LayerRow, parameter_sum
from lenet.architecture.network import lenet_table, mlp_table
from lenet.architecture.weights import Network
from lenet.common import translation
from lenet.common.errors import LenetError
from tests.helpers.strategies import settings_of_a_net

ROWS = lenet_table(LeNetConfig())


def column(rows: Sequence[LayerRow], heading: str) -> list[Any]:
    (found,) = [c.values for c in table.columns(rows, 1) if c.heading == heading]
    return found


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
    assert row.kind.shape_sum(row) == "⌊(9 + 2·1 − 5)/2⌋ + 1 = 4, ⌊(7 + 2·0 − 3)/1⌋ + 1 = 5"
    assert parameter_sum(row) == "2×1×5×3 + 2"


def test_the_note_is_corrected() -> None:
    last = explanations.explain_layer(ROWS, 11).why
    assert "logits" in last and "not probabilities" in last and "softmax" in last
    summary = explanations.summary(ROWS, mlp_table())
    assert "61,706" in summary
    assert "95.8% of them in the dense layers" in summary
    assert "73.8% fewer parameters" in summary and "235,146" in summary
    assert "about 75%" in summary


def test_the_comparison_follows_the_network() -> None:
    assert "75%" not in explanations.compare_with_mlp(50_000, mlp_table())
    assert explanations.compare_with_mlp(470_292, mlp_table()).startswith("100.0% more")
    assert explanations.compare_with_mlp(235_146, mlp_table()).startswith("as many as")


def test_what_is_said_depends_on_what_is_built() -> None:
    average = explanations.explain_layer(ROWS, 2)
    largest = explanations.explain_layer(lenet_table(LeNetConfig(pooling="max")), 2)
    assert "mean" in average.what and "largest" in largest.what
    odd = explanations.explain_layer(lenet_table(LeNetConfig(input_size=29)), 2)
    assert "left out" in odd.what and "left out" not in average.what
    for activation, name in ACTIVATIONS.items():
        rows = lenet_table(LeNetConfig(activation=activation))
        assert rows[1].type == name
        assert explanations.explain_layer(rows, 1).why != explanations.explain_layer(rows, 4).why
    assert "78.0%" in explanations.explain_layer(ROWS, 7).why, "48 120 of 61 706"
    alone = lenet_table(LeNetConfig(hidden=()))
    assert "logits" in explanations.explain_layer(alone, len(alone) - 1).why


def test_flatten_mixes_nothing() -> None:
    """Each number of the vector sees what it saw in its map; only a dense layer looks at the whole image."""
    assert "16×16 pixels" in explanations.receptive_field_text(
        ROWS, 6
    ) and "whole image" in explanations.receptive_field_text(ROWS, 7)
    mlp = LeNetConfig(
        channels=(), kernel_size=(), padding=(), stride=(), hidden=(256,), pooling="none", dropout=0.5
    ).layers
    assert [r.type for r in mlp[:3]] == ["Flatten", "Dropout", "Linear"]
    assert column(mlp, "Sees")[:3] == ["1×1", "1×1", "all"]
    assert column(mlp, "Stride")[:3] == ["–"] * 3


def test_chinese_has_no_gap_between_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    assert "。 " not in "".join(explanations.explain_layer(ROWS, i).why for i in range(12))


def test_explanations_and_figures_need_no_torch() -> None:
    names = ("explanations", "table", "forward", "weights", "figures.flow", "figures.activations")
    imports = ", ".join(f"lenet.architecture.{name}" for name in names)
    code = f"import sys, {imports}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_verdict_tells_right_from_wrong() -> None:
    names = data.DATA_SETS[data.DEFAULT].class_names()
    assert (
        explanations.verdict(9, 9, 0.8281, names) == ":green-badge[right] Predicted: **Ankle boot**, softmax 0.828."
    )
    wrong = explanations.verdict(6, 9, 0.5, names)
    assert "wrong" in wrong and "**Shirt**" in wrong and "**Ankle boot**" in wrong
    assert explanations.verdict(6, None, 0.5, names).startswith("Predicted: **Shirt**")
    assert "scaled" not in explanations.preparation((28, 28), (28, 28))
    assert "in bold" in explanations.preparation((28, 28), (28, 28))
    assert "in bold" not in explanations.preparation((28, 28), (28, 28), labelled=False)
    assert "28×28 is scaled to 32×40" in explanations.preparation((28, 28), (32, 40))
    assert "3 input channels" in explanations.preparation((28, 28), (28, 28), 3)


def test_names_of_outputs_are_those_of_what_was_trained_on() -> None:
    fashion, digits, letters = (data.DATA_SETS[key] for key in ("fashion-mnist", "mnist", "emnist-letters"))
    trained = Network(LeNetConfig(num_classes=26), "mine", (1,), data_set=letters)
    assert trained.fits(letters) and not trained.fits(fashion)
    assert trained.class_names(fashion)[:3] == ["A", "B", "C"]
    told = explanations.other_classes(trained, fashion)
    assert "trained on EMNIST letters" in told and "26 classes" in told and "from Fashion-MNIST" in told
    same_number = Network(LeNetConfig(), "other", (1,), data_set=digits)
    assert not same_number.fits(fashion), "as many classes, but others"
    untrained = Network(LeNetConfig())
    assert untrained.fits(fashion) and untrained.fits(digits) and not untrained.fits(letters)
    assert untrained.class_names(fashion)[9] == "Ankle boot" and untrained.class_names(letters)[9] == "9"
    told = explanations.other_classes(untrained, letters)
    assert "10 outputs" in told and "EMNIST letters has 26 classes" in told
