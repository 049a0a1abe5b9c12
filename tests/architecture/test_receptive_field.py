"""Receptive fields, against gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray
from torch import nn

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers.receptive_field import Axis, receptive_fields
from lenet.architecture.network import layer_table
from lenet.common.errors import LenetError
from tests.helpers.dependence import linear, pixels_of
from tests.helpers.strategies import settings_of_a_net


def masks(axis: Axis) -> NDArray[np.bool_]:
    """Of each place (row) the pixels (columns) that are seen."""
    return np.array([[bool(seen >> i & 1) for i in range(axis.pixels)] for seen in axis.seen])


@settings(max_examples=60, deadline=None)
@given(settings_of_a_net())
def test_receptive_fields_are_where_gradients_come_from(values: dict[str, Any]) -> None:
    """Of numbers in every layer, those in the corners among them: the pixels with a gradient are those of the field."""
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    net, chance = linear(config), random.Random(0)
    for layer, field in enumerate(receptive_fields(config.layers)):
        assert field is not None
        rows, columns = masks(field.height), masks(field.width)
        last = (len(rows) - 1, len(columns) - 1)
        places = [(0, 0), last, *((chance.randint(0, last[0]), chance.randint(0, last[1])) for _ in range(2))]
        for (y, x), seen in zip(places, pixels_of(net, layer, config.input_shape, places), strict=True):
            np.testing.assert_array_equal(seen, np.outer(rows[y], columns[x]), f"layer {layer}, place {y}, {x}")


@settings(max_examples=200, deadline=None)
@given(settings_of_a_net())
def test_what_is_told_of_a_field_follows_from_its_pixels(values: dict[str, Any]) -> None:
    try:
        config = LeNetConfig.from_dict(values)
    except LenetError:
        return
    for field in receptive_fields(config.layers):
        assert field is not None
        rows, columns = masks(field.height), masks(field.width)
        counts = np.outer(rows.sum(1), columns.sum(1))
        assert (np.prod(field.most), np.prod(field.fewest)) == (counts.max(), counts.min())
        assert field.unseen == (~np.outer(rows.any(0), columns.any(0))).sum()
        assert field.is_whole_image == bool(rows.all() and columns.all())
        assert field.is_part == (counts.max() > 0 and not field.is_whole_image)
        assert field.has_neighbours == (counts.size > 1)
        assert field.has_gaps == any("01" in runs(mask) for mask in (*rows, *columns))
        for axis, seen in ((field.height, rows), (field.width, columns)):
            for i, (mask, (first, end)) in enumerate(zip(seen, axis.extents, strict=True)):
                inside = np.flatnonzero(mask)
                assert (first, end) == ((inside[0], inside[-1] + 1) if len(inside) else (0, 0))
                begin = axis.start + i * axis.step
                assert not len(inside) or begin <= first < end <= begin + axis.size, "the pixels lie in the field"


def runs(mask: NDArray[np.bool_]) -> str:
    """What comes behind the first pixel that is seen: `01` in it is a gap."""
    return "".join("1" if seen else "0" for seen in mask).strip("0")


def test_a_network_that_does_not_look_at_its_last_rows_and_columns() -> None:
    """Two 3×3 convolutions without padding: 28 → 26 → 13 → 11 → 5, and the last of 11 rows fills no window."""
    field = receptive_fields(LeNetConfig(kernel_size=(3, 3), padding=(0, 0)).layers)[7]
    assert field is not None and not field.is_whole_image
    assert (field.most, field.fewest, field.unseen) == ((26, 26), (26, 26), 108)
    assert field.height.extents == [(0, 26)]


def test_the_fields_of_the_note() -> None:
    fields = receptive_fields(LeNetConfig().layers)
    assert [(f.size, f.step, f.height.start) for f in fields[:6:5] if f] == [
        ((5, 5), (1, 1), -2),
        ((16, 16), (4, 4), -2),
    ]
    assert [f.fewest for f in fields[:7:3] if f] == [(3, 3), (12, 12), (14, 14)]
    assert all(f and f.is_whole_image for f in fields[7:])


def test_a_network_of_vectors_has_no_fields() -> None:
    rows = layer_table(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), (5, 4))
    assert receptive_fields(rows) == (None, None)
