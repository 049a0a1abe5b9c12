"""Asking the class and the contest, without a browser: a teacher and phones, each an AppTest of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from lenet import classroom
from lenet.classroom import contest, questions, work
from lenet.classroom.tasks import DRAWINGS, TASKS
from tests.helpers.pages import app, mounted, open_page, said, scene_of, turn_to

pytestmark = pytest.mark.usefixtures("router")

ZERO = [0.0] * 25


class Room:
    """A class with its teacher and two phones, each a browser of its own."""

    def __init__(self, panel: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(work, "PAUSE", 0.0)  # tests answer faster than people do
        self.teacher = open_page("class")
        (button,) = [b for b in self.teacher.button if b.label == "Open a class"]
        button.click().run()
        (opened,) = classroom.list_classes()
        self.code = opened.code
        browser = self.teacher.session_state["_ui_visitor_key"]
        self.teacher = turn_to(app(_ui_visitor_key=browser), "class", join=self.code, panel=panel)
        self.one, self.two = (open_page("class", join=self.code) for _phone in range(2))

    @property
    def now(self) -> classroom.Activity:
        found = classroom.current(self.code)
        assert found
        return found

    def ask(self, subject: str, kind: str, seed: int = 3, seconds: float = 0) -> None:
        """As the button does, with numbers that are known."""
        settings = questions.settings(subject, kind, seed, int(seconds))
        classroom.begin(self.code, "ask", settings, seconds)
        self.renew()

    def renew(self) -> None:
        """Everybody hears of it."""
        for at in (self.teacher, self.one, self.two):
            at.run()
            assert not at.exception and said(at) == []

    def answer(self, phone: AppTest, value: Any, **about: Any) -> dict[str, Any]:
        """A phone hands in; what it shows then."""
        sent = {"activity": self.now.id, "round": self.now.round, "value": value} | about
        send(phone, "question", "answer", sent)
        return drawn(phone, "question")

    def press(self, which: str) -> dict[str, Any]:
        """Whoever leads the class presses a button, or a key of the clicker; what stands at the front then."""
        front = drawn(self.teacher, "answers")
        sent = {
            "activity": front["activity"],
            "round": front["round"],
            "from": front["step"],
            "to": front[which]["to"],
        }
        send(self.teacher, "answers", "step", sent)
        self.renew()
        return drawn(self.teacher, "answers")


@pytest.fixture
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room("contest" if "contest" in request.node.name else "ask", monkeypatch)


def piece(at: AppTest, name: str) -> Any:
    (found,) = [part for part in mounted(at) if part.proto.component_name.endswith(f"components_{name}")]
    return found


def drawn(at: AppTest, name: str) -> dict[str, Any]:
    """What the one component of that name was given."""
    return scene_of(piece(at, name))


def send(at: AppTest, name: str, event: str, value: Any) -> None:
    """A component sends what its reader does, once."""
    states: Any = at._tree.get_widget_states()
    id = _make_trigger_id(piece(at, name).proto.id, "events")
    states.widgets.add(id=id, json_trigger_value=json.dumps([{"event": event, "value": value}]))
    at._run(states)
    assert not at.exception


# -- asking ------------------------------------------------------------------------------------------------------------


def test_a_question_goes_from_the_preview_to_the_second_vote(room: Room) -> None:
    preview = drawn(room.teacher, "answers")
    assert preview["step"] == "preview" and preview["next"]["words"] == "Ask the class"
    room.teacher.session_state["class_seed"] = 3  # the usual mistakes are numbers that can be typed
    room.teacher.selectbox(key="class_subject").set_value("pooling").run()
    room.teacher.selectbox(key="class_kind").set_value("pool-max").run()
    chosen = drawn(room.teacher, "answers")
    room.teacher.button(key="class_ask").click().run()
    room.renew()
    exercise = questions.question(room.now.settings)
    assert isinstance(exercise, questions.Exercise) and room.now.settings["seconds"] == 60
    front, phone = drawn(room.teacher, "answers"), drawn(room.one, "question")
    assert front["question"] == phone["question"] == chosen["question"]
    assert front["count"] == "0 of 2 have answered" and front["results"] is None
    assert (phone["open"], phone["given"], phone["results"]) == (True, None, None)
    assert 50 < phone["left"] <= 60

    right, wrong = f"{exercise.answer[0]:g}", f"{exercise.mistakes[0].answer[0]:g}"
    told = {typed: exercise.form.say((float(typed),)) for typed in (right, wrong)}
    shown = room.answer(room.one, ["12", "13"])
    assert shown["refusal"] and shown["given"] is None, "two numbers are no answer"
    shown = room.answer(room.one, [right])
    assert shown["given"] == [right] and shown["refusal"] == "" and "may change it" in shown["told"]
    room.answer(room.two, [right])
    shown = room.answer(room.two, [wrong])
    assert shown["given"] == [wrong]
    room.renew()
    front = drawn(room.teacher, "answers")
    assert front["count"] == "2 of 2 have answered", "who changes an answer is counted once"
    assert front["results"] is None and front["solution"] == ""
    assert {text for row in front["panels"][-1]["texts"] for text in row} == {"?"}, "what is asked stays hidden"

    assert front["next"]["words"] == "Close the question"
    front = room.press("next")
    assert (front["step"], front["results"]) == ("closed", None)
    assert drawn(room.one, "question")["open"] is False
    front = room.press("next")
    assert front["step"] == "shown" and front["again"]["words"] == "Ask again"
    assert {bar["label"]: bar["counts"] for bar in front["results"]["bars"]["bars"]} == {
        told[right]: [1],
        told[wrong]: [1],
    }
    assert not any(bar["right"] or bar["mistake"] for bar in front["results"]["bars"]["bars"])
    phone = drawn(room.two, "question")
    assert phone["verdict"] is None and phone["solution"] == ""
    assert [bar["label"] for bar in phone["results"]["bars"]["bars"] if bar["own"]] == [told[wrong]]

    front = room.press("again")
    assert (front["step"], front["round"], front["count"]) == ("open", 2, "0 of 2 have answered")
    assert front["results"] is None and drawn(room.one, "question")["results"] is None
    assert drawn(room.one, "question")["given"] is None
    room.answer(room.two, [right], round=1)
    assert classroom.answers(room.code, room.now.id) == {}, (
        "what was sent for the first vote does not count in the second"
    )
    room.answer(room.one, [right])
    room.answer(room.two, [right])
    for _step in range(3):
        front = room.press("next")
    assert front["step"] == "solved" and front["again"] is None, "two votes are enough"
    bars = {bar["label"]: bar for bar in front["results"]["bars"]["bars"]}
    assert bars[told[right]]["counts"] == [1, 2] and bars[told[right]]["right"]
    assert bars[told[wrong]]["counts"] == [1, 0] and bars[told[wrong]]["mistake"] == exercise.mistakes[0].why.say()
    assert front["results"]["bars"]["votes"] == ["First vote", "Second vote"]
    assert front["results"]["line"] == "Right in the first vote: 1 of 2; in the second: 2 of 2."
    assert exercise.solution.say() in front["solution"]
    assert drawn(room.two, "question")["verdict"]["right"] is True

    room.teacher.button(key="class_question_end").click().run()
    assert classroom.current(room.code) is None and drawn(room.teacher, "answers")["step"] == "preview"
    assert [d.label for d in room.teacher.get("download_button")] == ["Answers to question 1"]


def test_a_clicker_goes_from_one_question_to_the_next(room: Room) -> None:
    room.ask("pooling", "pool-average", seconds=30)
    for _step in range(3):
        front = room.press("next")
    assert (front["step"], front["next"]["words"]) == ("solved", "Next: The cell that wins")
    assert front["again"]["words"] == "Ask again", "which stays possible"
    assert front["results"]["line"] == "", "where nobody has answered, nobody is counted"
    done = room.now
    ready = room.press("next")
    assert (ready["step"], ready["title"]) == ("preview", "The cell that wins")
    assert classroom.current(room.code) is None, "nothing is asked before the class has seen it at the front"
    assert room.teacher.selectbox(key="class_kind").value == "pool-winner"
    front = room.press("next")
    assert front["step"] == "open" and front["question"] == ready["question"]
    assert (
        room.now.id != done.id and room.now.settings["kind"] == "pool-winner" and room.now.settings["seconds"] == 60
    )
    asked = room.now
    send(room.teacher, "answers", "step", {"activity": "", "round": 1, "from": "preview", "to": "open"})
    assert room.now == asked, "who presses twice asks once"


def test_a_late_answer_is_refused_with_a_sentence(room: Room) -> None:
    room.ask("pooling", "pool-winner", seconds=0)
    assert room.answer(room.one, [0, 0])["given"] == [0, 0]
    classroom.change_activity(room.code, room.now.id, ends=1.0)
    late = room.answer(room.one, [1, 1])
    assert late["refusal"] == "The time is up: no more answers are taken."
    assert late["given"] == [0, 0] and late["open"] is False
    assert drawn(room.teacher, "answers")["step"] == "open", "it has not looked since"
    room.renew()
    assert drawn(room.teacher, "answers")["step"] == "closed"


def test_what_is_no_answer_is_stored_nowhere(room: Room) -> None:
    room.ask("pooling", "pool-winner")
    for value in (None, [0], [0, 99], ["0", "0"], {"x": 1}, [[0, 0]], 10**30, "<b>", [True, False]):
        shown = room.answer(room.one, value)
        assert shown["refusal"] and shown["given"] is None
    assert classroom.answers(room.code, room.now.id) == {}


def test_a_phone_speaks_for_itself_alone_and_sees_nobody_else(room: Room) -> None:
    room.ask("pooling", "pool-winner")
    room.answer(room.one, [0, 0], number=2)
    room.answer(room.one, [1, 1])
    assert list(classroom.answers(room.code, room.now.id)) == [1]
    again = turn_to(open_page("home", **{}), "class")  # another browser is nobody here
    assert all(not part.proto.component_name.endswith("components_question") for part in mounted(again))
    for at in (room.one, room.two):
        at.run()
        scene = drawn(at, "question")
        assert scene["results"] is None and scene["solution"] == "" and scene["verdict"] is None
    assert drawn(room.two, "question")["given"] is None
    # It cannot move the question on either: it has no such component, and the front takes no steps but the next.
    send(room.teacher, "answers", "step", {"activity": room.now.id, "round": 1, "from": "open", "to": "solved"})
    send(room.teacher, "answers", "step", {"activity": room.now.id, "round": 1, "from": "closed", "to": "shown"})
    send(room.teacher, "answers", "step", "closed")
    assert questions.step(room.now) == "open"


def test_cells_become_a_heat_map(room: Room) -> None:
    room.ask("pooling", "pool-winner")
    room.answer(room.one, [0, 1])
    room.answer(room.two, [0, 1])
    room.press("next")
    cells = room.press("next")["results"]["cells"]
    (heat,) = cells["heats"]
    assert heat["counts"][0][1] == 2 and sum(map(sum, heat["counts"])) == 2
    assert heat["grid"]["shades"][0][1] == 100 and heat["grid"]["asks"] is False
    assert drawn(room.one, "question")["results"]["cells"]["heats"][0]["own"] == [0, 1]


def test_a_choice_is_seen_before_and_counted_after(room: Room) -> None:
    room.ask("kernels", "kernel-sign")
    before = drawn(room.teacher, "answers")["results"]["bars"]["bars"]
    assert [(bar["label"], bar["counts"]) for bar in before] == [("Positive", []), ("Negative", [])]
    assert room.answer(room.one, 1)["given"] == 1
    room.press("next")
    after = room.press("next")["results"]["bars"]["bars"]
    assert [bar["counts"] for bar in after] == [[0], [1]]


def test_a_kernel_is_drawn_as_an_answer(room: Room) -> None:
    room.ask(questions.DRAWING, "draw-left")
    good, bad = list(DRAWINGS["draw-left"].kernel), [-w for w in DRAWINGS["draw-left"].kernel]
    assert room.answer(room.one, good)["given"] == [round(100 * w) for w in good]
    assert room.answer(room.two, [*bad[:-1], 7])["refusal"].startswith("A kernel has 25 weights")
    room.answer(room.two, bad)
    front = room.press("next")
    front = room.press("next")
    (tiles,) = front["results"]["kernels"]["rounds"]
    assert [(t["number"], t["score"]) for t in tiles] == [(1, ""), (2, "")], "no score before the right one is shown"
    front = room.press("next")
    (tiles,) = front["results"]["kernels"]["rounds"]
    assert [(t["number"], t["score"], t["best"]) for t in tiles] == [(1, "100.0", True), (2, "0.0", False)]
    assert front["results"]["line"] == "1 of 2 is right."
    assert "Your kernel has a score of 0.0." in drawn(room.two, "question")["solution"]


def test_a_question_that_this_version_does_not_know_is_a_sentence(room: Room) -> None:
    classroom.begin(room.code, "ask", {"subject": "pooling", "kind": "pool-unheard-of", "seed": 1})
    for at in (room.teacher, room.one):
        at.run()
        assert not at.exception and len(said(at)) == 1


# -- the contest -------------------------------------------------------------------------------------------------------


def hand_in(room: Room, phone: AppTest, weights: Any) -> dict[str, Any]:
    send(phone, "contest", "kernel", {"activity": room.now.id, "weights": weights})
    return drawn(phone, "contest")


def test_in_a_contest_the_best_kernel_counts_and_the_wall_sorts(room: Room) -> None:
    before = drawn(room.teacher, "contest_wall")
    assert (before["entries"], before["count"]) == ([], ""), "nobody has been asked yet"
    room.teacher.selectbox(key="class_task").set_value("sole").run()
    room.teacher.button(key="class_contest_begin").click().run()
    room.renew()
    task = TASKS["sole"]
    good, bad = list(task.kernel), [1.0] * 25
    shown = hand_in(room, room.one, bad)
    low = contest.score(task, contest.read(bad))
    assert 0 < low < 60 and shown["told"].startswith(f"Handed in: {low:.1f}")
    hand_in(room, room.two, good)
    high = contest.solution(task).score
    room.renew()
    wall = drawn(room.teacher, "contest_wall")
    assert [(e["number"], e["score"], e["best"]) for e in wall["entries"]] == [
        (2, f"{high:.1f}", True),
        (1, f"{low:.1f}", False),
    ]
    assert wall["count"] == "2 of 2 have handed in a kernel" and wall["solution"] is None
    assert (wall["entries"][0]["symbol"], wall["entries"][1]["symbol"]) == ("square", "circle")

    worse = hand_in(room, room.two, ZERO)
    assert worse["told"] == f"This one has 0.0: your best, with {high:.1f}, still counts."
    hand_in(room, room.one, [w / 2 for w in good])
    room.renew()
    scores = [e["score"] for e in drawn(room.teacher, "contest_wall")["entries"]]
    assert scores == [f"{high:.1f}"] * 2, "half of a kernel scores as much: scaling gains nothing"

    for refused in (
        None,
        good[:24],
        [*good, 0],
        [*good[:24], 2],
        [*good[:24], "1"],
        [*good[:24], None],
        [*good[:24], 1e400],
    ):
        shown = hand_in(room, room.one, refused)
        assert shown["refusal"].startswith("A kernel has 25 weights"), refused
    kept = classroom.answers(room.code, room.now.id)
    assert kept[1].value == [round(50 * w) / 100 for w in good]

    room.teacher.button(key="class_contest_close").click().run()
    room.renew()
    assert hand_in(room, room.one, good)["refusal"] == "The time is up: no more answers are taken."
    room.teacher.button(key="class_contest_show").click().run()
    room.renew()
    solution = drawn(room.teacher, "contest_wall")["solution"]
    assert solution["own"]["score"] == f"{high:.1f}" and len(solution["learned"]) == 6
    phone = drawn(room.two, "contest")
    assert phone["solution"]["weights"] == [round(100 * w) for w in task.kernel]
    assert "That is place 1 of 2." in phone["told"] and phone["open"] is False

    room.teacher.button(key="class_contest_end").click().run()
    assert classroom.current(room.code) is None


def test_before_a_solution_is_shown_no_phone_of_a_contest_has_it(room: Room) -> None:
    classroom.begin(room.code, "contest", {"task": "gap"})
    room.renew()
    assert drawn(room.one, "contest")["solution"] is None
    assert json.dumps([round(100 * w) for w in TASKS["gap"].kernel]) not in json.dumps(drawn(room.one, "contest"))
