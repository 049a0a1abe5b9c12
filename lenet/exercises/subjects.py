"""The subjects that have exercises. Each fills the registry when it is loaded, which is when somebody wants its exercises."""

from __future__ import annotations

from importlib import import_module

from lenet.exercises.kinds import Kind, of_subject

SUBJECTS = {
    "convolution": "lenet.convolution.exercises",
    "pooling": "lenet.pooling.exercises",
    "architecture": "lenet.architecture.exercises",
    "kernels": "lenet.kernels.exercises",
}
"""Where the exercises of a subject are: by its name, which is also the path of its page."""


def kinds_of(subject: str) -> dict[str, Kind]:
    """The kinds of a subject, a key of SUBJECTS, by name, easier ones first."""
    import_module(SUBJECTS[subject])
    return of_subject(subject)
