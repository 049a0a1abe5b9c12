"""Every kind of exercise: its answers are right, its misconceptions are wrong, and it can be said in both languages."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import import_module

import numpy as np
import pytest
import torch

from lenet.common import translation
from lenet.common.paths import PROJECT
from lenet.exercises import KINDS, LEVELS, Exercise, Grid, Table, of_subject
from tests.exercises.solvers import SOLVERS

SUBJECTS = ("convolution", "pooling", "architecture", "kernels")
for subject in SUBJECTS:
    import_module(f"lenet.{subject}.exercises")

SEEDS = 200
every_kind = pytest.mark.parametrize("name", list(KINDS))


@cache
def made(name: str) -> list[Exercise]:
    return [KINDS[name].make(seed) for seed in range(SEEDS)]


def test_each_subject_has_kinds_of_several_levels() -> None:
    assert {known.subject for known in KINDS.values()} == set(SUBJECTS)
    assert set(SOLVERS) == set(KINDS) and len(KINDS) >= 24
    for subject in SUBJECTS:
        kinds = of_subject(subject)
        assert len(kinds) >= 5
        assert {known.level for known in kinds.values()} == set(LEVELS)


@every_kind
def test_the_right_answer_is_right(name: str) -> None:
    torch.manual_seed(0)
    for exercise in made(name):
        found = tuple(map(float, SOLVERS[name](exercise.facts)))
        verdict = exercise.grade(found)
        assert verdict.is_right, (exercise.seed, exercise.question.say(), found, exercise.answer)
        assert exercise.form.tolerance < 1 and np.allclose(found, exercise.answer, atol=1e-6)


@every_kind
def test_each_misconception_is_met_and_is_never_right(name: str) -> None:
    met: Counter[str] = Counter()
    for exercise in made(name):
        assert exercise.mistakes, exercise.seed
        for mistake in exercise.mistakes:
            verdict = exercise.grade(mistake.answer)
            alike = {m.name: m.why for m in exercise.mistakes if exercise.form.is_same(mistake.answer, m.answer)}
            assert not verdict.is_right and verdict.mistake == next(iter(alike))
            assert all(why.say() in verdict.reason.say() for why in list(alike.values())[:2])
        met.update(mistake.name for mistake in exercise.mistakes)
    assert set(met) == set(KINDS[name].misconceptions)


@every_kind
def test_an_answer_that_no_mistake_explains_gets_a_hint(name: str) -> None:
    hinted = 0
    for exercise in made(name)[:40]:
        known = [exercise.answer, *(mistake.answer for mistake in exercise.mistakes)]
        places = exercise.form.size if exercise.form.type == "cell" else (len(exercise.form.options),)
        others = (
            [tuple(map(float, at)) for at in np.ndindex(places)]
            if places[0]
            else [tuple(-77.5 for _n in exercise.answer)]
        )
        for other in others:
            if not any(exercise.form.is_same(other, answer) for answer in known):
                verdict = exercise.grade(other)
                assert (verdict.is_right, verdict.mistake, verdict.reason) == (False, "", exercise.hint)
                hinted += 1
    assert hinted or exercise.form.type == "choice", "of a choice each wrong option may be a known mistake"


@every_kind
def test_the_same_seed_gives_the_same_exercise(name: str) -> None:
    for exercise in made(name)[:20]:
        again = KINDS[name].make(exercise.seed)
        assert (again.question, again.answer, again.mistakes) == (
            exercise.question,
            exercise.answer,
            exercise.mistakes,
        )
        for one, other in zip(exercise.panels, again.panels, strict=True):
            assert not isinstance(one, Grid) or (isinstance(other, Grid) and (one.values == other.values).all())
    assert len({str(exercise.facts) for exercise in made(name)[:20]}) > 5, "seeds differ"


@every_kind
def test_what_is_asked_for_is_hidden_until_the_answer(name: str) -> None:
    """No grid shows the answer in the marked cell, and a cell to be chosen is one of its grid."""
    for exercise in made(name)[:40]:
        asking = [panel for panel in exercise.panels if isinstance(panel, Grid) and panel.asks]
        assert len(asking) == (exercise.form.type == "cell")
        for panel in exercise.panels:
            if isinstance(panel, Table):
                assert all(len(row) == len(panel.columns) for row in panel.rows)
                assert all(r < len(panel.rows) and c < len(panel.columns) for r, c in panel.hidden)
            elif panel.asks:
                assert panel.values.shape == exercise.form.size
                assert all(a < size for a, size in zip(exercise.answer, exercise.form.size, strict=True))
            else:
                assert np.isfinite(panel.values).all() and panel.values.ndim == 2


@pytest.mark.parametrize("language", list(translation.LANGUAGES))
@every_kind
def test_everything_can_be_said(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: language)
    known = KINDS[name]
    for exercise in made(name)[:40]:
        reasons = [exercise.grade(mistake.answer) for mistake in exercise.mistakes]
        said = [exercise.question.say(), exercise.hint.say(), exercise.solution.say(), exercise.form.remark()]
        said += [exercise.form.say(exercise.answer), *(exercise.explain(verdict) for verdict in reasons)]
        said += [panel.title.say() for panel in exercise.panels]
        assert all(said)
        for text in said:
            assert not re.search(r"[{}]|\bnan\b|array\(|Text\(", text), text
        assert not any("?" in text.rstrip("?") for text in said[1:4]), "a parameter is missing"
        if language != translation.DEFAULT:
            assert re.search("[\u4e00-\u9fff]", exercise.question.say())
            assert re.search("[\u4e00-\u9fff]", translation.translate(known.title))
            for sentence in (known.hint, *known.misconceptions.values()):
                assert re.search("[\u4e00-\u9fff]", translation.translate(sentence)), sentence


def test_the_readme_counts_them() -> None:
    assert len(KINDS) == 37 and "Thirty-seven kinds in three levels" in (PROJECT / "README.md").read_text(
        encoding="utf-8"
    )


def options(exercise: Exercise) -> dict[str, int]:
    """The options of a choice that known mistakes lead to, by their names."""
    return {mistake.name: int(mistake.answer[0]) for mistake in exercise.mistakes}


def test_what_is_said_of_a_wrong_kernel_is_true_of_it() -> None:
    for exercise in made("kernel-map"):
        kernels, right = exercise.facts["kernels"], int(exercise.answer[0])
        for wrong in options(exercise).values():
            assert np.corrcoef(kernels[right].ravel(), kernels[wrong].ravel())[0, 1] <= 0.7, exercise.seed
        assert np.allclose(kernels[options(exercise)["turned"]], kernels[right][::-1, ::-1])
    for exercise in made("kernel-edge"):
        kernel, patches = exercise.facts["kernel"], exercise.facts["patches"]
        for name in ("opposite", "across"):
            told = next(mistake.why for mistake in exercise.mistakes if mistake.name == name)
            assert told.params[name] == pytest.approx((kernel * patches[options(exercise)[name]]).sum(), abs=0.006)
            assert told.params["most"] > told.params[name]
    for exercise in made("kernel-match"):
        kernel, kernels, found = exercise.facts["kernel"], exercise.facts["kernels"], options(exercise)
        if "sign" in found:
            alike = [np.corrcoef(kernel.ravel(), other.ravel())[0, 1] for other in kernels]
            assert int(np.argmax(alike)) == found["sign"] and max(alike) > 0.15
        if "strong" in found:
            apart = np.abs(np.abs(kernels).mean((1, 2)) - np.abs(kernel).mean())
            assert int(apart.argmin()) == found["strong"]
    for exercise in made("kernel-trained"):
        if "bright" in options(exercise):
            kernel = exercise.facts["kernels"][options(exercise)["bright"]]
            assert abs(kernel.sum()) > 0.3 * np.abs(kernel).sum()


def test_a_typed_answer_gets_the_reason_of_each_place_that_may_have_been_counted_alone() -> None:
    exercise = KINDS["conv-gradient"].make(4)
    facts = exercise.facts
    _out, _in, row, column = facts["weight"]
    products = (facts["x"][0, row : row + 2, column : column + 2] * facts["arriving"][0]).ravel()
    for term in {float(one) for one in products} - {exercise.answer[0]}:
        assert "You counted one place only" in exercise.grade((term,)).reason.say()
