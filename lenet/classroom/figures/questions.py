"""A question to the class for `components/question`, on the phone, and for `components/answers`, at the front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lenet.classroom import contest, questions
from lenet.classroom.classroom import Activity, Answer, Member
from lenet.classroom.figures import kernels
from lenet.classroom.figures.contest import own, seconds_left
from lenet.classroom.figures.results import Rounds, count, results
from lenet.classroom.tasks import RIGHT, Task
from lenet.common.formatting import as_typed
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.exercises import Answer as Given
from lenet.exercises import Exercise, scene

# -- what both show --------------------------------------------------------------------------------------------------------


def asked_scene(asked: questions.Question, answer: Given | None = None, refusal: str = "") -> dict[str, Any]:
    """What is asked, as the component of exercises draws it; open once there is an `answer`."""
    if isinstance(asked, Exercise):
        return scene.scene(asked, at=0, length=1, kinds=[], answer=answer, refusal=refusal)
    form = {"type": "kernel", "remark": "", "labels": [], "options": [], "pictures": []}
    return {
        "kind": asked.name, "seed": 0, "title": _(asked.title), "place": "", "is_last": True, "question": _(asked.request),
        "panels": [], "signs": "", "form": form, "verdict": None, "refusal": refusal, "kinds": [], "levels": {},
        "words": scene.words(),
    }  # fmt: skip


def right_answer(asked: questions.Question) -> str:
    """What is right, and why."""
    if isinstance(asked, Exercise):
        told = _("The answer: {answer}.").format(answer=asked.form.say(asked.answer))
        return paragraph(told, asked.solution.say())
    limit = _("A kernel with a score of {limit} or more does it.").format(limit=f"{RIGHT:g}")
    return paragraph(_(asked.why), limit)


# -- the phone -------------------------------------------------------------------------------------------------------------


def phone(
    asked: questions.Question,
    activity: Activity,
    number: int,
    rounds: Rounds,
    members: Sequence[Member],
    refusal: str = "",
) -> dict[str, Any]:
    """The question for a member: its form; then what has become of the answer; and what the class has said, once that is shown."""
    before = rounds[-1].get(number)
    given = _given(asked, number, before)
    is_solved = questions.step(activity) == "solved"
    opened = (given or asked.answer) if is_solved and isinstance(asked, Exercise) else None
    base = asked_scene(asked, opened, refusal)
    if given is None:
        base["verdict"] = None
    is_task = isinstance(asked, Task)
    is_seen = activity.shown and not activity.takes_answers
    return base | {
        "activity": activity.id,
        "round": activity.round,
        "open": activity.takes_answers,
        "left": seconds_left(activity),
        "given": _field(asked, given),
        "told": _told(activity, before, len(rounds)),
        "over": paragraph(_("The time is up."), _what_became(before)),
        "pad": kernels.pad() if is_task else None,
        "results": results(asked, activity, rounds, members, own=given) if is_seen else None,
        "solution": _solution(asked, given) if is_solved else "",
        "own": own(asked) if isinstance(asked, Task) and is_solved else None,
        "words": base["words"] | {"check": _("Change the answer") if before else _("Hand in")},
    }


def _given(asked: questions.Question, number: int, before: Answer | None) -> Given | None:
    if before is None:
        return None
    if isinstance(asked, Exercise):
        return questions.exercise_answers(asked, {number: before}).get(number)
    kernel = questions.kernels({number: before}).get(number)
    return tuple(map(float, kernel)) if kernel else None


def _field(asked: questions.Question, given: Given | None) -> Any:
    """An answer as its form holds it."""
    if given is None:
        return None
    if isinstance(asked, Task) or asked.form.type == "cell":
        return [int(n) for n in given]
    if asked.form.type == "choice":
        return int(given[0])
    return [as_typed(int(n) if n.is_integer() else n) for n in given]


def _told(activity: Activity, before: Answer | None, rounds: int) -> str:
    if activity.takes_answers:
        if before:
            return (
                _("Handed in. You may change it until the time is up.")
                if activity.ends
                else _("Handed in. You may change it until the question is closed.")
            )
        return _("Second vote: answer again, after you have talked about it.") if rounds > 1 else ""
    if activity.shown:
        return _what_became(before)
    return paragraph(_("The time is up.") if activity.is_open else _("The question is closed."), _what_became(before))


def _what_became(before: Answer | None) -> str:
    return _("Your answer is handed in.") if before else _("You have not answered.")


def _solution(asked: questions.Question, given: Given | None) -> str:
    if isinstance(asked, Exercise) or given is None:
        return right_answer(asked)
    score = contest.score(asked, tuple(map(int, given)))
    return paragraph(_("Your kernel has a score of {score}.").format(score=f"{score:.1f}"), right_answer(asked))


# -- the front -------------------------------------------------------------------------------------------------------------


def preview(asked: questions.Question) -> dict[str, Any]:
    """What the class will see, before it is asked."""
    shown = _unasked(asked_scene(asked))
    options = None
    if isinstance(asked, Exercise) and asked.form.type == "choice":
        nothing = Activity("", "ask", {}, 0.0)
        options = results(asked, nothing, [], [])
    return shown | {
        "activity": "", "round": 1, "step": "preview", "next": {"to": "open", "words": _("Ask the class")}, "again": None,
        "count": "", "left": None, "results": options, "solution": "", "own": None, "hint": "",
    }  # fmt: skip


def front(asked: questions.Question, activity: Activity, rounds: Rounds, members: Sequence[Member]) -> dict[str, Any]:
    """The question at the front, as far as it has come."""
    step, to = questions.step(activity), questions.next_step(activity)
    is_solved = step == "solved"
    opened = asked.answer if is_solved and isinstance(asked, Exercise) else None
    words = {
        "closed": _("Close the question"),
        "shown": _("Show the answers"),
        "solved": _("Show the right one"),
        questions.NEXT_QUESTION: _("Next: {title}").format(title=_(next_title(activity))),
    }
    again = {"to": "again", "words": _("Ask again")}
    found = results(asked, activity, rounds, members)
    drawn = asked_scene(asked, opened)
    if found and found["cells"]:  # its grid is there, coloured by the answers
        drawn["panels"] = [panel | {"sign": ""} for panel in drawn["panels"] if not panel.get("asks")]
    return _unasked(drawn) | {
        "activity": activity.id,
        "round": activity.round,
        "step": step,
        "next": {"to": to, "words": words[to]},
        "again": again if questions.can_ask_again(activity) else None,
        "count": count(rounds[-1], members),
        "left": seconds_left(activity),
        "results": found,
        "solution": right_answer(asked) if is_solved else "",
        "own": own(asked) if isinstance(asked, Task) and is_solved else None,
        "hint": _("Page Down, → or space: the next step. Page Up or ←: ask again."),
    }


def next_title(activity: Activity) -> str:
    """The title of the question that comes after this one."""
    subject, kind = questions.following(activity.settings["subject"], activity.settings["kind"])
    return questions.names(subject)[kind]


def _unasked(drawn: dict[str, Any]) -> dict[str, Any]:
    """A scene in which nothing can be answered: at the front nobody does."""
    panels = [panel | {"asks": False} if panel["type"] != "table" else panel for panel in drawn["panels"]]
    return drawn | {"panels": panels, "verdict": None}
