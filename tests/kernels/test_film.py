"""The history of kernels as an animated GIF."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

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


def frame_of(raw: bytes, n: int = 0) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(raw)) as picture:
        picture.seek(n)
        return np.array(picture.convert("L"))


def test_the_film_says_step_and_epoch_and_numbers_its_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def text(self: Any, xy: Any, text: str, *args: Any, **more: Any) -> None:
        told.append(text)
        draw(self, xy, text, *args, **more)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    history = History(np.array([0, 3, 235]), random_kernels(3, 6, 1, 5, 5))
    film.gif(history, 235)
    numbers = [str(n) for n in range(1, 7)]
    expected = ["step 0, epoch 0.00", *numbers, "step 3, epoch 0.013", *numbers, "step 235, epoch 1.00", *numbers]
    assert told == expected
    told.clear()
    film.gif(history)
    assert told[0] == "step 0", "the length of an epoch is not known yet"


@pytest.mark.parametrize("shape", [(1, 6, 1, 5, 5), (1, 200, 1, 3, 3), (1, 96, 3, 11, 11), (1, 100, 1, 1, 1)])
def test_no_number_of_the_film_is_drawn_over(shape: tuple[int, ...]) -> None:
    """With kernels as white as the paper only texts are dark: those of black kernels are the same, in the same places."""
    same = History(np.zeros(1, int), np.zeros(shape, np.float32))
    other = History(np.zeros(1, int), np.ones(shape, np.float32))
    dark = frame_of(film.gif(same)) == 0
    assert dark.any() and (frame_of(film.gif(other))[dark] == 0).all()
    assert dark[:, -1].sum() == 0, "nothing runs out of the picture"
