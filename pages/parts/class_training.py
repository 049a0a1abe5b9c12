"""Everybody trains: the wall at the front, and one's own run on the phone."""

from __future__ import annotations

import streamlit as st

from lenet import classroom, experiments, ui
from lenet.classroom import Activity, training, wall
from lenet.classroom.wall import Wall
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.experiments import Experiment, estimate, questions, store
from lenet.experiments.questions import QUESTIONS
from lenet.runs import cost, labels, rules
from lenet.training import progress
from lenet.ui import ClassHere
from pages.parts import class_own_run, class_wall_answer

EVERY = 1.0
"""Seconds between two looks at a wall that fills."""
MOST_EPOCHS = 60
NEW = "class_train_new"
"""Key of the session: whoever leads the class chooses what is trained next, the last wall aside."""


def take_part(here: ClassHere, activity: Activity) -> None:
    """What a member of the class sees of it."""
    class_own_run.show(here, activity)


def teach(here: ClassHere) -> None:
    """The tab of whoever leads the class: the wall of what is trained now or was last, or the choice of what is to be trained."""
    code = here.classroom.code
    begun = [known for known in classroom.activities(code) if known.kind == training.KIND]
    if begun and st.session_state.get(NEW) != begun[-1].id:
        show_wall(code, begun[-1])
    else:
        choose(code, begun[-1] if begun else None)


# -- what is trained ---------------------------------------------------------------------------------------------------


def choose(code: str, last: Activity | None) -> None:
    """What everybody trains: a question, a recipe and its length; and the button that begins it."""
    left, right = st.columns([1, 1.4], gap="large")
    with left:
        words = {key: _(QUESTIONS[key].title) for key in training.OFFERED}
        question = ui.choice(st.selectbox, _("Question"), words, key="class_question", default=training.OFFERED[0])
        recipes = {name: name for name in training.OFFERED_RECIPES}
        recipe = ui.choice(
            st.segmented_control, _("Recipe"), recipes, key="class_recipe", default="sprint", required=True
        )
        chosen = ask(question, recipe)
        row = st.container(horizontal=True)
        row.button(
            _("Begin"), type="primary", icon=":material/play_arrow:", key="class_begin_training",
            disabled=chosen is None, on_click=begin, args=(code, chosen),
        )  # fmt: skip
        if last:
            row.button(_("Back to the wall"), key="class_back_to_wall", on_click=show_again)
    with right:
        if chosen:
            ui.markdown(ui.plain(about(chosen)))
            ui.caption(ui.plain(length(chosen, len(classroom.members(code)))))
            if hint := progress.sample_hint(chosen.base):
                ui.caption(hint)


def ask(question: str, recipe: str) -> Experiment | None:
    """The experiment that the controls ask for; where there can be none, why."""
    usual = training.usual_epochs(question, recipe)
    try:
        usual = max(usual, progress.sample_epochs(training.ask(question, recipe, usual).base))
        most = rules.max_epochs(MOST_EPOCHS)
        key = f"class_epochs_{recipe}"
        epochs = ui.number(st.slider, _("Epochs"), 1, most, key=key, default=min(usual, most))
        return training.ask(question, recipe, epochs)
    except LenetError as error:
        ui.problem(error)
        return None


def about(experiment: Experiment) -> str:
    """What members of the class do, in a sentence or two."""
    if len(experiment.arms) == 1:
        return _(
            "Everybody trains the same network, each from another random start: members press Train on their phones, and the "
            "wall fills. Do all networks end alike, and do they learn the same kernels?"
        )
    arms = _(", ").join(arm.label() for arm in experiment.arms)
    return _(
        "Everybody chooses one of {arms} and trains, each from another random start. The seeds of the two are the same, so "
        "the wall ends with a difference and its interval."
    ).format(arms=arms)


def length(experiment: Experiment, members: int) -> str:
    """How long it takes until all have trained."""
    n = max(members, 1)
    one = cost.estimate(experiment.config(0, 0))
    if one is None:
        return _("How long that takes is known after the first run on this machine.")
    at_once = min(estimate.at_once(experiment), n)
    text = ngettext(
        "{n} member: about {time} of training on this machine, {at_once} at a time.",
        "{n} members: about {time} of training on this machine, {at_once} at a time.",
        n,
    )
    return text.format(n=n, time=(one / (at_once / n)).words(), at_once=at_once)


