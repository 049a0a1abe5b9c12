"""The kernel gallery: the first layer's kernels of a run, from initialisation to the end of training, what they see,
how they compare with others, and one's own beside them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import streamlit as st

from lenet import data, runs, ui
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import number, percent
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.kernels import ablation, film, matching, upload
from lenet.kernels import history as kernels
from lenet.kernels.figures import lab, responses
from lenet.kernels.figures import wall as figures
from lenet.kernels.history import Course, History, Kernels
from lenet.kernels.matching import Pair
from lenet.runs import Run, rules
from lenet.training import curves

ui.inside_app()

T = TypeVar("T")

DEFAULT = "reference-classic"
# Ids that no run can have:
BROUGHT = "~upload"  # what the reader brought
NOTE = "~note"  # the note's kernels
START = "~start"  # the kernels of the run itself before training

WALL_KEYS = ("step", "scale", "values", "sort", "layer", "present", "ground")  # in the URL, kept by the component

wall = ui.component("kernels/components/wall")
laboratory = ui.component("kernels/components/editor")


def read(what: Callable[[Run], T], run: Run) -> T | None:
    """What can be read of the run; where it cannot be, one sentence and None."""
    try:
        return what(run)
    except LenetError as error:
        ui.problem(error)
        return None


def history_of(shown: str) -> History:
    """The history of a run, or the one moment of what was brought and of the note's. Raises LenetError."""
    if shown == NOTE:
        return kernels.still(kernels.NOTE)
    return st.session_state["brought"] if shown == BROUGHT else kernels.history(runs.find(shown))


# -- the wall -----------------------------------------------------------------------------------------------------


def show_wall(
    run_id: str, label: str, history: History | None, course: Course | None = None, second: Kernels | None = None
) -> None:
    asked = ui.leave_to_browser("wall_asked", WALL_KEYS)
    shared, still = ui.shared_address("shared"), run_id == BROUGHT
    scene = figures.scene(run_id, label, history, course, second, shared, asked, still=still)
    wall(key="wall", data=scene, on_share_change=ask_link)


def ask_link() -> None:
    """The component asks for the address of what it shows."""
    st.session_state["shared"] = st.session_state["wall"].get("share")


def look(run: Run, label: str, live: bool) -> None:
    """The wall of a run and its curve. Called again every second while the run is going on (`live`)."""
    status = read(Run.status, run)
    active = status is not None and status.active
    course = read(kernels.course, run) if status else None
    if status and course and active:
        st.caption(ui.plain(curves.progress_line(run, status)))
    waiting = active and not kernels.kept(run)
    if waiting:
        st.info(_("This run is waiting. Its kernels appear here as soon as it trains."), icon=":material/schedule:")
    history = None if waiting else read(kernels.history, run)
    second = None if active else read(kernels.second_layer, run)
    show_wall(run.id, label, history, course, second)
    if live and not active:
        st.rerun()  # the whole page, which then stands still


def check_link(last_step: int) -> None:
    """Say what the wall cannot take of the link that the reader came by; it reads and writes the URL by itself."""
    ui.check_query("step", low=0, high=last_step, whole=True)
    ui.check_query("scale", options=["shared", "own"])
    ui.check_query("values", options=["on", "off"])
    ui.check_query("sort", options=["stored", "norm", "similarity"])
    ui.check_query("layer", options=["1", "2"])
    ui.check_query("present", options=["0", "1"])
    ui.check_query("ground", options=["dark", "light"])


def show_gallery(shown: str, label: str) -> None:
    if shown == BROUGHT:
        show_wall(shown, label, history_of(shown))
    else:
        run = runs.find(shown)
        live = False
        with suppress(LenetError):  # `look` says what is wrong
            live = run.status().active
        if ui.arrived():
            with suppress(LenetError):
                check_link(int(kernels.history(run).steps[-1]))
        ui.part(look, run, label, live, every=1.0 if live else None)
    show_explanations()


