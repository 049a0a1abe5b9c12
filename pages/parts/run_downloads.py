"""What can be taken along of a run: tables, settings, weights, the network as ONNX, a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from lenet import runs, ui
from lenet.architecture import description, onnx_file
from lenet.architecture.description import Description
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import percent
from lenet.common.translation import translate as _
from lenet.runs import Run, export, onnx_export
from lenet.training import code, tensorboard

FILES = (runs.METRICS_CSV, runs.STEPS_CSV, runs.MODEL, runs.BEST)
"""What is offered once it lies in the run's directory; everything else is there from the beginning."""


def show(run: Run) -> None:
    """A button for each file; what they are made of is read when one is pressed."""
    with st.container(horizontal=True):
        for label, name, content in (
            (_("Metrics (CSV)"), runs.METRICS_CSV, partial(stored, run, runs.METRICS_CSV)),
            (_("Loss of every step (CSV)"), runs.STEPS_CSV, partial(stored, run, runs.STEPS_CSV)),
            (_("Settings (JSON)"), "config.json", partial(export.config_json, run)),
            (_("Weights (safetensors)"), runs.MODEL, partial(export.weights, run)),
            (best_weights(run), runs.BEST, partial(export.weights, run, runs.BEST)),
            (_("PyTorch script of this run"), "train.py", lambda: code.of_run(run).encode()),
        ):
            if name not in FILES or run.raw(name) is not None:
                download(run, label, name, content)
        missing = "" if tensorboard.is_installed() else explain(LenetError("tensorboard_missing"))
        label = _("TensorBoard event file (ZIP)")
        download(run, label, "tensorboard.zip", partial(tensorboard.zipped, run), missing)
    if run.has_weights:
        if making := onnx_export.is_at_work(run):
            ui.part(show_onnx, run, making, every=1.0)
        else:
            ui.attempt(show_onnx, run, making)
        ui.caption(what_goes_in(run))


def best_weights(run: Run) -> str:
    """What the weights after the best epoch are called, of a run with validation images; empty if there are none."""
    if not (best := run.best()):
        return ""
    text = _("Best weights (epoch {epoch}, val acc {accuracy})")
    return text.format(epoch=int(best["epoch"]), accuracy=percent(best["val_acc"]))


def stored(run: Run, name: str) -> bytes:
    """A file of the run as it is now."""
    return run.raw(name) or b""


def download(run: Run, label: str, name: str, content: Callable[[], bytes], why_not: str = "") -> None:
    """A button for a file; disabled where something says why it cannot be made here."""
    st.download_button(
        label, content, f"{run.id}-{name}", on_click="ignore", icon=":material/download:", key=f"take {name}",
        disabled=bool(why_not), help=ui.plain(why_not) or None,
    )  # fmt: skip


def show_onnx(run: Run, making: bool) -> None:
    """The ONNX file, or the button that has it made. Called again every second while it is in the making."""
    if making != (now := onnx_export.is_at_work(run)):
        st.rerun()  # the whole page, which is to look every second, or not any more
    label, icon = _("Make the ONNX file"), ":material/deployed_code:"
    if now:
        st.button(_("Making the ONNX file …"), icon=":material/hourglass_empty:", disabled=True, key="onnx")
    elif onnx_export.is_ready(run):
        download(run, _("Network (ONNX)"), onnx_export.FILE, partial(onnx_export.read, run))
    elif run.status().active:
        st.button(label, icon=icon, disabled=True, key="onnx", help=_("Possible when the run is not in training"))
    else:
        offer_onnx(run, label, icon)


def offer_onnx(run: Run, label: str, icon: str) -> None:
    """The button that has the file made, or why it cannot be made here."""
    try:
        onnx_file.check_packages()
    except LenetError as error:
        ui.caption(ui.plain(explain(error)))
        return
    if failed := onnx_export.failure(run):
        ui.problem(failed)
    if st.button(label, icon=icon, key="onnx"):
        onnx_export.start(run)
        ui.wait_for(lambda: onnx_export.is_at_work(run) or onnx_export.is_ready(run))
        st.rerun()


def what_goes_in(run: Run) -> str:
    """What the network of the files takes and gives, as it is written in them too."""
    shapes = Description(run.config.model)
    return _("The files of weights and ONNX say how the network is used. Input: {input}. Output: {output}.").format(
        input=_(description.INPUT).format(shape=shapes.input_shape),
        output=_(description.OUTPUT).format(shape=shapes.output_shape),
    )
