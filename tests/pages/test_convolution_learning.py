"""The tab of the convolution page on which a kernel learns: what it sends, and what it says about bad links."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from lenet.common import paths
from lenet.convolution.learning import TASKS
from tests.helpers.pages import open_page, said, scene

pytestmark = pytest.mark.usefixtures("router")


def test_the_tab_hands_the_reader_s_link_to_the_browser() -> None:
    at = open_page("convolution", panel="learning", task="bar", rate="0.1", weight="2,3")
    assert scene(at)["asked"] == {"task": "bar", "rate": "0.1", "weight": "2,3"}
    assert said(at) == []
    assert [task["key"] for task in scene(at)["tasks"]] == list(TASKS)


@pytest.mark.parametrize(("key", "value"), [("task", "no"), ("rate", "7"), ("weight", "4,1")])
def test_a_bad_link_is_told(key: str, value: str) -> None:
    at = open_page("convolution", panel="learning", **{key: value})
    (sentence,) = said(at)
    assert value in sentence and key in sentence


def test_two_networks_are_measured_when_the_fold_is_open() -> None:
    at = open_page("convolution", panel="learning")
    at.session_state["slopes"] = True
    at.run(timeout=60)
    told = " ".join(text.value for text in at.markdown)
    shares = re.findall(r"output (\S+) arrives at the first layer", told)
    assert len(shares) == 2 and "·10⁻" in shares[0] and shares[1].endswith("%")


def test_the_tab_itself_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from tests.helpers.pages import open_page, scene\n"
        "assert scene(open_page('convolution', panel='learning'))['tasks']\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=paths.PROJECT)