def show_explanations() -> None:
    for cell, words in zip(st.columns(3, gap="large"), figures.how_to_read(), strict=True):
        cell.markdown(words)
    with st.expander(_("About the note’s kernels")):
        st.markdown(figures.about_the_note())


# -- what they see ------------------------------------------------------------------------------------------------


def show_seen(shown: str, label: str) -> None:
    final = history_of(shown).final
    start = page_of(len(final))
    ui.part(show_responses, final, start, shown)
    st.markdown("##### " + _("On the whole test set"))
    if shown == BROUGHT:
        st.info(_("This needs a whole network: choose a run."), icon=":material/info:")
    else:
        run = runs.find(shown)
        live = ablation.work(run) is not None
        ui.part(show_insight, run, start, live, every=1.0 if live else None)


def show_responses(final: Kernels, start: int, shown: str) -> None:
    """A test image through a page of kernels; another image runs no more than this."""
    images, labels = data.load("test")
    pick, said = st.columns([1, 3], vertical_alignment="bottom", gap="medium")
    index = ui.number(pick.number_input, _("Test image"), 0, len(images) - 1, key="image", default=0)
    said.markdown(
        _(
            "**{name}.** Red: the weighted sum is positive, blue: negative, white: zero. The polar line is the strongest "
            "answer to an edge whose bright side lies in that direction."
        ).format(name=data.data_set().class_names()[int(labels[index])])
    )
    st.plotly_chart(
        responses.seen(final, kernels.pixels(images[index]), start),
        key="seen", config=ui.plotly_config(f"kernels-{shown}-seen"), alt=responses.seen_alt(final, start),
    )  # fmt: skip


def page_of(n: int) -> int:
    """The first of the kernels to show; a choice where there are more than fit beside each other."""
    step = responses.COLUMNS
    words = {str(i + 1): f"{i + 1} – {min(i + step, n)}" for i in range(0, n, step)}
    if len(words) == 1:
        return 0
    return int(ui.choice(st.segmented_control, _("Kernels"), words, key="from", default="1", required=True)) - 1


def show_insight(run: Run, start: int, live: bool) -> None:
    """What was computed once and is kept with the run; its progress; or the button that begins it.

    Called again every second while somebody's wish for it is being fulfilled (`live`)."""
    if work := ablation.work(run):
        bar, end = st.columns([5, 1], vertical_alignment="center")
        bar.progress(work.share, text=work.words())
        end.button(
            _("Stop"), key="insight_stop", icon=":material/stop:", on_click=ui.attempt, args=(ablation.stop, run),
            width="stretch", help=_("For everybody who waits for it."),
        )  # fmt: skip
        return
    if live:
        st.rerun()  # the whole page, which then stands still
    if not (run.path / "model.safetensors").exists():
        st.info(_("This run has no weights yet."), icon=":material/info:")
        return
    known = ablation.read(run)
    if known is None:
        if error := ablation.failure(run):
            ui.problem(error)
        if st.button(_("Look at all test images"), key="insight", icon=":material/play_arrow:"):
            ablation.start(run)
            ui.wait_for(lambda: ablation.work(run) is not None or ablation.read(run) is not None)
            st.rerun()
        return
    patches, losses = st.columns([3, 2], gap="medium")
    with patches:
        st.markdown(_("The patches that excite each kernel most and least, each from another test image."))
        st.plotly_chart(
            responses.patches(known, start),
            key="patches", config=ui.plotly_config(f"kernels-{run.id}-patches"), alt=responses.patches_alt(known, start),
        )  # fmt: skip
    with losses:
        told = ngettext(
            "What switching off **one** kernel costs. With all of them {whole} of {n} test image is right.",
            "What switching off **one** kernel costs. With all of them {whole} of {n} test images are right.",
            known.images,
        )
        st.markdown(told.format(whole=percent(known.accuracy), n=number(known.images)))
        st.plotly_chart(
            responses.losses(known), key="losses", config=ui.plotly_config(f"kernels-{run.id}-losses"),
            alt=responses.losses_alt(known),
        )  # fmt: skip


