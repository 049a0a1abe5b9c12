"""Lessons that ask first, then show: each begins with a question, whose answer the page hides until it is given.

Each subject has its lessons in its own folder (`lenet/pooling/lessons.py` …), and `pages/parts/lessons.py` shows them.
"""

from lenet.lessons.lesson import Lesson
from lenet.lessons.questions import Option, choose, compare

__all__ = ["Lesson", "Option", "choose", "compare"]
