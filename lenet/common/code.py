"""Values as a reader would write them in Python code."""

from __future__ import annotations

from typing import Any


def short(value: object) -> str:
    """An argument: one number for a pair of two that are equal."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value[0] if isinstance(value, tuple) and value[0] == value[1] else value)


def numbers(values: Any, indent: int = 1) -> str:
    """Nested lists of numbers, a row on a line and an empty line between two planes.

    `indent` is how many brackets stand before these lists on their line.
    """
    if not isinstance(values[0], list):
        return "[" + ", ".join(map(repr, values)) + "]"
    is_plane = not isinstance(values[0][0], list)
    between = ",\n" + ("" if is_plane else "\n") + " " * indent
    return "[" + between.join(numbers(each, indent + 1) for each in values) + "]"
