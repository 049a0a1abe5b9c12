"""One change, one place: after one line has changed, everything that has to follow does."""

from __future__ import annotations

from tests.helpers import changed

SETTING = "    augment: str = setting("
LIMIT = "    epochs: int = setting(50, "


def test_a_setting_of_a_run_is_one_line() -> None:
    line = (
        '    clip: float = setting(0.0, N_("Largest gradient"), low=0.0, high=10.0, key="clip", group="regularisation", '
        'flag="longest gradient of a step")\n'
    )
    changed.passes("tests/runs/one_more_setting.py", "lenet.runs.configuration", SETTING, line + SETTING)


def test_a_limit_of_a_public_server_is_one_line() -> None:
    high = "low=1, high=MAX_EPOCHS)\n    runs"
    after = high.replace("MAX_EPOCHS", "40")
    text = '"epochs of a run", '
    changed.passes(
        "tests/runs/one_tighter_limit.py",
        "lenet.runs.rules",
        LIMIT + text + high,
        LIMIT.replace("50", "20") + text + after,
    )
