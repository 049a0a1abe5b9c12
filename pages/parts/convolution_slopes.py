"""A part of the convolution page: what is left of an image's gradient at each layer of two whole networks."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import streamlit as st

from lenet import runs, ui
from lenet.architecture.figures import gradients as figures
from lenet.architecture.weights import Network, of_run
from lenet.common.translation import translate as _
from pages.parts import shown_images

RUNS = {"classic": "reference-classic", "modern": "reference-modern"}
"""By recipe, the runs that came with the app."""


def show() -> None:
    """A fold that measures only when it is open: it needs PyTorch."""
    fold = ui.folded(_("From layer to layer: what is left of the gradient"), key="slopes")
    if fold.open:
        with fold:
            ui.part(show_networks)


def show_networks() -> None:
    """Both networks, for a test image. Choosing another reruns only this part."""
    with nullcontext() if "torch" in sys.modules else st.spinner(_("Loading PyTorch…")), ui.first_import:
        from lenet.architecture import gradients, inference

        inference.use_one_thread()
    ui.markdown(
        _(
            "A kernel learns from what arrives at it, and that has come through all layers behind it. A sigmoid multiplies it "
            "by its slope, which is 1/4 at most; a ReLU by 1 or by 0."
        )
    )
    shown = shown_images.of_this_machine()
    row = st.container(horizontal=True, vertical_alignment="bottom", key="slopes_settings")
    when = ui.choice(
        row.segmented_control, _("Weights"), {"start": _("before training"), "end": _("after training")},
        key="slopes_at", default="start", required=True,
    )  # fmt: skip
    index = ui.typed_number(
        row.container(width=180), _("Test image"), 0, len(shown.images) - 1, key="slopes_image", default=0
    )
    networks = {}
    for recipe, run_id in RUNS.items():
        trained = of_run(runs.find(run_id))
        network = trained if when == "end" else Network(trained.config)
        networks[recipe] = gradients.of_image(network, shown, index)
    st.plotly_chart(
        figures.slopes(networks), key="slopes_chart", config=ui.plotly_config("slopes"),
        alt=figures.slopes_alt(networks),
    )  # fmt: skip
    for recipe, passages in networks.items():
        ui.markdown(f"**{recipe}.** {gradients.explain_passages(passages)}")
