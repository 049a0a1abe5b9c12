"""What networks answer to one image, in sentences that depend on whether the answer is right, wrong, or unknown. No torch here.

Probabilities are softmax outputs, (classes,); `names` are the classes by label, in the reader's language. Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import paragraph
from lenet.common.translation import translate as _

Probabilities = NDArray[Any]


def of_blank(image: NDArray[np.uint8], name: str, probability: float, classes: int) -> str:
    """What an answer is worth that a network gives to an image (1, height, width) in which there is nothing to see."""
    low, high = int(image.min()), int(image.max())
    saw = (
        _("The network saw {size} pixels, all of them {low} on the scale from 0 (black) to 255 (white).")
        if low == high
        else _("The network saw {size} pixels between {low} and {high} on the scale from 0 (black) to 255 (white).")
    )
    answers = _("It answers all the same: **{name}**, softmax {probability:.3f}.")
    proof = (
        _("Softmax is not certainty, and here is the proof: it only tells how the {n} outputs compare.")
        if probability >= 0.5
        else _(
            "One class always comes first: softmax tells how the {n} outputs compare, not whether there is anything."
        )
    )
    return paragraph(
        _("There is nothing to see in this picture."),
        saw.format(size="×".join(map(str, image.shape[1:])), low=low, high=high),
        answers.format(name=name, probability=probability),
        proof.format(n=classes),
    )


def without_label(classes: int) -> str:
    """What nobody can tell of a picture of the reader's own."""
    return _(
        "This picture has no label: whether the answer is right, only you can say. Whatever it shows, the answer is one of "
        "these {n} classes."
    ).format(n=classes)


def what_training_changed(
    trained: Mapping[str, Probabilities],
    untrained: Mapping[str, Probabilities],
    label: int | None,
    names: Sequence[str],
) -> str:
    """What trained networks make of an image, and what untrained ones do; `label` is None where nobody knows it."""
    sentences = [_one(name, p, label, names) for name, p in trained.items()]
    sentences += [_untrained(name, p, label, names) for name, p in untrained.items()]
    if trained:
        sentences.append(_in_all(list(trained.values()), label))
    return paragraph(*sentences)


def _one(network: str, p: Probabilities, label: int | None, names: Sequence[str]) -> str:
    predicted = int(p.argmax())
    if label is None:
        text = _("**{network}**: {prediction}, {probability:.2f}.")
    elif predicted == label:
        text = _("**{network}** is right: {prediction}, {probability:.2f}.")
    else:
        text = _("**{network}** is wrong: {prediction}, {probability:.2f}; it gives {label} {own:.2f}.")
    own = {} if label is None else {"label": names[label], "own": float(p[label])}
    return text.format(network=network, prediction=names[predicted], probability=float(p[predicted]), **own)


def _untrained(network: str, p: Probabilities, label: int | None, names: Sequence[str]) -> str:
    if label is None:
        text = _("**{network}** gives each class between {low:.2f} and {high:.2f}.")
        return text.format(network=network, low=float(p.min()), high=float(p.max()))
    text = _("**{network}** gives {label} {own:.2f}, and each class between {low:.2f} and {high:.2f}.")
    low, high, own = float(p.min()), float(p.max()), float(p[label])
    return text.format(network=network, label=names[label], own=own, low=low, high=high)


def _in_all(answers: Sequence[Probabilities], label: int | None) -> str:
    """What the answers of the trained networks show together."""
    predictions = {int(p.argmax()) for p in answers}
    if label is None:
        if len(predictions) > 1:
            return _("They do not agree, and the picture has no label that would tell which is right.")
        return _("The picture has no label that would tell whether that is right.")
    if predictions != {label}:
        return _(
            "Training lowers the mean loss over all training images. It does not make the right class come first for "
            "every image, as here."
        )
    if min(float(p[label]) for p in answers) >= 0.5:
        return _("Training moved the weights until the right class stood out.")
    return _("Training moved the weights until the right class came first, if only just.")
