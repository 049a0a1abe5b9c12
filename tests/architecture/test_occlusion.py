"""Which pixels matter, against covering them by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lenet import data, runs
from lenet.architecture import inference, occlusion, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError

IMAGES, _LABELS = data.load("test", "sample")
MODERN = weights.of_run(runs.find("reference-modern"))


def test_occlusion_is_the_mean_fall_over_the_squares_that_cover_a_pixel() -> None:
    net = inference.build(MODERN)
    falls = occlusion.occlusion(net, IMAGES[0])
    assert falls.shape == (28, 28) and np.isfinite(falls).all()
    before = inference.of_image(net, IMAGES[0])
    changed = IMAGES[0].copy()
    changed[:, :5, :5] = 0
    fall = before.probabilities[before.prediction] - inference.of_image(net, changed).probabilities[before.prediction]
    assert falls[0, 0] == pytest.approx(fall, abs=1e-5), "one square alone covers the corner"
    black = np.zeros((1, 28, 28), np.uint8)
    assert np.abs(occlusion.occlusion(net, black)).max() < 1e-5, "black on black changes nothing"
    assert occlusion.occlusion(inference.untrained(LeNetConfig(input_size=(20, 33))), IMAGES[0]).shape == (20, 33)


def test_a_network_too_large_to_be_run_often_is_one_sentence() -> None:
    large = LeNetConfig(input_size=128, channels=(64, 64), hidden=())
    with pytest.raises(LenetError, match="have to run a hundred times"):
        occlusion.occlusion(inference.untrained(large), IMAGES[0])
    assert inference.affordable(LeNetConfig(), 10_000) == 10_000
    assert inference.affordable(large, 10_000) < 1000
