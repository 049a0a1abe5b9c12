"""The kernels of all runs of an experiment beside each other, and how often each is learned."""

from __future__ import annotations

from lenet import ui
from lenet.experiments import Results


def show(results: Results) -> None:
    ui.caption("…")