# -- paths, comparison, one's own ---------------------------------------------------------------------------------


def show_paths(shown: str, label: str) -> None:
    history = history_of(shown)
    if len(history.steps) < 2:
        st.info(_("These kernels have no history: choose a run."), icon=":material/info:")
        return
    st.markdown(
        _(
            "Each kernel as a traveller from its random start. **Left:** how far it has gone. **Right:** how much it "
            "already points the way of its final form (1: the same direction, 0: none of it), with the test accuracy."
        )
    )
    start = page_of(len(history.final))
    course = None if shown == BROUGHT else read(kernels.course, runs.find(shown))
    st.plotly_chart(
        responses.paths(history, course, start),
        key="paths", config=ui.plotly_config(f"kernels-{shown}-paths"), alt=responses.paths_alt(history, start),
    )  # fmt: skip


def show_comparison(shown: str, label: str) -> None:
    mine = history_of(shown)
    first = matching.before(mine)
    others = {NOTE: _("The note’s kernels")} if mine.final.shape[1:] == kernels.NOTE.shape[1:] else {}
    if first is not None:
        others[START] = _("Its own random start")
    others |= {id: name for id, name in words.items() if id != shown}
    both = [(label, mine)]
    if others:
        pick, said = st.columns([2, 3], vertical_alignment="bottom", gap="medium")
        other = ui.choice(pick.selectbox, _("Compare with"), others, key="other", default=next(iter(others)))
        theirs = kernels.still(first) if other == START and first is not None else history_of(other)
        try:
            matched = matching.match(mine.final, theirs.final)
        except LenetError as error:  # of another size: nothing is wrong with either
            said.info(ui.plain(explain(error)), icon=":material/info:")
        else:
            said.markdown(responses.summary(matched, with_start=other == START))
            show_pairs(mine.final, theirs.final, matched, shown, other, label, others[other])
            if other != START:  # the bars have it already
                both.append((others[other], theirs))
    sides = [(name, matching.before(h), h.final) for name, h in both if len(h.final) > 1]
    if sides:
        show_labour(shown, sides)


def show_pairs(
    mine: Kernels, theirs: Kernels, matched: list[Pair], shown: str, other: str, label: str, other_label: str
) -> None:
    st.plotly_chart(
        responses.pairs(mine, theirs, matched),
        key="pairs", config=ui.plotly_config(f"kernels-{shown}-{other}"), alt=responses.pairs_alt(matched),
    )  # fmt: skip
    st.caption(
        ui.plain(
            _(
                "Above: {a}. Below: {b}, with all signs changed where × (−1) stands. Pairs are chosen over all "
                "permutations and signs so that the sum of |r| is largest; r is the correlation of the weights."
            ).format(a=label, b=other_label)
        )
    )


def show_labour(shown: str, sides: list[tuple[str, Kernels | None, Kernels]]) -> None:
    st.markdown("##### " + _("Do they divide the work?"))
    st.plotly_chart(
        responses.labour(sides),
        key="labour",
        config=ui.plotly_config(f"kernels-{shown}-labour"),
        alt=responses.labour_alt(sides),
    )
    for sentence in responses.labour_words(sides):
        st.markdown(ui.plain(sentence))
    st.caption(
        _(
            "The note calls it division of labour (自动分工). Kernels that shared no work would have a cosine of 0 with "
            "one another; |cosine| does not tell an edge from its negative."
        )
    )


