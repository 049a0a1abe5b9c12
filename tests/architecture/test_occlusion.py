"""Which pixels matter, against covering them by hand; and the sentences about it, on many images."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from lenet import data, runs
from lenet.architecture import inference, occlusion, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import occlusion as figure
from lenet.architecture.occlusion import NOTICEABLE, Occlusion
from lenet.common.errors import LenetError
from tests.helpers.plotted import numbers

IMAGES, LABELS = data.load("test", "sample")
MODERN = weights.of_run(runs.find("reference-modern"))
NETWORKS = {run.id: weights.of_run(run) for run in runs.references()} | {"untrained": weights.Network(LeNetConfig())}
BLACK = np.zeros((1, 28, 28), np.uint8)


@cache
def covered(network: str, image: int) -> Occlusion:
    return occlusion.occlusion(inference.build(NETWORKS[network]), IMAGES[image])


def test_occlusion_is_the_mean_fall_over_the_squares_that_cover_a_pixel() -> None:
    net = inference.build(MODERN)
    found = occlusion.occlusion(net, IMAGES[0])
    falls = found.falls
    assert falls.shape == (28, 28) and np.isfinite(falls).all()
    before = inference.of_image(net, IMAGES[0])
    changed = IMAGES[0].copy()
    changed[:, :5, :5] = 0
    fall = before.probabilities[before.prediction] - inference.of_image(net, changed).probabilities[before.prediction]
    assert falls[0, 0] == pytest.approx(fall, abs=1e-5), "one square alone covers the corner"
    assert found.probability == pytest.approx(before.probabilities.max(), abs=1e-5)
    assert np.abs(occlusion.occlusion(net, BLACK).falls).max() < 1e-5, "black on black changes nothing"
    wide = occlusion.occlusion(inference.untrained(LeNetConfig(input_size=(20, 33))), IMAGES[0])
    assert wide.falls.shape == (20, 33) and wide.square == (4, 6)


def test_the_square_and_its_places_are_named() -> None:
    found = covered("reference-modern", 0)
    text = occlusion.method(found)
    assert "A black square of 5×5 pixels (value 0) covers 81 places" in text and "at most 3 pixels apart" in text
    assert "the mean change of the probability over all squares that cover it" in text
    rows = sorted({int(y) for y, _x in found.corners})
    assert rows == [0, 3, 6, 9, 12, 15, 18, 21, 23] and max(np.diff(rows)) == 3
    for y, x in ((0, 0), (14, 9), (27, 27)):
        over = [
            fall
            for (top, left), fall in zip(found.corners, found.each, strict=True)
            if 0 <= y - top < 5 and 0 <= x - left < 5
        ]
        assert found.falls[y, x] == pytest.approx(np.mean(over), abs=1e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_said_is_so_for_many_images(network: str) -> None:
    """Red and blue are said where they are, with their numbers; black pixels that are coloured are admitted."""
    for image in range(0, 100, 4):
        found = covered(network, image)
        said, how = occlusion.explain(found, "Bag"), occlusion.method(found)
        red, blue = float(found.falls.max()), -float(found.falls.min())
        assert re.findall(r"lowers the probability of \*\*Bag\*\*, by ([\d.]+) at most", said) == (
            [f"{red:.2f}"] if red >= NOTICEABLE else []
        )
        assert re.findall(r"raises the probability of \*\*Bag\*\*, by ([\d.]+) at most", said) == (
            [f"{blue:.2f}"] if blue >= NOTICEABLE else []
        )
        assert ("No pixel matters noticeably" in said) == (max(red, blue) < NOTICEABLE)
        for top, bottom, left, right, before, after in re.findall(
            r"rows (\d+)–(\d+) and columns (\d+)–(\d+): from ([\d.]+) to ([\d.]+)\.", said
        ):
            changed = IMAGES[image].copy()
            changed[:, int(top) - 1 : int(bottom), int(left) - 1 : int(right)] = 0
            net = inference.build(NETWORKS[network])
            first, then = (inference.of_image(net, i) for i in (IMAGES[image], changed))
            assert before == f"{first.probabilities.max():.2f}"
            assert float(after) == pytest.approx(then.probabilities[first.prediction], abs=0.0051)
        black = IMAGES[image][0] == 0
        coloured = black & (np.abs(found.falls) >= NOTICEABLE)
        assert re.findall(r"([\d.]+)% of the black pixels", how) == (
            [f"{100 * coloured.sum() / black.sum():.1f}"] if coloured.any() else []
        )
        alone = sum(bool(black[y : y + 5, x : x + 5].all()) for y, x in found.corners)
        assert re.findall(r"lies on black pixels \((\d+) places\) nothing changes", how) == (
            [str(alone)] if alone else []
        )
        assert np.abs(found.each[found.on_black]).max(initial=0) < 1e-5


def test_nothing_is_made_of_an_image_in_which_nothing_matters() -> None:
    net = inference.build(MODERN)
    found = occlusion.occlusion(net, BLACK)
    said = occlusion.explain(found, "Bag", "Coat")
    assert said.startswith("No pixel matters noticeably: the probability of **Bag**, 0.")
    assert not re.search("Red|Blue|rows|label", said)
    assert "(81 places) nothing changes" in occlusion.method(found) and "have a colour" not in occlusion.method(found)
    (_image, heat) = figure.occlusion(BLACK.astype(np.float32), found.falls).to_dict()["data"]
    assert np.abs(numbers(heat["z"])).max() < 0.01 * heat["zmax"], "rounding is pale"
    white = occlusion.occlusion(net, 255 - BLACK)
    assert "black pixels" not in occlusion.method(white), "there are none"


def test_under_a_wrong_answer_red_is_what_speaks_for_it() -> None:
    found = covered("reference-modern", 12)
    assert "The label is **Sneaker**: what is red speaks for a wrong answer." in occlusion.explain(
        found, "Sandal", "Sneaker"
    )
    assert "label" not in occlusion.explain(found, "Sandal")


def test_a_network_too_large_to_be_run_often_is_one_sentence() -> None:
    large = LeNetConfig(input_size=128, channels=(64, 64), hidden=())
    with pytest.raises(LenetError, match="have to run a hundred times"):
        occlusion.occlusion(inference.untrained(large), IMAGES[0])
    assert inference.affordable(LeNetConfig(), 10_000) == 10_000
    assert inference.affordable(large, 10_000) < 1000
