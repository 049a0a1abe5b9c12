"""Training: steps and the loop, what is recorded of a run, and how that is drawn.

>>> from lenet import runs
>>> from lenet.training import curve
>>> figure = curve(runs.find("reference-classic"))
>>> [line.name for line in figure.data]
['loss of a step', 'training images', 'test images', 'training images']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lenet.runs import Run

__all__ = ["curve"]


def curve(run: Run, *, log_loss: bool = False, height: int = 400) -> Figure:
    """The loss (left) and the accuracies (right) of a run so far, over all of its epochs; for notebooks.

        curve(runs.find("reference-classic")).show()

    `height` is in pixels. Needs no torch. Raises LenetError if a file of the run cannot be read.
    """
    from lenet.common import charts  # loads Plotly: 0.1 s that a worker does not pay
    from lenet.training import curves, figures

    view = (0.0, float(curves.epochs_of(run)))
    drawn = figures.curves([curves.read_curve(run)], view=view, log_loss=log_loss, height=height)
    return charts.notebook_figure(drawn.to_dict())