def show_own(shown: str, label: str) -> None:
    final = history_of(shown).final
    if ui.arrived():
        ui.check_query("on", low=0, high=len(data.data_set().classes) - 1, whole=True)
        asked, n = st.query_params.get("own"), final.shape[2] ** 2
        if asked is not None and not lab.are_weights(asked, n):
            ui.notice("own_not_weights", n=n, limit=lab.LIMIT, value=asked[:40])
    laboratory(key="laboratory", data=lab.scene(final, ui.leave_to_browser("own_asked", ("own", "on"))))


# -- what to look at, and files -----------------------------------------------------------------------------------


def uploader() -> str:
    """The key of the uploader: another one after each file that cannot be used, which then is not listed any longer."""
    return f"file-{st.session_state.get('files_refused', 0)}"


def take_in() -> None:
    """Take over the file that the reader brought; where it cannot be used, one sentence says why."""
    given = st.session_state[uploader()]
    if given is None:
        return
    try:
        name, brought = upload.first_layer(given.getvalue())
    except LenetError as error:
        st.session_state["brought_problem"] = error
        st.session_state["files_refused"] = st.session_state.get("files_refused", 0) + 1
        return
    st.session_state["brought"] = kernels.still(brought)
    st.session_state["brought_words"] = _("{file}: {tensor}").format(file=given.name[:60], tensor=name[:60])
    st.session_state["run"] = BROUGHT
    leave_step()


def files(shown: str) -> None:
    """What can be taken away, and what can be brought."""
    with suppress(LenetError):
        history = history_of(shown)
        for name, make, ending, kind in (
            (_("Kernels (CSV)"), lambda: kernels.to_csv(history.final), "csv", "text/csv"),
            (_("History (NPZ)"), lambda: upload.to_npz(history), "npz", "application/octet-stream"),
            (_("History as a film (GIF)"), lambda: film.gif(history), "gif", "image/gif"),
        ):
            st.download_button(
                name,
                make,
                f"kernels-{shown.removeprefix('~')}.{ending}",
                kind,
                on_click="ignore",
                width="stretch",
                key=f"take_{ending}",
            )
    st.file_uploader(
        _("Bring a .safetensors file: its first convolution goes on the wall"),
        type=["safetensors"], key=uploader(), on_change=take_in, max_upload_size=rules.upload_mb(upload.MAX_MB),
    )  # fmt: skip


def leave_step() -> None:
    """Another run opens at its own end."""
    st.session_state.get("wall_asked", {}).pop("step", None)


words = ui.run_words()
if "brought" in st.session_state:
    words = {BROUGHT: st.session_state["brought_words"]} | words
if ui.arrived() and st.query_params.get("present") == "1":
    st.query_params.pop("tab", None)  # it is the wall that is presented
    st.session_state["tab"] = "wall"
if st.query_params.get("run") == BROUGHT and BROUGHT not in words:
    ui.notice("upload_gone")
    del st.query_params["run"]
if words:
    choose, save = st.columns([6, 1.2], vertical_alignment="bottom")
    with choose:
        shown = ui.choice(
            st.selectbox,
            _("Run"),
            words,
            key="run",
            default=DEFAULT if DEFAULT in words else next(iter(words)),
            on_change=leave_step,
            label_visibility="collapsed",
        )
    with save.popover(_("Files"), icon=":material/folder_open:", width="stretch"):
        files(shown)
    if error := st.session_state.pop("brought_problem", None):
        ui.problem(error)
    SHOW = {
        "wall": (_("The wall"), show_gallery),
        "seen": (_("What they see"), show_seen),
        "paths": (_("Their paths"), show_paths),
        "compare": (_("Compare"), show_comparison),
        "own": (_("Your own"), show_own),
    }
    for name, panel in ui.tabs({name: title for name, (title, _show) in SHOW.items()}, key="tab").items():
        if panel.open:
            with panel:
                ui.guard(lambda: SHOW[name][1](shown, words[shown]))  # noqa: B023 - called at once
else:
    st.info(_("There is no run here yet. Train one, and its kernels appear here."), icon=":material/info:")
    show_wall("", "", None)
    show_explanations()
