"""A tab of the kernel page: what kernels respond to, and what they do for the network on the whole test set."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import runs, ui
from lenet.common.formatting import number, percent
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.kernels import ablation
from lenet.kernels.ablation import AblationResult
from lenet.kernels.figures import ablation as ablation_figures
from lenet.kernels.figures import responses as figures
from lenet.kernels.history import Kernels
from lenet.kernels.responses import pixels
from lenet.runs import Run
from pages.parts.kernel_choice import UPLOAD, choose_page, images_for, read


def show(source: str) -> None:
    """The whole tab."""
    kernels = read(source).final
    start = choose_page(len(kernels))
    ui.part(ui.guard, partial(show_responses, kernels, start, source))
    ui.markdown("## " + _("On the whole test set"))
    if source == UPLOAD:
        st.info(_("This needs a complete network: choose a run."), icon=":material/info:")
    else:
        run = runs.find(source)
        live = ablation.work(run) is not None
        ui.part(show_ablation, run, start, live, every=1.0 if live else None)


def show_responses(kernels: Kernels, start: int, source: str) -> None:
    """The responses of a page of kernels to a test image. Choosing another image reruns only this part."""
    part = st.container(key="responses")
    shown = images_for(source)
    pick, about = part.columns([1, 3], vertical_alignment="bottom", gap="medium")
    text = about.container(key="about_seen")
    index = ui.typed_number(pick, _("Test image"), 0, len(shown.images) - 1, key="image", default=0)
    text.markdown(
        _(
            "**{name}.** Red: the weighted sum is positive, blue: negative, white: zero. The polar curve "
            "is the largest response to an edge whose bright side lies in that direction."
        ).format(name=ui.plain(shown.data_set.class_names()[int(shown.labels[index])]))
    )
    if (channels := kernels.shape[1]) > 1:
        told = _(
            "A kernel has {n} channels here: each gets the same grey image, and the first row shows their mean. A kernel that "
            "compares colours hardly responds to grey."
        )
        part.container(key="about_channels").caption(told.format(n=channels))
    part.plotly_chart(
        figures.responses(kernels, pixels(shown.images[index]), start),
        key="seen", config=ui.plotly_config(f"kernels-{source}-seen"), alt=figures.responses_alt(kernels, start),
    )  # fmt: skip


def show_ablation(run: Run, start: int, live: bool) -> None:
    """The ablation of a run: its result, its progress, or the button that starts it.

    Called again every second while the work is requested (`live`).
    """
    if work := ablation.work(run):
        bar, end = st.columns([5, 1], vertical_alignment="center")
        bar.progress(work.share, text=work.words())
        end.button(
            _("Stop"), key="insight_stop", icon=":material/stop:", on_click=ui.attempt, args=(ablation.stop, run),
            width="stretch", help=_("Stops it for everybody who is waiting."),
        )  # fmt: skip
        return
    if live:
        st.rerun()  # the whole page, which is not live any more
    if not run.has_weights:
        st.info(_("This run has no weights yet."), icon=":material/info:")
    elif result := ablation.read(run):
        show_ablation_result(result, start, run)
    else:
        if error := ablation.failure(run):
            ui.problem(error)
        if st.button(_("Test on all test images"), key="insight", icon=":material/play_arrow:"):
            ablation.start(run)
            ui.wait_for(lambda: ablation.work(run) is not None or ablation.read(run) is not None)
            st.rerun()


def show_ablation_result(result: AblationResult, start: int, run: Run) -> None:
    classes = run.data_set.class_names()
    patches, lost = st.columns([3, 2], gap="medium")
    with patches:
        ui.markdown(
            _(
                "The patches with the largest and the smallest weighted sum of each kernel, each "
                "from a different test image."
            )
        )
        st.plotly_chart(
            ablation_figures.patches(result, start, classes), key="patches",
            config=ui.plotly_config(f"kernels-{run.id}-patches"),
            alt=ablation_figures.patches_alt(result, start, classes),
        )  # fmt: skip
    with lost:
        text = ngettext(
            "The cost of switching off **one** kernel. With all kernels, {whole} of {n} test image is classified correctly.",
            "The cost of switching off **one** kernel. With all kernels, {whole} of {n} test images are classified correctly.",
            result.images,
        )
        ui.markdown(text.format(whole=percent(result.accuracy), n=number(result.images)))
        st.plotly_chart(
            ablation_figures.accuracy_lost(result), key="losses",
            config=ui.plotly_config(f"kernels-{run.id}-losses"), alt=ablation_figures.accuracy_lost_alt(result),
        )  # fmt: skip
