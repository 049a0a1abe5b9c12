"""The grid of numbers that a reader edits: its values, its text forms and its component."""

from lenet.grid.text import MAX_TEXT, URL_NUMBERS, parse, parse_number, tidy, to_csv, to_text, to_url, with_cell
from lenet.grid.values import (
    LIMIT,
    MAX_CHANNELS,
    MAX_SIDE,
    Grid,
    GridError,
    counting,
    equal,
    from_picture,
    random,
    resized,
    sealed,
)

__all__ = [
    "LIMIT", "MAX_CHANNELS", "MAX_SIDE", "MAX_TEXT", "URL_NUMBERS", "Grid", "GridError",
    "counting", "equal", "from_picture", "parse", "parse_number", "random", "resized", "sealed",
    "tidy", "to_csv", "to_text", "to_url", "with_cell",
]  # fmt: skip
