"""Visitors of a public server, and what they are refused for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from unittest import mock

import pytest

from lenet.common.errors import LenetError
from lenet.runs import visitors
from lenet.runs.visitors import Visitor, owner_of

ANN, BOB = (Visitor(owner_of(digit * 64)) for digit in "ab")


def acting_as(visitor: Visitor) -> AbstractContextManager[object]:
    """Context: on a public server it is this visitor who asks."""
    return mock.patch.object(visitors, "_of_session", lambda: visitor)


def code_of(action: Callable[[], object]) -> str:
    """The code of the error that an action raises."""
    with pytest.raises(LenetError) as caught:
        action()
    return caught.value.code
