"""Lessons of the pages on networks, training and kernels: each asks first, and until then the answer is nowhere on the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.kernels import read_history
from lenet.kernels.lessons import LESSONS as OF_KERNELS
from lenet.lessons import Lesson
from lenet.training.lessons import LESSONS as OF_TRAINING
from lenet.training.run import train_run
from pages.parts.network_lessons import LESSONS as OF_NETWORKS
from tests.helpers import pages
from tests.helpers.pages import button, charts, mounted, open_page, said, scene, typed, url, words

pytestmark = pytest.mark.usefixtures("router")

LESSONS: dict[str, Mapping[str, Lesson]] = {
    "architecture": OF_NETWORKS,
    "training": OF_TRAINING,
    "kernels": OF_KERNELS,
}
ALL = [(page, name) for page, lessons in LESSONS.items() for name in lessons]
FIGURE = {"architecture": "bidi_component", "training": "plotly_chart", "kernels": "plotly_chart"}


def page(name: str, **query: str) -> AppTest:
    at = open_page(name, **query)
    assert not at.exception
    return at


def answer(at: AppTest, option: int) -> AppTest:
    at.button(key=f"lesson_option{option}").click().run()
    assert not at.exception
    return at


def right_of(lesson: Lesson) -> int:
    return int(lesson.question.answer[0])


def everything(at: AppTest) -> str:
    """All that a browser is sent: words, components, charts."""
    drawn = [part.proto.json for part in mounted(at)] + [json.dumps(chart) for chart in charts(at)]
    return words(at) + json.dumps([json.loads(part) for part in drawn], ensure_ascii=False)


@pytest.mark.parametrize(("where", "name"), ALL)
def test_a_lesson_asks_shows_the_verdict_and_opens(where: str, name: str) -> None:
    lesson = LESSONS[where][name]
    at = page(where, lesson=name)
    assert said(at) == [] and url(at)["lesson"] == name and url(at)["asked"] == "true"
    assert [at.button(key=f"lesson_option{n}").label.replace("\\", "") for n in range(len(lesson.question.form.options))] == [
        option.say() for option in lesson.question.form.options
    ]  # fmt: skip
    assert len(at.get(FIGURE[where])) >= 1 and lesson.text not in words(at)
    answer(at, right_of(lesson))
    told = words(at)
    assert ":green-badge[Right.]" in told and lesson.text in told and said(at) == []
    assert "asked" not in url(at)
    if url(at).keys() > {"lesson"}:
        again = page(where, **url(at))
        assert lesson.text in words(again), "a link made in the middle of a lesson does not ask again"


@pytest.mark.parametrize(("where", "name"), [("architecture", "smaller"), ("training", "rate"), ("kernels", "seeds")])
def test_a_wrong_answer_is_told_why_and_what_is_right(where: str, name: str) -> None:
    lesson = LESSONS[where][name]
    mistake = lesson.question.mistakes[0]
    at = answer(page(where, lesson=name), int(mistake.answer[0]))
    told = words(at)
    assert ":orange-badge[Not quite.]" in told and mistake.why.say() in told
    assert f"The answer: {lesson.question.form.options[right_of(lesson)].say()}." in told


@pytest.mark.parametrize(
    ("where", "name"), [("architecture", "flatten"), ("training", "curve"), ("kernels", "edges")]
)
def test_who_would_rather_be_shown(where: str, name: str) -> None:
    at = page(where, lesson=name)
    at.button(key="lesson_show").click().run()
    assert not at.exception and "The answer:" in words(at) and LESSONS[where][name].text in words(at)


@pytest.mark.parametrize("where", LESSONS)
def test_the_list_at_the_foot_and_the_way_through_it(where: str) -> None:
    lessons = LESSONS[where]
    at = page(where)
    (pills,) = (group for group in at.button_group if group.key == "chosen")
    assert pills.options == [f"{n} · {lesson.title}" for n, lesson in enumerate(lessons.values(), 1)]
    first, *rest = lessons
    at = page(where, lesson=first)
    for name in rest:
        button(at, "Next").click().run()
        assert not at.exception and url(at)["lesson"] == name and lessons[name].title in words(at)
    button(at, "Leave the lessons").click().run()
    assert "lesson" not in url(at) and not at.exception


@pytest.mark.parametrize("where", LESSONS)
def test_a_lesson_that_is_none(where: str) -> None:
    at = page(where, lesson="nothing")
    assert any("nothing" in told for told in said(at)) and "lesson" not in url(at)


# -- what is covered ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("shrink", ["16×4×4", "6×12×12", "44,426", "256"]),
        ("parameters", ["48,120", "2,416", "95.8%"]),
        ("smaller", ["81,290", "576"]),
        ("unpooled", ["1,119,626", "9,216", "9216"]),
        ("flatten", ["48,120", "16×5×5 → "]),
        ("without", ["cannot be multiplied"]),
    ],
)
def test_the_page_of_networks_gives_nothing_away(name: str, secrets: list[str]) -> None:
    at = page("architecture", lesson=name)
    sent = everything(at).replace(OF_NETWORKS[name].question.question.say(), "")
    assert [secret for secret in secrets if secret in sent] == []
    assert [e for e in at.markdown if e.value.startswith("| ")] == [] and at.get("download_button") == []
    assert "selected" not in scene(at)
    opened = everything(answer(at, right_of(OF_NETWORKS[name])))
    assert [secret for secret in secrets if secret in opened] == secrets


def test_the_walk_stops_at_the_layer_that_is_asked_about() -> None:
    at = page("architecture", lesson="activation")
    assert [layer["title"] for layer in scene(at)["layers"]] == ["Input", "1 Conv2d"] and charts(at) == []
    answer(at, right_of(OF_NETWORKS["activation"]))
    assert len(scene(at)["layers"]) == 13 and "of 4,704 numbers were negative" in words(at)


@pytest.mark.parametrize("name", OF_TRAINING)
def test_the_page_of_training_shows_the_curve_alone(name: str) -> None:
    at = page("training", lesson=name)
    assert len(charts(at)) == 1 and mounted(at) == [] and at.get("progress") == [] and at.get("tabs") == []
    run = runs.find(OF_TRAINING[name].beginning["run"])
    assert f"{run.metrics()['test_acc'][-1]:.3f}" not in everything(at), (
        "the last lines of training, and the alt text"
    )
    answer(at, right_of(OF_TRAINING[name]))
    assert len(at.get("progress")) == 1 and url(at)["run"] == run.id


@pytest.mark.parametrize("name", OF_KERNELS)
def test_the_page_of_kernels_shows_only_those_that_are_asked_about(name: str) -> None:
    at = page("kernels", lesson=name)
    assert mounted(at) == [] and len(charts(at)) == 1
    assert len(charts(at)[0]["data"]) == (12 if name == "seeds" else 6)
    if name == "training":
        history = read_history(runs.find(runs.DEFAULT_REFERENCE))
        assert charts(at)[0]["data"][0]["zmax"] < 0.5 < abs(history.final).max()
    answer(at, right_of(OF_KERNELS[name]))
    assert url(at).get("tab", "wall") == OF_KERNELS[name].opened.get("tab", "wall")


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ("architecture", {"lesson": "flatten", "tab": "compare"}),
        ("architecture", {"lesson": "parameters", "p1": "0", "tab": "code"}),
        ("training", {"lesson": "plateau", "run": "reference-modern", "with": "reference-classic"}),
        ("kernels", {"lesson": "training", "tab": "paths", "run": "reference-modern"}),
    ],
)
def test_a_question_comes_with_its_own_beginning(where: str, query: dict[str, str]) -> None:
    """Whatever else the link of a lesson says that still asks."""
    at, plain = page(where, asked="true", **query), page(where, lesson=query["lesson"])
    assert everything(at) == everything(plain) and url(at) == url(plain)


# -- afterwards --------------------------------------------------------------------------------------------------------


def test_the_reader_makes_the_last_maps_5x5() -> None:
    at = answer(page("architecture", lesson="shrink"), 0)
    assert "Not yet 5×5: 28×28 → 24×24 → 12×12 → 8×8 → 4×4." in words(at)
    typed(at, "k1").set_value("3").run()
    assert "Not yet 5×5: 28×28 → 26×26 → 13×13 → 9×9 → 4×4." in words(at)
    typed(at, "k2").set_value("3").run()
    assert "Done: 28×28 → 26×26 → 13×13 → 11×11 → 5×5." in words(at)
    assert [row[3] for row in pages.layers(at)][5] == "16×5×5"


def test_a_network_that_cannot_be_built_is_not_spoken_of() -> None:
    at = answer(page("architecture", lesson="shrink"), 0)
    typed(at, "k2").set_value("15").run()
    assert not at.exception and "Not yet" not in words(at) and "Done" not in words(at)
    assert OF_NETWORKS["shrink"].text in words(at)


@pytest.mark.parametrize("tab", ["walk", "compare", "code"])
def test_a_lesson_goes_on_while_the_reader_looks_at_another_tab(tab: str) -> None:
    at = page("architecture", lesson="shrink", tab=tab)
    assert OF_NETWORKS["shrink"].text in words(at) and "Not yet" not in words(at)
    at = page("architecture", lesson="activation", tab=tab, src="upload")
    assert OF_NETWORKS["activation"].text in words(at)


def test_the_settings_of_a_run_come_with_its_lesson(no_processes: list[tuple[str, ...]]) -> None:
    at = answer(page("training", lesson="rate", recipe="modern", asked="true"), 2)
    button(at, "Train").click().run()
    assert not at.exception
    (mine,) = [run for run in runs.list_runs() if not run.is_reference]
    config = mine.config
    assert (config.model.activation, config.lr, config.epochs, config.data, config.seed) == (
        "relu",
        0.9,
        3,
        "sample",
        0,
    )
    assert url(at)["run"] == mine.id and url(at)["lesson"] == "rate"
    train_run(mine)
    at.run()
    assert not at.exception and "With learning rate 0.9 this run learned nothing" in words(at)


def test_the_run_of_a_lesson_stays_while_it_is_chosen() -> None:
    at = answer(page("training", lesson="overfitting"), 1)
    (chosen,) = (box for box in at.selectbox if box.key == "run")
    assert any("came with the app" in option and "weight decay 0" in option for option in chosen.options)
    button(at, "Leave the lessons").click().run()
    assert url(at)["run"] == "reference-lesson-overfitting" and not at.exception
    chosen = next(box for box in at.selectbox if box.key == "run")
    chosen.set_value("reference-classic").run()
    assert url(at)["run"] == "reference-classic" and not at.exception
    plain = page("training", run="reference-lesson-overfitting")
    assert said(plain) == [] and url(plain)["run"] == "reference-lesson-overfitting"
    other = page("kernels", run="reference-lesson-overfitting")
    assert not other.exception and said(other), "it has no kernels: that is no run of this page"


def test_a_damaged_run_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_id: str) -> Any:
        raise LenetError("no_such_run", id="reference-classic")

    lesson = OF_KERNELS["edges"]
    monkeypatch.delitem(lesson.__dict__, "question", raising=False)
    monkeypatch.setattr("lenet.kernels.questions.runs.find", damaged)
    at = open_page("kernels", lesson="edges")
    assert not at.exception


@pytest.mark.parametrize("where", LESSONS)
def test_lessons_are_in_chinese(where: str) -> None:
    for name, lesson in LESSONS[where].items():
        asked = words(page(where, lesson=name, lang="zh_CN"))
        assert lesson.title not in asked and lesson.question.question.say() not in asked
        told = words(page(where, lesson=name, lang="zh_CN", seen="1"))  # as a link that was made in the middle of it
        assert lesson.title not in told and lesson.text not in told and lesson.question.solution.say() not in told
