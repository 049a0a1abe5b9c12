"""Which image comes next, and the mean of a class."""

from __future__ import annotations

import numpy as np

from lenet.architecture import images
from lenet.architecture.images import LabelledImages
from tests.helpers.data_sets import FASHION, SAMPLE

IMAGES, LABELS = SAMPLE.images, SAMPLE.labels


def test_another_image_goes_round_within_its_class() -> None:
    labels = np.array([3, 1, 3, 2, 3])
    assert [images.next_of_class(labels, i, None) for i in range(5)] == [1, 2, 3, 4, 0]
    assert [images.next_of_class(labels, i, 3) for i in range(5)] == [2, 2, 4, 4, 0]
    assert images.next_of_class(labels, 2, 2) == 3 and images.next_of_class(labels, 3, 2) == 3
    assert images.next_of_class(labels, 1, 9) == 1, "there is none of that class: stay"
    assert images.next_of_class(labels, -1, 3) == 0


def test_the_next_of_an_order_goes_round() -> None:
    order = np.array([5, 2, 9])
    assert [images.next_in(order, i, 1) for i in (5, 2, 9, 7)] == [2, 9, 5, 5]
    assert images.next_in(order, 5, 0) == 5 and images.next_in(np.array([], np.int64), 4, 1) == 4


def test_the_mean_of_a_class() -> None:
    mean = SAMPLE.class_mean(9)
    assert mean.shape == (1, 28, 28) and mean.dtype == np.uint8
    np.testing.assert_allclose(mean, IMAGES[LABELS == 9].mean(0), atol=0.51)


def test_only_classes_with_images_have_names() -> None:
    """A class without an image has no mean, and no next image."""
    some = LabelledImages(FASHION, IMAGES[:4], np.array([9, 2, 1, 1]))
    assert some.class_names() == {1: "Trouser", 2: "Pullover", 9: "Ankle boot"}


def test_labelled_images_are_a_key_by_their_arrays() -> None:
    one, again = SAMPLE, LabelledImages(FASHION, IMAGES, LABELS)
    assert one == again and hash(one) == hash(again)
    assert one != LabelledImages(FASHION, IMAGES.copy(), LABELS)
