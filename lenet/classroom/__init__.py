"""A class: one code on the projector, a number for every phone, and what they are shown and do together.

>>> from lenet import classroom
>>> opened = classroom.open_class(owner="…")
>>> classroom.join(opened.code, owner="another").number
1
"""

from lenet.classroom.classroom import Activity, Answer, Classroom, Member, Stage, code_of
from lenet.classroom.entrance import Entered, enter, look_up, take_over
from lenet.classroom.errors import ClassError
from lenet.classroom.keepsake import record
from lenet.classroom.people import join, leave, member_of, members, of
from lenet.classroom.presence import Present, present
from lenet.classroom.store import close, find, find_open, list_classes, list_open, open_class
from lenet.classroom.view import change_stage, lead, stage
from lenet.classroom.work import (
    activities,
    activity,
    answer,
    answers,
    answers_stamp,
    begin,
    change_activity,
    current,
    end_activity,
)

__all__ = [
    "Activity", "Answer", "ClassError", "Classroom", "Entered", "Member", "Present", "Stage", "activities", "activity",
    "answer", "answers", "answers_stamp", "begin", "change_activity", "change_stage", "close", "code_of", "current",
    "end_activity", "enter", "find", "find_open", "join", "lead", "leave", "list_classes", "list_open", "look_up",
    "member_of", "members", "of", "open_class", "present", "record", "stage", "take_over",
]  # fmt: skip
