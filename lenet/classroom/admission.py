"""Who may open a class on a public server, and for how long somebody waits who tries out codes.

On a laptop everybody opens as many as they like, but for guests who may only look; and join may whoever knows the code.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from lenet.classroom.classroom import Classroom
from lenet.classroom.errors import ClassError
from lenet.runs import admission, rules
from lenet.runs.visitors import check_may_act, visitor


def check_may_open(classes: Sequence[Classroom], owner: str) -> None:
    """Raises LenetError if the current visitor, whose browser is `owner`, may open no class beside those that there are."""
    check_may_act()
    limits = rules.my_limits()
    if limits is None:
        return
    still_open = [known for known in classes if known.is_open]
    if len(still_open) >= limits.classes:
        raise ClassError("too_many_classes", limit=limits.classes)
    own = sum(known.owner == owner for known in still_open)
    if own >= limits.classes_of_visitor:
        raise ClassError("too_many_of_yours", value=own, limit=limits.classes_of_visitor)
    if address := visitor().address:
        here = sum(known.address == address for known in still_open)
        if here >= (most := limits.classes_of_visitor * admission.visitors_here()):
            raise ClassError("too_many_from_here", value=here, limit=most)


# -- codes that are tried out ------------------------------------------------------------------------------------------

WRONG_AT_ONCE = 100  # codes from one address: all of a school mistype theirs
ANOTHER_EVERY = 2.0  # seconds, after that
MAX_ADDRESSES = 10_000  # that are remembered


class Guesses:
    """Counts wrong codes by network address, and has one that has sent too many wait. A server process has one instance.

    There are 130,321 codes. Whoever tries them out has a hundred at once and thirty a minute after that; a class at the same
    address waits for two seconds at most.
    """

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By address: how many wrong codes it may still send, and when that was so. The last to try is the last."""

    def check(self, address: str) -> None:
        """Raises ClassError if that address has to wait."""
        with self._counting:
            left = self._now(address)
        if left < 1:
            raise ClassError("class_guessing", seconds=math.ceil((1 - left) * ANOTHER_EVERY))

    def note_wrong(self, address: str) -> None:
        with self._counting:
            left = self._now(address) - 1
            self._left.pop(address, None)
            self._left[address] = (left, time.monotonic())
            if len(self._left) > MAX_ADDRESSES:
                self._left.popitem(last=False)

    def _now(self, address: str) -> float:
        left, since = self._left.get(address, (float(WRONG_AT_ONCE), 0.0))
        return min(left + (time.monotonic() - since) / ANOTHER_EVERY, float(WRONG_AT_ONCE))


guesses = Guesses()
