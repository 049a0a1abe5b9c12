"""The sentences under a prediction: right, wrong or unknown, with the numbers of the networks that are shown."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet import data, runs
from lenet.architecture import answers, inference, weights
from lenet.architecture.configuration import LeNetConfig

IMAGES, LABELS = data.load("test", "sample")
NAMES = data.class_names(10)
TRAINED = {run.id: inference.build(weights.of_run(run)) for run in runs.references()}
UNTRAINED = {"new": inference.untrained(LeNetConfig())}

Softmax = dict[str, NDArray[np.float32]]


def asked(image: NDArray[np.uint8]) -> tuple[Softmax, Softmax]:
    trained, untrained = (
        {name: inference.softmax(net, image[None])[0] for name, net in nets.items()} for nets in (TRAINED, UNTRAINED)
    )
    return trained, untrained


def in_all(text: str) -> dict[str, bool]:
    return {
        "stood out": "until the right class stood out." in text,
        "first": "until the right class came first, if only just." in text,
        "fails": "It does not make the right class come first for every image, as here." in text,
    }


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_what_training_changed_is_told_as_it_is(start: int) -> None:
    """Fifty images a time, right and wrong: every number is that of the networks."""
    for image, label in zip(IMAGES[start : start + 50], LABELS[start : start + 50], strict=True):
        trained, untrained = asked(image)
        said = answers.what_training_changed(trained, untrained, int(label), NAMES)
        for name, p in trained.items():
            right = p.argmax() == label
            assert (f"**{name}** is right: {NAMES[label]}, {p.max():.2f}." in said) == right
            wrong = (
                f"**{name}** is wrong: {NAMES[p.argmax()]}, {p.max():.2f}; it gives {NAMES[label]} {p[label]:.2f}."
            )
            assert (wrong in said) == (not right)
        new = untrained["new"]
        assert (
            f"**new** gives {NAMES[label]} {new[label]:.2f}, and each class between {new.min():.2f} and {new.max():.2f}"
            in said
        )
        all_right = all(p.argmax() == label for p in trained.values())
        sure = all_right and min(p[label] for p in trained.values()) >= 0.5
        assert in_all(said) == {"stood out": sure, "first": all_right and not sure, "fails": not all_right}


def test_of_a_picture_without_a_label_nothing_is_right_or_wrong() -> None:
    for image in IMAGES[:60]:
        trained, untrained = asked(image)
        said = answers.what_training_changed(trained, untrained, None, NAMES)
        assert not re.search(r"\*\* is|stood out|come first", said)
        agree = len({p.argmax() for p in trained.values()}) == 1
        assert ("They do not agree" in said) == (not agree)
        assert "no label that would tell" in said
        for name, p in trained.items():
            assert f"**{name}**: {NAMES[p.argmax()]}, {p.max():.2f}." in said
    assert "only you can say" in answers.without_label(10) and "these 10 classes" in answers.without_label(10)


def test_without_a_trained_network_nothing_is_said_of_training() -> None:
    _trained, untrained = asked(IMAGES[0])
    said = answers.what_training_changed({}, untrained, 9, NAMES)
    assert said.startswith("**new** gives Ankle boot 0.") and "raining" not in said


@pytest.mark.parametrize("value", [0, 90, 255])
@pytest.mark.parametrize("noise", [0, 15])
def test_an_answer_to_a_blank_picture_is_shown_for_what_it_is(value: int, noise: int) -> None:
    """With the network's own number, and with what the network saw."""
    image: NDArray[Any] = np.full((1, 28, 28), value) + np.random.default_rng(0).integers(0, noise + 1, (1, 28, 28))
    image = image.clip(0, 255).astype(np.uint8)
    for net in (*TRAINED.values(), *UNTRAINED.values()):
        found = inference.of_image(net, image)
        p = found.probabilities[found.prediction]
        said = answers.of_blank(image, NAMES[found.prediction], p, 10)
        low, high = image.min(), image.max()
        assert f"**{NAMES[found.prediction]}**, softmax {p:.3f}." in said
        saw = f"28×28 pixels, all of them {low} on" if low == high else f"28×28 pixels between {low} and {high} on"
        assert saw in said
        assert ("Softmax is not certainty, and here is the proof" in said) == (p >= 0.5)
        assert ("One class always comes first" in said) == (p < 0.5)
