"""The test images that tell most of a network."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lenet import runs
from lenet.architecture import examples, inference, weights
from lenet.architecture.images import LabelledImages
from tests.helpers.data_sets import SAMPLE

IMAGES, LABELS = SAMPLE.images, SAMPLE.labels
MODERN = weights.of_run(runs.find("reference-modern"))


def test_mistakes_are_the_wrong_answers_worst_first() -> None:
    p = examples.test_set_softmax(MODERN, SAMPLE)
    assert p.shape == (1000, 10)
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(p[3], inference.of_image(inference.build(MODERN), IMAGES[3]).probabilities, atol=1e-5)
    wrong = examples.mistakes(MODERN, SAMPLE)
    assert 50 < len(wrong) < 150, "91 % of the test images are right"
    assert set(wrong) == {i for i in range(1000) if p[i].argmax() != LABELS[i]}
    own = [p[i, LABELS[i]] for i in wrong]
    assert own == sorted(own)


def test_the_most_exciting_images_are_those_with_the_largest_number() -> None:
    found = examples.of_channel(MODERN, 3, 2, SAMPLE, n=5)
    assert found.images == 1000
    each = [inference.of_image(inference.build(MODERN), image).layers[3].values[2] for image in IMAGES]
    peaks = np.array([v.max() for v in each])
    assert set(found.strongest) == set(np.argsort(-peaks)[:5])
    np.testing.assert_allclose(found.largest, np.sort(peaks)[::-1][:5], rtol=1e-5)
    mean = np.mean([v.mean() for v, label in zip(each, LABELS, strict=True) if label == 8])
    assert found.class_means[8] == pytest.approx(mean, rel=1e-4)
    dense = examples.of_channel(MODERN, 11, 9, SAMPLE)
    assert LABELS[dense.strongest[0]] == 9, "the logit of boots is largest for a boot"


def test_a_class_without_images_has_no_mean() -> None:
    few = LabelledImages(SAMPLE.data_set, IMAGES[:3], LABELS[:3])
    means = examples.of_channel(MODERN, 0, 0, few).class_means
    assert [not math.isnan(mean) for mean in means] == [label in LABELS[:3] for label in range(10)]
