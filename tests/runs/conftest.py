"""A public server and its visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lenet.runs.visitors import Visitor
from tests.helpers.visitors import ANN, acting_as


@pytest.fixture
def as_(hosted: None) -> Iterator[Callable[[Visitor], None]]:
    """On a public server: from now on it is this visitor who asks; Ann to begin with."""
    with ExitStack() as stack:

        def become(visitor: Visitor) -> None:
            stack.enter_context(acting_as(visitor))

        become(ANN)
        yield become
