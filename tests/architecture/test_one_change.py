"""One change, one place: after one line has changed, everything that has to follow does."""

from __future__ import annotations

from tests.helpers import changed


def test_a_setting_of_a_network_is_one_line() -> None:
    before = "    batch_norm: bool = setting("
    line = '    bias: bool = setting(False, N_("Biases"), key="bias")\n'
    changed.passes(
        "tests/architecture/one_more_setting.py", "lenet.architecture.configuration", before, line + before
    )
