"""When a run is given up."""

from __future__ import annotations

import pytest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.training.divergence import LATEST, DivergenceWatch


def watched(losses: list[float]) -> None:
    """Watch these losses of a run, seven at a time."""
    watch = DivergenceWatch()
    for i in range(0, len(losses), 7):
        watch.check(losses[i : i + 7], epoch=1)


def test_a_leap_of_the_loss_ends_no_run_that_comes_back() -> None:
    calm = [2.5] * 100
    watched([*calm, 1e6, *calm])
    watched([*calm, *[1e4] * (LATEST // 2 - 1), *calm])
    watched([*calm, *[9 * 2.5] * 300])  # bad, and no more than that
    watched([*[80.0] * 300])  # as it began: a network of large weights
    with pytest.raises(LenetError):
        watched([*calm, *[30.0] * LATEST])
    with pytest.raises(LenetError):
        watched([*calm, *([1e4, 1e4, 0.1] * LATEST)])
    for name in ("classic", "modern"):
        watched(runs.find(f"reference-{name}").steps()["loss"].tolist())


def test_a_resumed_run_is_judged_by_all_its_losses() -> None:
    """The first one and the latest ones, as if it had never been interrupted."""
    high = [80.0] * LATEST
    DivergenceWatch(high).check(high, epoch=2)  # no higher than it began
    with pytest.raises(LenetError):
        DivergenceWatch([2.5, *high[1:]]).check([80.0], epoch=2)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run_at_once(loss: float) -> None:
    with pytest.raises(LenetError) as error:
        DivergenceWatch().check([2.3, loss, 2.3], epoch=4)
    assert error.value.params == {"loss": str(loss), "epoch": 4}
