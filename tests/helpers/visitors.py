"""Visitors of a public server, and what they are refused for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lenet.common.errors import LenetError
from lenet.runs.visitors import Visitor, owner_of

ANN, BOB = (Visitor(owner_of(digit * 64)) for digit in "ab")


def code_of(action: Callable[[], object]) -> str:
    """The code of the error that an action raises."""
    with pytest.raises(LenetError) as caught:
        action()
    return caught.value.code
