"""Visitors of a public server, and what they are refused for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest import mock

import pytest

from lenet.common.errors import LenetError
from lenet.runs import sign_in, visitors
from lenet.runs.visitors import Visitor, owner_of

PASSWORD = "correct horse battery staple"
ANN, BOB = (Visitor(owner_of(digit * 64)) for digit in "ab")


def acting_as(visitor: Visitor) -> AbstractContextManager[object]:
    """Context: on a public server it is this visitor who asks."""
    return mock.patch.object(visitors, "_of_session", lambda: visitor)


@contextmanager
def signed_in() -> Iterator[None]:
    """Context: the operator's password is PASSWORD, and the browser has a valid cookie."""
    from lenet.ui import sign_in as ui  # and with it Streamlit, which most tests do without

    cookie = sign_in.new_cookie(PASSWORD)
    with mock.patch.multiple(ui, _cookie=lambda: cookie, _operator_password=lambda: PASSWORD):
        yield


def code_of(action: Callable[[], object]) -> str:
    """The code of the error that an action raises."""
    with pytest.raises(LenetError) as caught:
        action()
    return caught.value.code
