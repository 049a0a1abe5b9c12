"""The grid of numbers that a reader edits: its values, its text forms and its component."""

from lenet.grid.reading import MAX_TEXT, AmbiguousText, Reading, from_url, parse, read
from lenet.grid.text import MOST_EDITS, URL_NUMBERS, parse_number, tidy, to_csv, to_text, to_url, with_cell
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
    "LIMIT", "MAX_CHANNELS", "MAX_SIDE", "MAX_TEXT", "MOST_EDITS", "URL_NUMBERS", "AmbiguousText", "Grid", "GridError", "Reading",
    "counting", "equal", "from_picture", "from_url", "parse", "parse_number", "random", "read", "resized",
    "sealed", "tidy", "to_csv", "to_text", "to_url", "with_cell",
]  # fmt: skip
