"""The notebook in docs/: it runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

from typing import Any

import nbclient
import nbformat
import pytest

from lenet import runs
from lenet.common.paths import PROJECT

NOTEBOOK = PROJECT / "docs" / "notebook.ipynb"
PLOTLY, HTML, TEXT = "application/vnd.plotly.v1+json", "text/html", "text/plain"


def test_it_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert [c.id for c in notebook.cells if c.cell_type == "code" and (c.outputs or c.execution_count)] == []
    assert notebook.cells[0].source.startswith("# ")


@pytest.mark.slow
def test_it_runs_and_shows_figures_and_tables() -> None:
    """As Jupyter starts it: in the notebook's own folder."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = {cell.id: outputs(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert [name for name, output in shown.items() if PLOTLY in output] == [
        "pooling-max", "pooling-avg", "run", "change", "wall", "wall-start", "train",
    ]  # fmt: skip
    assert "<td" in shown["table"][HTML] and "61,706" in shown["table"][HTML]
    assert shown["table-rows"][TEXT].count("Linear") == 3
    assert shown["pooling-call"][TEXT] == "(2, 3, 14, 14)"
    assert shown["change"][PLOTLY]["layout"]["height"] == 360
    assert shown["change"][PLOTLY]["data"][-1]["name"] == "test acc, modern"
    assert "step 0" in shown["wall-start"][PLOTLY]["layout"]["title"]["text"]
    (trained,) = [run for run in runs.list_runs() if not run.is_reference]
    assert trained.status().state == "finished" and len(trained.metrics()["epoch"]) == 3


def outputs(cell: Any) -> dict[str, Any]:
    """What a cell shows, by its media type; nothing but that, no error and no warning."""
    assert all(o.get("name") != "stderr" for o in cell.outputs), cell.outputs
    found: dict[str, Any] = {}
    for output in cell.outputs:
        found |= output.get("data", {})
    return found
