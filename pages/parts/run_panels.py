"""The tabs below the curve on the training page: each shows one aspect of a run, or of several side by side."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import runs, ui
from lenet.common.translation import translate as _
from lenet.runs import Run, tables
from lenet.runs.tables import Entry
from lenet.training import curves, figures, progress, results
from pages.parts import run_downloads, run_settings


def show_result(run: Run, others: list[Run]) -> None:
    """What the note prints at the end of training, and the downloads."""
    left, right = st.columns(2, gap="medium")
    with left:
        text = "\n".join(run.log_lines()) or _("No epoch has finished yet.")
        ui.lines(text, _("What training printed"), key="log_lines")
        if losses := results.losses_in_words(run):
            ui.caption(ui.plain(losses))
        if how := progress.how_it_ran(run.status()):
            ui.caption(ui.plain(how))
        if not run.id.startswith(runs.LESSON_PREFIX):
            st.page_link(
                "kernels.py", label=_("See its kernels"), icon=":material/grid_view:", query_params={"run": run.id}
            )
        run_downloads.show(run)
    with right:
        if run.has_weights:
            words = _("Every parameter with its shape and first ten values")
            ui.caption(words)
            ui.lines(results.parameter_dump(run), words, key="parameters", height=300)


def show_gradients(run: Run, others: list[Run]) -> None:
    """Why a sigmoid network learns slowly: how much of the gradient reaches each layer."""
    ui.caption(
        _(
            "The norm of the gradient of the loss with respect to each layer’s weights. A sigmoid passes "
            "on at most a quarter of the gradient that reaches it, so in the classic network little of "
            "it reaches the first layers (0.weight, 3.weight): at first the loss stays on its plateau. "
            "ReLU passes on all of it where its input is positive, and nothing elsewhere."
        )
    )
    known = [r for r in (run, *others) if curves.gradients(r)]
    if chosen := known[:2]:
        names = tables.short_names(chosen)
        if len(known) > 2:
            ui.caption(ui.plain(_("Only the first two runs are drawn: {names}").format(names=_(", ").join(names))))
        panels = [(name if others else "", curves.gradients(r)) for name, r in zip(names, chosen, strict=True)]
        alt = _("Norm of the gradient in each layer over epochs, on a logarithmic scale")
        st.plotly_chart(figures.gradients(panels), key="norms", alt=alt, config=ui.plotly_config("gradients"))


def show_confusion(run: Run, others: list[Run]) -> None:
    """The confusion matrix, and the mistakes with the highest confidence."""
    judged = results.judged_images(run)
    if judged is None:
        ui.caption(_("No epoch has finished yet."))
        return
    if others:
        ui.caption(ui.plain(_("Only one run is shown: {run}").format(run=run.label())))
    images, labels, classes, confidence = judged
    names = run.data_set.class_names()
    left, right = st.columns(2, gap="medium")
    with left:
        matrix = results.confusion(labels, classes, len(names))
        alt = _("Confusion matrix: test images by label and by predicted class")
        st.plotly_chart(
            figures.confusion(matrix, names), key="confusion", alt=alt, config=ui.plotly_config("confusion")
        )
    with right:
        ui.caption(_("Confidently wrong: label → predicted class, softmax"))
        worst = results.worst_mistakes(labels, classes, confidence, 12)
        captions = [results.mistake_words(labels[i], classes[i], confidence[i], names) for i in worst]
        alt = _("Test images that the network classified wrongly with the highest confidence")
        st.plotly_chart(figures.mistakes(images[worst, 0], captions), key="mistakes", alt=alt)


def show_settings(run: Run, others: list[Run]) -> None:
    """The settings of the run; of several runs, those in which they differ."""
    if others:
        ui.caption(_("The settings in which these runs differ"))
    st.dataframe(tables.settings_table([run, *others], differing=bool(others)), hide_index=True)
    config = run.config
    copy = st.button(
        _("Use these settings"), key="use", icon=":material/content_copy:", on_click=run_settings.take_settings,
        args=(config,), help=ui.plain(_("Sets the controls of a new run to those of {run}.").format(run=run.label())),
    )  # fmt: skip
    if left := run_settings.not_on_page(config):
        ui.caption(ui.plain(_("Cannot be set on this page: {settings}").format(settings=_(", ").join(left))))
    if copy:
        st.rerun()  # the whole page: the controls are outside this part of it


def show_speed(run: Run, others: list[Run]) -> None:
    """The effect of the batch size: throughput, memory, and steps per epoch."""
    ui.caption(
        _(
            "A larger batch trains more examples per second and takes more memory, but it also takes "
            "fewer steps per epoch. Measured with the classic network on {device} by `python -m "
            "lenet.bench --batch-sizes`; run it to measure your machine."
        ).format(device=results.batch_sizes()["device"])
    )
    st.dataframe(results.batch_size_rows(), hide_index=True, width="content")


def show_all(run: Run, others: list[Run], listed: list[Entry] | None) -> None:
    """The table of all runs: those in `listed`, or with None their current state."""
    rows, damaged = tables.run_table(listed)
    ids = [row[_("Name in files")] for row in rows]
    ui.caption(_("Select a row to open its run."))
    key = f"all runs {run.id}"  # a new table after each choice, in which nothing is selected yet
    st.dataframe(
        rows, hide_index=True, placeholder="–", key=key, on_select=partial(open_run, key, ids), selection_mode="single-row"
    )  # fmt: skip
    if st.session_state.pop("opened", False):
        st.rerun()  # the whole page: the run is chosen outside this part of it
    ui.caption(
        _(
            "Choose by validation accuracy: runs with validation images are ranked by it. An epoch or a run that was chosen for "
            "its test accuracy looks better than it is on new images, since the test images helped to choose it."
        )
    )
    for sentence in damaged:
        ui.caption(ui.plain(sentence))


def open_run(table: str, ids: list[str]) -> None:
    """Callback: choose the run in the selected row of a table."""
    for row in st.session_state[table]["selection"]["rows"][:1]:
        st.session_state["run"] = ids[row]
        st.session_state["opened"] = True
