"""Everybody trains: the wall at the front, and one's own run on the phone."""

from __future__ import annotations

from lenet.classroom import Activity
from lenet.ui import ClassHere


def teach(here: ClassHere) -> None:
    """The tab of whoever leads the class."""


def take_part(here: ClassHere, activity: Activity) -> None:
    """What a member of the class sees of it."""