def begin(code: str, experiment: Experiment) -> None:
    """Callback: have everybody train."""
    st.session_state.pop(NEW, None)
    ui.attempt(training.begin, code, experiment)


def show_again() -> None:
    """Callback: back from the choice to the wall."""
    st.session_state.pop(NEW, None)


# -- the wall ----------------------------------------------------------------------------------------------------------


def show_wall(code: str, activity: Activity) -> None:
    """The wall, the buttons above it, and the answer below it."""
    now = wall.read(code, activity)
    every = look_every(activity, now)
    head = st.container(key="class_training_head", horizontal=True, vertical_alignment="center")
    with head:
        with st.container(width="stretch"):
            ui.markdown(ui.plain(title(training.experiment_of(activity).experiment)))
        buttons(code, activity)
    with st.container(key="class_training_wall"):
        ui.part(watch, code, activity.id, every, every=every)
    with st.container(key="class_training_answer"):
        ui.part(class_wall_answer.show, code, activity.id, every=4 * EVERY if every else None)


def look_every(activity: Activity, now: Wall) -> float | None:
    """Seconds between two looks at a wall; None if nothing of it is to come."""
    return EVERY if activity.is_open or now.is_active else None


def watch(code: str, activity_id: str, every: float | None) -> None:
    """How far the class is, and the wall. While it fills, this part of the page reruns by itself.

    `every` is the seconds between two reruns; if they are outdated, the whole page is rerun.
    """
    activity = classroom.activity(code, activity_id)
    now = wall.latest(code, activity_id)
    arms = tuple(arm.label() for arm in training.experiment_of(activity).experiment.arms)
    asked = ui.leave_to_browser("class_wall_asked", ("order",))
    scene = wall.scene(now, arms, line=counts(now), asked=asked)
    ui.component("classroom/components/wall")(key="class_wall", data=scene)
    if every != look_every(activity, now):
        st.rerun()


def title(experiment: Experiment) -> str:
    """What is trained: the question, and how."""
    text = ngettext("{question} · {recipe}, {n} epoch", "{question} · {recipe}, {n} epochs", experiment.base.epochs)
    return text.format(
        question=questions.title(experiment), recipe=labels.label(experiment.base), n=experiment.base.epochs
    )


def counts(now: Wall) -> str:
    """How many have trained, train and wait."""
    states = [tile.state for tile in now.tiles]
    if not states:
        return _("Nobody has joined yet.")
    n, running, waiting = states.count("finished"), states.count("running"), states.count("queued")
    parts = [ngettext("{n} of {all} trained", "{n} of {all} trained", len(states)).format(n=n, all=len(states))]
    if running:
        parts.append(ngettext("{n} in training", "{n} in training", running).format(n=running))
    if waiting:
        parts.append(ngettext("{n} waits", "{n} wait", waiting).format(n=waiting))
    return " · ".join(parts)


def buttons(code: str, activity: Activity) -> None:
    """End it; then train what is missing, or something else."""
    stored = training.experiment_of(activity)
    if activity.is_open:
        st.button(
            _("End"), icon=":material/stop:", key="class_end_training", width=104, on_click=ui.attempt,
            args=(end, code, activity.id), help=_("No other run begins; those in training go on to their end."),
        )  # fmt: skip
    else:
        st.button(
            _("Train something else"), icon=":material/add:", key="class_train_again", on_click=choose_next,
            args=(activity.id,),
        )  # fmt: skip
        if stored.by_class and (n := training.missing(stored)) and experiments.may_change(stored):
            st.button(
                ngettext("Train the {n} missing run", "Train the {n} missing runs", n).format(n=n),
                key="class_train_missing", width=216, on_click=ui.attempt, args=(training.train_missing, activity),
                help=_("So that each arm has every seed: arms are compared by the seeds that both have."),
            )  # fmt: skip
    if store.exists(stored.experiment.id):
        st.page_link(
            "experiments.py", label=_("As an experiment"), icon=":material/science:",
            query_params={"experiment": stored.experiment.id},
        )  # fmt: skip


def end(code: str, activity_id: str) -> None:
    """No more runs begin. Raises LenetError."""
    training.end(code, classroom.activity(code, activity_id))


def choose_next(activity_id: str) -> None:
    """Callback: choose what is trained next."""
    st.session_state[NEW] = activity_id
