"""One change, one place: after one line has changed, everything that has to follow does."""

from __future__ import annotations

from tests.helpers import changed


def test_a_setting_of_a_network_is_one_line() -> None:
    before = "    batch_norm: bool = setting("
    line = '    bias: bool = setting(False, N_("Biases"), key="bias")\n'
    changed.passes(
        "tests/architecture/one_more_setting.py", "lenet.architecture.configuration", before, line + before
    )


def test_an_activation_is_one_entry() -> None:
    before = "}  # fmt: skip\n"
    entry = (
        '    "silu": Activation(\n'
        '        "SiLU", "SiLU", lambda x: x * _sigmoid(x), lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),\n'
        '        "torch.nn.functional.silu({x})", "{x} / (1 + math.exp(-{x}))", "{x} / (1 + np.exp(-{x}))",\n'
        '        "x·σ(x), applied to each number separately.", "A smooth ReLU.",\n'
        "    ),\n"
    )
    changed.passes("tests/architecture/one_more_activation.py", "lenet.common.activations", before, entry + before)
