"""What the exercises on networks have in common: a network that can be built, and the table of its layers."""

from __future__ import annotations

from typing import Any

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import LayerRow, Place
from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.exercises.kinds import Random
from lenet.exercises.panels import Table
from lenet.exercises.text import Text

SUBJECT = "architecture"
LAYER, SHAPE, PARAMETERS = Text(N_("Layer")), Text(N_("Output")), Text(N_("Parameters"))
NETWORK = Text(N_("The network"))


def network(random: Random, *, strided: bool = False, small: bool = False) -> LeNetConfig | None:
    """A network of one or two convolutions that can be built; None if the drawn one cannot."""
    n = int(random.integers(1, 3))

    def drawn(options: tuple[int, ...], count: int = n) -> tuple[int, ...]:
        return tuple(int(options[int(random.integers(len(options)))]) for _each in range(count))

    kernels = drawn((3, 5, 7))
    try:
        return LeNetConfig(
            in_channels=drawn((1, 1, 3), 1)[0],
            input_size=drawn((12, 16, 20) if small else (20, 24, 28, 32, 40), 1)[0],
            channels=drawn((2, 3, 4) if small else (4, 6, 8, 12, 16)),
            kernel_size=kernels,
            padding=tuple(int(random.integers(0, k // 2 + 1)) for k in kernels),
            stride=drawn((1, 2, 3)) if strided else (1,) * n,
            activation="relu",
            pooling=("max", "avg")[int(random.integers(2))],
            hidden=drawn((8, 10, 20) if small else (32, 64, 84, 120), 1),
        )
    except LenetError:
        return None


def window_of(row: LayerRow) -> tuple[int, int, int]:
    """Kernel, stride and padding of a square window."""
    assert row.kernel_size and row.stride and row.padding
    return row.kernel_size[0], row.stride[0], row.padding[0]


def code(config: LeNetConfig, row: LayerRow) -> str:
    """A layer as it stands in PyTorch: `Conv2d(1, 6, kernel_size=5)`."""
    return row.kind.code(Place(config.layers, int(row.name))).removeprefix("nn.")


def shapes_from(config: LeNetConfig, row: LayerRow) -> frozenset[tuple[int, int]]:
    """The shapes from a layer on, in the table of the network."""
    return frozenset((n, 1) for n in range(int(row.name), len(config.layers)))


def network_table(
    config: LeNetConfig, *, asked: LayerRow | None = None, hidden: frozenset[tuple[int, int]] = frozenset(),
    until: int | None = None, parameters: bool = False,
) -> Table:  # fmt: skip
    """The layers of a network, up to `until`, with the shapes that they put out."""
    rows: list[tuple[Any, ...]] = []
    for row in config.layers[:until]:
        written = f"Linear(…, {row.output_shape[1]})" if row.kind.group == "dense" else code(config, row)
        shown = (f"{int(row.name) + 1} · {written}", row.output_shape[1:])
        rows.append((*shown, row.params) if parameters else shown)
    marked = frozenset({int(asked.name)}) if asked else frozenset()
    kept = frozenset(cell for cell in hidden if cell[0] < len(rows))
    title = Text(N_("The network, for images of {shape}"), {"shape": config.input_shape[1:]})
    return Table(title, (LAYER, SHAPE, *([PARAMETERS] if parameters else [])), tuple(rows), kept, marked)
