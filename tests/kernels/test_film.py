"""The history of kernels as an animated GIF."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lenet.kernels import film
from lenet.kernels.history import History
from tests.helpers.kernels import random_history, random_kernels


def test_the_film_shows_every_weight_in_its_colour() -> None:
    history = History(np.array([0, 1, 9]), random_kernels(3, 6, 1, 5, 5).clip(-1, 1))
    history.kernels[0, 0, 0, 0, :3] = -2, 0, 2
    film_bytes = film.gif(history)
    with Image.open(io.BytesIO(film_bytes)) as picture:
        assert picture.format == "GIF" and picture.n_frames == 3
        first = np.array(picture.convert("RGB"))
        colours = {tuple(c) for c in first.reshape(-1, 3).tolist()}
        for expected in ((5, 48, 97), (247, 247, 247), (103, 0, 31)):  # the ends and the middle of the scale
            assert expected in colours
        durations = []
        for n in range(3):
            picture.seek(n)
            durations.append(picture.info["duration"])
        assert durations[-1] > 1000 > durations[0]


@pytest.mark.parametrize("shape", [(1, 1, 1, 1, 1), (4, 64, 1, 11, 11), (200, 6, 1, 5, 5), (2, 16, 6, 5, 5)])
def test_films_of_other_walls(shape: tuple[int, ...]) -> None:
    history = random_history(*shape)
    raw = film.gif(history)
    with Image.open(io.BytesIO(raw)) as picture:
        assert picture.n_frames == min(shape[0], film.FRAMES)
        assert picture.width <= 900 and picture.height <= 1600
