"""What the component of learning is sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from lenet.common.paths import PROJECT
from lenet.convolution.figures.learning import KEYS, scene
from lenet.convolution.learning import FIRST_RATE, TASKS

COMPONENT = PROJECT / "lenet/convolution/components/learning"


def source(name: str) -> str:
    return Path(COMPONENT / name).read_text(encoding="utf-8")


def test_the_scene_is_plain_data_with_the_tasks() -> None:
    told = json.loads(json.dumps(scene({"rate": "0.1"})))
    assert told["asked"] == {"rate": "0.1"}
    assert told["rate"] == FIRST_RATE and FIRST_RATE in told["rates"]
    assert [task["key"] for task in told["tasks"]] == list(TASKS)
    for sent, task in zip(told["tasks"], TASKS.values(), strict=True):
        for name, values in (("input", task.grid), ("target", task.target), ("start", task.first.weight[0])):
            assert sent[name]["size"] == list(values.shape[1:])
            np.testing.assert_array_equal(sent[name]["values"], values.ravel())
        assert sent["largest"] == task.largest_rate


def test_every_kernel_has_the_weights_of_the_address() -> None:
    for task in TASKS.values():
        height, width = task.first.kernel_size
        assert KEYS["weight"] == [f"{row + 1},{column + 1}" for row in range(height) for column in range(width)]


def test_component_and_python_agree_on_names() -> None:
    """The keys of the address, and every word that the component asks for."""
    assert list(KEYS) == re.findall(r'"(\w+)"', re.search(r"KEYS = \[(.*)\]", source("state.js"))[1])  # type: ignore[index]
    scripts = "".join(source(path.name) for path in COMPONENT.glob("*.js"))
    words = scene()["words"]
    assert set(re.findall(r"words\.(\w+)", scripts)) <= set(words)
    unused = {word for word in words if f"words.{word}" not in scripts}
    assert unused == {"input", "kernel", "output", "target", "arriving", "gradient"}  # titles, by the panels' names
