"""Training: steps and the loop, what is recorded of a run, and how that is drawn.

>>> from lenet import runs
>>> from lenet.training import curve
>>> curve(runs.find("reference-classic")).data[-1].name
'train acc'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lenet.runs import Run

__all__ = ["curve"]


def curve(run: Run, *, log_loss: bool = False, height: int = 400) -> go.Figure:
    """A Plotly figure of a run so far: its loss on the left, its accuracies on the right, both over all of its epochs.

    Needs no torch. Raises LenetError where a file of the run cannot be read.
    """
    from lenet.training import curves, figures  # Plotly takes 0.1 s to load, which a worker can do without

    drawn = curves.read_curve(run)
    return figures.curves([drawn], view=(0.0, float(run.config.epochs)), log_loss=log_loss, height=height)
