"""What a network says of an image, in words. No torch here."""

from __future__ import annotations

from collections.abc import Iterable

from lenet import data
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _


def verdict(prediction: int, label: int | None, probability: float, classes: int = 10) -> str:
    """What is predicted, and whether it is what the image is labelled as, where that is known (Markdown)."""
    names = data.class_names(classes)
    if label is None or classes != len(data.data_set().classes):
        text = _("Predicted: **{prediction}**, softmax {probability:.3f}.")
        return text.format(prediction=names[prediction], probability=probability)
    if prediction == label:
        text = _(":green-badge[right] Predicted: **{prediction}**, softmax {probability:.3f}.")
    else:
        text = _(":red-badge[wrong] Predicted: **{prediction}**, softmax {probability:.3f}; labelled: **{label}**.")
    return text.format(prediction=names[prediction], label=names[label], probability=probability)


def captions(labels: Iterable[int], values: Iterable[float]) -> list[str]:
    """Class and value of each of some images, on two lines."""
    names = data.data_set().class_names()
    return [f"{names[int(c)]}<br>{v:.3g}".replace("-", "−") for c, v in zip(labels, values, strict=True)]


def preparation(size: tuple[int, int], used: tuple[int, int], channels: int = 1, labelled: bool = True) -> str:
    """What the outputs mean, and what was done to the pixels of an image of `size` for a network of `used`."""
    scaled = _("The image of {a} is scaled to {b} for this network.")
    grey = _("Each of its {n} input channels gets the same grey image.")
    return paragraph(
        _(
            "The logits are the outputs of the last layer: any real numbers. Softmax turns them into "
            "numbers from 0 to 1 that sum to 1."
        ),
        _("The class in bold is the image’s label.") if labelled else "",
        _("Before the first layer the pixels are divided by 255, and nothing else is done to them."),
        scaled.format(a=f"{size[0]}×{size[1]}", b=f"{used[0]}×{used[1]}") if size != used else "",
        grey.format(n=channels) if channels > 1 else "",
    )
