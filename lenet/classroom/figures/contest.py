"""A contest for `components/contest`, on the phone, and for `components/contest_wall`, at the front."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from lenet.classroom import contest
from lenet.classroom.classroom import Activity, Answer, Member
from lenet.classroom.contest import Kernel, Known
from lenet.classroom.figures import kernels
from lenet.classroom.tasks import SIZE, Task
from lenet.common import colours
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _


def seconds_left(activity: Activity) -> float | None:
    """What is left of its time, in tenths of a second; None where nobody counts."""
    if not activity.ends or not activity.takes_answers:
        return None
    return round(activity.ends - time.time(), 1)


def formula(task: Task) -> str:
    """How the score comes about, in words."""
    if task.compares == "places":
        compared = _(
            "Take a place inside the frames and one outside, at random. How often does the kernel respond more strongly "
            "inside? Places around which nothing is to be seen, and those beside a frame, do not count."
        )
    else:
        compared = _(
            "A picture’s response is the sum of all positive responses within its frame. Take a picture to react to and one of "
            "the others, at random. How often does the kernel respond more strongly to the first?"
        )
    return paragraph(
        compared,
        _("Half of the time is chance: score 0. Always: 100. In between the score is 100·(2·share − 1)."),
        _("Only which response is larger counts: larger weights alone gain nothing."),
    )


def own(task: Task) -> dict[str, Any]:
    """The app's own kernel, and why it does what is asked."""
    made = contest.solution(task)
    title = _("A kernel that does it: {score}").format(score=f"{made.score:.1f}")
    looks = {"size": SIZE, "scale": colours.DIVERGING}
    return {"title": title, "weights": list(made.kernel), "why": _(task.why)} | looks


def phone(
    task: Task,
    activity: Activity,
    before: Answer | None,
    *,
    tried: float | None = None,
    place: tuple[int, int] | None = None,
    refusal: str = "",
) -> dict[str, Any]:
    """The contest for a member: what they have handed in `before`, the score of the last one that they `tried`, and their
    `place` among so many, once all is over."""
    best = contest.read(before.value) if before else None
    words = kernels.pad()["words"] | kernels.pictures(task)["words"]
    return kernels.pad() | kernels.pictures(task) | {
        "activity": activity.id,
        "title": _(task.title),
        "request": _(task.request),
        "formula": formula(task),
        "start": list(best) if best else [0] * len(task.kernel),
        "open": activity.takes_answers,
        "left": seconds_left(activity),
        "told": _told(task, activity, best, tried, place),
        "over": paragraph(_("The time is up."), _what_became(task, best)),
        "refusal": refusal,
        "solution": own(task) if activity.shown else None,
        "words": words | {
            "hand_in": _("Hand in"),
            "score": _("Score"),
            "of": _("of 100"),
            "how": _("How the score comes about"),
        },
    }  # fmt: skip


def _told(
    task: Task, activity: Activity, best: Kernel | None, tried: float | None, place: tuple[int, int] | None
) -> str:
    """What has become of what was handed in."""
    if not activity.takes_answers:
        closed = _("The time is up.") if activity.is_open else _("The contest is closed.")
        ranked = _("That is place {rank} of {total}.").format(rank=place[0], total=place[1]) if place else ""
        return paragraph(closed, _what_became(task, best), ranked)
    if best is None:
        return ""
    score = f"{contest.score(task, best):.1f}"
    if tried is not None and f"{tried:.1f}" != score:
        return _("This one has {tried}: your best, with {score}, still counts.").format(
            tried=f"{tried:.1f}", score=score
        )
    return _("Handed in: {score}. Your best kernel counts, so you may go on.").format(score=score)


def _what_became(task: Task, best: Kernel | None) -> str:
    if best is None:
        return _("You have not handed in a kernel.")
    return _("Your best kernel: {score}.").format(score=f"{contest.score(task, best):.1f}")


def wall(
    task: Task,
    activity: Activity,
    members: Sequence[Member],
    given: Mapping[int, Answer],
    learned: Sequence[Known] = (),
    source: str = "",
) -> dict[str, Any]:
    """The contest at the front; one without an id has not begun. `learned` are the kernels of the run `source`, shown with the
    app's own once that is `shown`."""
    ranked, by_number = contest.ranking(task, given), {member.number: member for member in members}
    count = ngettext(
        "{n} of {total} has handed in a kernel", "{n} of {total} have handed in a kernel", len(ranked)
    ).format(n=len(ranked), total=sum(not member.left for member in members))
    return kernels.pictures(task) | {
        "title": _(task.title),
        "request": _(task.request),
        "count": count if activity.id else "",
        "left": seconds_left(activity),
        "entries": [
            kernels.tile(entry.kernel, by_number.get(entry.number), entry.score, best=entry.rank == 1)
            for entry in ranked
        ],
        "short": kernels.short(task),
        "solution": _solution(task, learned, source) if activity.shown else None,
        "empty": _("Kernels appear here as they are handed in, the best first."),
    }


def _solution(task: Task, learned: Sequence[Known], source: str) -> dict[str, Any]:
    made = contest.solution(task)
    about = _(
        "Beside it, what the kernels of the run “{run}” score: they were learned for another task, to tell ten classes."
    )
    return {
        **own(task),
        "own": kernels.tile(made.kernel, None, made.score, best=True),
        "learned": [kernels.tile(known.kernel, None, known.score) for known in learned],
        "about": about.format(run=source) if learned else "",
    }
