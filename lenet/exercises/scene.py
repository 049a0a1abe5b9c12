"""What the component is given to ask an exercise: everything in words, and nothing of what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lenet.common import colours
from lenet.common.translation import translate as _
from lenet.exercises.exercise import Exercise, Verdict
from lenet.exercises.form import Answer
from lenet.exercises.kinds import KINDS, LEVELS, Kind
from lenet.exercises.panels import Cells, Grid, Panel, Table
from lenet.exercises.text import say
from lenet.grid import tidy
from lenet.grid.asking import HIDDEN


def scene(
    exercise: Exercise,
    *,
    at: int,
    length: int,
    kinds: Sequence[Kind],
    answer: Answer | None = None,
    refusal: str = "",
) -> dict[str, Any]:
    """Exercise `at` of `length`, from 0, before the reader's `answer` and after it.

    `refusal` is the sentence about an answer that could not be read. `kinds` are those of which progress is shown.
    """
    verdict = None if answer is None else exercise.grade(answer)
    known, is_open = KINDS[exercise.kind], verdict is not None
    return {
        "kind": exercise.kind,
        "seed": exercise.seed,
        "title": _(known.title),
        "place": _("{n} of {total}").format(n=at + 1, total=length),
        "is_last": at + 1 == length,
        "question": exercise.question.say(),
        "panels": [_panel(panel, is_open) for panel in exercise.panels],
        "signs": _signs(exercise),
        "form": {
            "type": exercise.form.type,
            "remark": exercise.form.remark(),
            "labels": [label.say() for label in exercise.form.labels],
            "options": [option.say() for option in exercise.form.options],
            "pictures": [drawn_grid(picture, is_open) for picture in exercise.form.pictures],
        },
        "verdict": None if verdict is None else _verdict(exercise, verdict, answer),
        "refusal": refusal,
        "kinds": [{"name": kind.name, "title": _(kind.title), "level": kind.level} for kind in kinds],
        "levels": {str(level): _(words) for level, words in LEVELS.items()},
        "words": words(),
    }


def _verdict(exercise: Exercise, verdict: Verdict, answer: Answer | None) -> dict[str, Any]:
    return {
        "right": verdict.is_right,
        "headline": verdict.headline(),
        "text": exercise.explain(verdict),
        "given": list(answer or ()),
        "answer": list(exercise.answer),
    }


def _panel(panel: Panel, is_open: bool) -> dict[str, Any]:
    return _table(panel, is_open) if isinstance(panel, Table) else drawn_grid(panel, is_open)


def _table(table: Table, is_open: bool) -> dict[str, Any]:
    hidden = frozenset() if is_open else table.hidden
    return {
        "type": "table",
        "title": table.title.say(),
        "sign": "",
        "columns": [column.say() for column in table.columns],
        "rows": [
            [HIDDEN if (i, j) in hidden else say(cell) for j, cell in enumerate(row)]
            for i, row in enumerate(table.rows)
        ],
        "opened": _listed(table.hidden if is_open else frozenset()),
        "marked": sorted(table.marked),
    }


def drawn_grid(grid: Grid, is_open: bool) -> dict[str, Any]:
    """Cells row by row: their texts, and their places on the colour scale from 0 to 100; null for a hidden one."""
    hidden = frozenset() if is_open else grid.hidden
    scale, low, high = (
        (colours.GREY, 0.0, 1.0) if grid.image else colours.scale(float(grid.values.min()), float(grid.values.max()))
    )
    shades = np.clip((grid.values - low) / (high - low) * 100, 0, 100).round().astype(int).tolist()
    texts = [] if grid.picture else [[tidy(value) for value in row] for row in grid.values.tolist()]
    for row, column in hidden:
        shades[row][column] = None
        if texts:
            texts[row][column] = HIDDEN
    return {
        "type": "picture" if grid.picture else "grid",
        "title": grid.title.say(),
        "sign": grid.sign,
        "size": list(grid.values.shape),
        "texts": texts,
        "shades": shades,
        "scale": scale,
        "marked": _listed(grid.marked),
        "shown": _listed(grid.shown if is_open else frozenset()),
        "asks": grid.asks,
        "padding": list(grid.padding),
        "padding_text": HIDDEN if grid.padding_hidden and not is_open else grid.padding_text,
    }


def _signs(exercise: Exercise) -> str:
    """What the colours of signed pictures mean, where there are any."""
    pictures = [panel for panel in (*exercise.panels, *exercise.form.pictures) if isinstance(panel, Grid)]
    signed = any(picture.picture and not picture.image for picture in pictures)
    return _("Red is positive, blue negative; pale is near 0.") if signed else ""


def _listed(cells: Cells) -> list[list[int]]:
    return [list(cell) for cell in sorted(cells)]


def words() -> dict[str, str]:
    """All words of the component."""
    return {
        "check": _("Check"),
        "another": _("Next exercise"),
        "finish": _("Another series"),
        "cell": _("row {row}, column {column}: {value}"),
        "choose": _("Choose"),
        "progress": _("Your progress"),
        "progress_of": _("{title}: {right} of {all} right"),
        "progress_none": _("{title}: nothing answered yet"),
        "lessons": _("Lessons answered, of all pages: {n}"),
        "here_only": _("Kept in this browser alone. Take it along as a file:"),
        "save": _("Save progress"),
        "load": _("Bring progress back"),
        "loaded": _("Brought back: {n} answers that were not here yet."),
        "bad_file": _("This file is no progress of these exercises."),
        "not_kept": _("This browser keeps nothing for this page: progress lasts until you leave it."),
    }
