"""Data sets for tests: the sample that comes with the app, and folders of made-up images in the idx format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet import data
from lenet.architecture.images import LabelledImages
from tests.helpers.idx import write_idx

FASHION = data.DATA_SETS[data.DEFAULT]
SAMPLE = LabelledImages(FASHION, *data.load("test", "sample"))
"""Its test images."""
NAMES = FASHION.class_names()


def made_up(labels: NDArray[np.int64], height: int, width: int) -> NDArray[np.uint8]:
    """Images (N, height, width) that a network learns to tell apart: a bright spot, at a place of its own for each class."""
    rows, columns = np.mgrid[:height, :width]
    places = np.random.default_rng(0).uniform(0.2, 0.8, (int(labels.max()) + 1, 2))[labels] * (height, width)
    far = np.hypot(rows - places[:, 0, None, None], columns - places[:, 1, None, None])
    return np.asarray((255 * np.exp(-((far / 4) ** 2))).round(), np.uint8)


def write_folder(folder: Path, description: data.DataSet, *, side: int = 28) -> Path:
    """The idx files of a data set, as it stores them, with as many made-up images as it says; each class has some."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, (images_name, labels_name) in description.files.items():
        labels = np.arange(description.sizes[split]) % len(description.classes)
        images = made_up(labels, side, side)
        write_idx(folder / images_name, images.swapaxes(1, 2) if description.transposed else images)
        write_idx(folder / labels_name, labels + description.first_label)
    return folder
