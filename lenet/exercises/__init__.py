"""Exercises: a question about a figure that hides what is asked, its right answer, and what known mistakes lead to.

Each subject has its kinds of exercise in its own folder (`lenet/pooling/exercises.py` …): a kind is one entry of KINDS. An
exercise is drawn from a kind and a seed, and is the same for everybody:

>>> from lenet import exercises, pooling
>>> from lenet.pooling import exercises as _
>>> exercise = exercises.KINDS["pool-size"].make(seed=1)
>>> exercise.grade(exercise.answer).is_right
True

NumPy alone; `component/` asks an exercise on a page and keeps the reader's progress.
"""

from lenet.exercises.exercise import Exercise, Mistake, Question, Verdict
from lenet.exercises.form import Answer, Form, ask_cell, ask_choice, ask_number, ask_shape
from lenet.exercises.kinds import KINDS, LEVELS, Draft, Kind, kind, of_subject
from lenet.exercises.panels import Grid, Panel, Table
from lenet.exercises.series import Series
from lenet.exercises.text import Text

__all__ = [
    "KINDS", "LEVELS", "Answer", "Draft", "Exercise", "Form", "Grid", "Kind", "Mistake", "Panel", "Question", "Series", "Table",
    "Text",
    "Verdict", "ask_cell", "ask_choice", "ask_number", "ask_shape", "kind", "of_subject",
]  # fmt: skip
