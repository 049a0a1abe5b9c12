"""What a run has led to: confusion, mistakes, parameters."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from lenet import runs
from lenet.training import figures, results


def test_parameter_dump_is_the_notes() -> None:
    dump = results.parameter_dump(runs.find("reference-classic"))
    lines = dump.splitlines()
    assert [line for line in lines if "shape" in line] == [
        "0.weight: shape=(6, 1, 5, 5)", "0.bias: shape=(6,)", "3.weight: shape=(16, 6, 5, 5)", "3.bias: shape=(16,)",
        "7.weight: shape=(120, 400)", "7.bias: shape=(120,)", "9.weight: shape=(84, 120)", "9.bias: shape=(84,)",
        "11.weight: shape=(10, 84)", "11.bias: shape=(10,)",
    ]  # fmt: skip
    first = dump.split("0.bias")[0]
    numbers = [float(x) for x in first[first.index("([") + 2 : first.index("])")].split(",")]
    expected = runs.find("reference-classic").weights()["0.weight"].ravel()[:10]
    np.testing.assert_allclose(numbers, expected, atol=5e-5)


def test_confusion_and_mistakes() -> None:
    labels, classes = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 2])
    matrix = results.confusion(labels, classes, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    worst = results.worst_mistakes(labels, classes, np.array([0.9, 0.6, 0.99, 0.8, 1.0]), 5)
    assert worst.tolist() == [3, 1]
    images, names = np.zeros((2, 28, 28)), ["7", "8", "9"]
    assert results.mistake_words(0, 1, 0.5, names) == ("7 →", "8, 0.50")
    go.Figure(figures.mistakes(images, [results.mistake_words(0, 1, 0.5, names)] * 2).to_dict())
    go.Figure(figures.confusion(matrix, names).to_dict())
    assert results.worst_mistakes(labels, labels, np.ones(5), 5).tolist() == []


def test_a_confusion_matrix_of_numbered_classes_has_one_row_a_class() -> None:
    """Plotly takes names that are numbers for a scale of numbers, unless told otherwise."""
    for n in (10, 47, 62):
        drawn = figures.confusion(np.eye(n, dtype=int), [str(i) for i in range(n)]).to_dict()
        go.Figure(drawn)
        layout = drawn["layout"]
        assert {layout[axis]["type"] for axis in ("xaxis", "yaxis")} == {"category"}
        assert layout["height"] >= 10 * n, "the name of each class has room"
        assert len(drawn["data"][0]["x"]) == len(drawn["data"][0]["z"]) == n
