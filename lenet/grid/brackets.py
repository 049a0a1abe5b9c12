"""Lists of numbers as Python, NumPy and PyTorch print them: `tensor([[0., 1.], [2., 3.]], device='cuda:0')`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lenet.common import numbers
from lenet.grid.values import GridError

_PROMPT = re.compile(r"(?:In|Out)\s*\[\d+\]:")
_LIST = re.compile(r"([^\[\]]*)(\[.*\])([^\[\]]*)", re.DOTALL)
_BEFORE = re.compile(
    r"(>>>)?\s*(<tf\.Tensor:.*numpy=|[^()]*[:=])?\s*"
    r"((\w+\.)*(tensor|array|asarray|matrix|Array|Parameter|\w*Tensor)\s*\(\s*){0,2}",
    re.DOTALL,
)
"""A name, as in `X =` or `Parameter containing:`, and calls that leave numbers as they are, as in `torch.tensor(`."""
_AFTER = re.compile(r"\s*(,\s*\w+\s*=.*)?[\s)>,;]*", re.DOTALL)
"""The call's other arguments: `, dtype=float32)`, `, grad_fn=<MaxPool2DWithIndicesBackward0>)`."""
_TOKEN = re.compile(r"[\[\],;]|[^\s\[\],;]+")
_SCALAR = re.compile(r"[A-Za-z_][\w.]*\(([^()\[\],]*)(,[^()\[\]]*)?\)")
"""A single number as NumPy 2 and PyTorch print it: `np.float64(1.5)`, `tensor(1.5, device='cuda:0')`."""
_CALL = re.compile(r"[A-Za-z_][\w.]*\(|\)|\w+=.*")
"""What is left of `array([1, 2], dtype=int8)` within a list once its own list is taken out."""

_MAX_DIMENSIONS = 4
_DEEPEST = 32
"""Lists in lists in lists …, at most: more than any array has."""


def is_scalar(text: str) -> bool:
    """Whether the text is a single number in a call: `tensor(1.5)`."""
    return bool(_SCALAR.fullmatch(text.strip()))


def candidate(text: str) -> tuple[list[list[list[str]]], Callable[[str], float | None], tuple[str, ...]]:
    """The cells of a list, channel by channel, and how to read them, as `lenet.grid.reading` takes it.

    A list of numbers is a row, of rows a channel, of channels a grid; a fourth axis may have one sample. Raises GridError.
    """
    if scalar := _SCALAR.fullmatch(text.strip()):
        return [[[scalar[1]]]], numbers.with_point, ()
    text = text.lstrip()
    prompt = _PROMPT.match(text)
    found = _LIST.fullmatch(text[prompt.end() :] if prompt else text)
    if not found:
        raise GridError("grid_list_uneven")
    before, inside, after = found.groups()
    if not _BEFORE.fullmatch(before) or not _AFTER.fullmatch(after):
        strange = after.strip() if _BEFORE.fullmatch(before) else before.strip()
        raise GridError("grid_not_list", value=strange if len(strange) <= 40 else strange[:39] + "…")
    array = _nested(inside)
    dimensions = _dimensions(array)
    if dimensions > _MAX_DIMENSIONS:
        raise GridError("grid_dimensions", found=dimensions, limit=_MAX_DIMENSIONS)
    if dimensions == _MAX_DIMENSIONS and len(array) > 1:
        raise GridError("grid_batch", found=len(array))
    for _missing in range(3 - dimensions):
        array = [array]
    if dimensions == _MAX_DIMENSIONS:
        return array[0], numbers.with_point, ("batch",)
    return array, numbers.with_point, ()


def _nested(text: str) -> list[Any]:
    """The list as lists of texts. Lists one after the other, as a loop prints them, are those of one list."""
    if ";" in text and text.count("[") == 1:  # MATLAB’s form: [1 2; 3 4]
        text = f"[{text.replace(';', '][')}]".replace("[]", "")
    stack: list[list[Any]] = [[]]
    before = "["
    for token in _TOKEN.findall(text):
        if token == "[":
            stack.append([])
            if len(stack) > _DEEPEST:
                raise GridError("grid_dimensions", found=len(stack) - 1, limit=_MAX_DIMENSIONS)
        elif token == "]":
            if len(stack) < 2:
                raise GridError("grid_list_uneven")
            done = stack.pop()
            stack[-1].append(done)
        elif token == ",":
            if before in (",", "["):
                stack[-1].append("")  # nothing stands between two commas
        elif len(stack) == 1:
            raise GridError("grid_not_list", value=token[:40])
        elif not _CALL.fullmatch(token) or _SCALAR.fullmatch(token):
            scalar = _SCALAR.fullmatch(token)
            stack[-1].append(scalar[1] if scalar else token)
        before = token
    if len(stack) != 1:
        raise GridError("grid_list_uneven")
    return stack[0][0] if len(stack[0]) == 1 else stack[0]


def _dimensions(array: list[Any]) -> int:
    """How many axes nested lists have. Raises GridError where numbers and lists stand side by side, or for no number."""
    kinds = {isinstance(each, list) for each in array}
    if not kinds:
        raise GridError("grid_empty")
    if kinds == {False}:
        return 1
    depths = {_dimensions(each) for each in array if isinstance(each, list)}
    if len(kinds) > 1 or len(depths) > 1:
        raise GridError("grid_list_uneven")
    return 1 + depths.pop()
