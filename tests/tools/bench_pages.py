"""Server time of the pages: `python -m tests.tools.bench_pages [page …]`. Prints; asserts nothing.

Each line is the median of the CPU time of one run of the router and the page after a change of a widget, warm: the script
with its callbacks and the messages it makes for the browser. The network and the test harness are left out.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from lenet.ui.number_fields import box_of
from tests.helpers.pages import as_served, open_page

RUNS = 30
NEW = range(7, 90)
"""Values that come once: no cache has seen what follows from them."""
PAGES: dict[str, dict[str, tuple[dict[str, str], str, Iterable[Any]]]] = {
    "convolution": {
        "slider, 3×3": ({}, "conv_stride", (1, 2)),
        "slider, 28×28": ({"example": "image"}, "conv_stride", (1, 2)),
        "another kernel, LeNet 2": ({"example": "lenet2"}, "out", range(1, 17)),
        "a bias never seen, 28×28": ({"example": "image"}, "bias", NEW),
        "number of kernels": ({"example": "letter", "conv_dilation": "2"}, "conv_kernels", (3, 4)),
        "gradient, 28×28": ({"example": "image", "panel": "gradient"}, "conv_stride", (1, 2)),
        "gradient never seen, 28×28": ({"example": "lenet1", "panel": "gradient"}, "bias", NEW),
        "gradient of another kernel, LeNet 2": ({"example": "lenet2", "panel": "gradient"}, "out", range(1, 17)),
        "code, 28×28": ({"example": "image", "panel": "code"}, "conv_stride", (1, 2)),
    },
    "pooling": {
        "slider, 3×3": ({}, "stride", (1, 2)),
        "slider, 4×4 with padding, zeros": ({"preset": "4x4", "zero": "true"}, "stride", (1, 2)),
        "slider, 28×28": ({"preset": "image"}, "stride", (2, 3)),
        "slider, 28×28, stride 1 and 2": ({"preset": "image"}, "stride", (1, 2)),
        "slider, 28×28, average": ({"preset": "image", "mode": "avg"}, "stride", (2, 3)),
        "gradient, 28×28": ({"preset": "image", "panel": "gradient"}, "stride", (2, 3)),
        "shift, 28×28": ({"preset": "image", "panel": "robustness"}, "shift", (1, 2)),
        "noise, 28×28": ({"preset": "image", "panel": "robustness", "change": "noise"}, "noise", (10, 20)),
        "stack of three, 28×28": ({"preset": "image", "panel": "stack", "pools": "3"}, "stride", (2, 3)),
        "code, 28×28": ({"preset": "image", "panel": "code"}, "stride", (2, 3)),
    },
    "architecture": {
        "a network seen before": ({}, "h1", (100, 110)),
        "a network never seen": ({}, "h1", NEW),
        "comparison, never seen": ({"tab": "compare"}, "h1", NEW),
        "walk, another image": ({"tab": "walk"}, "image", NEW),
    },
    "training": {
        "other epochs": ({}, "epochs", NEW),
        "gradients": ({"panel": "gradients"}, "epochs", NEW),
        "confusion": ({"panel": "confusion"}, "epochs", NEW),
    },
    "kernels": {
        "another run": ({}, "run", ("reference-classic", "reference-modern")),
        "seen, another image": ({"tab": "seen"}, "image", NEW),
        "comparison": ({"tab": "compare"}, "run", ("reference-classic", "reference-modern")),
    },
    "experiments": {
        "other epochs": ({}, "run_epochs", range(1, 31)),
        "differences": ({"panel": "differences"}, "run_epochs", range(1, 31)),
        "kernels": ({"panel": "kernels"}, "run_epochs", range(1, 31)),
        "runs": ({"panel": "runs"}, "run_epochs", range(1, 31)),
    },
}


def widget(at: AppTest, key: str) -> Any:
    """The widget of that key, of whatever kind it is."""
    for kind in ("slider", "text_input", "selectbox", "button_group"):
        for one in at.get(kind):
            if one.key in (key, box_of(key)):
                return one
    raise KeyError(key)


def rerun(page: str, query: dict[str, str], key: str, values: Iterable[Any]) -> float:
    """Median CPU milliseconds of a run of a page after its widget `key` takes each of the values in turn."""
    at = open_page(page, **query)
    times.clear()
    for value in islice(cycle(values), RUNS + 4):
        field = widget(at, key)
        field.set_value(str(value) if field.type == "text_input" else value).run()
        assert not at.exception, at.exception
    return statistics.median(times[4:])


times: list[float] = []
"""CPU milliseconds of each run of the script so far."""


def watch() -> None:
    """Note the time of each run of a page, compiled once as on a server."""
    run_script = ScriptRunner._run_script

    def timed(self: ScriptRunner, *args: Any) -> None:
        started = time.thread_time()
        run_script(self, *args)
        times.append(1000 * (time.thread_time() - started))

    patch = pytest.MonkeyPatch()
    patch.setattr(ScriptRunner, "_run_script", timed)
    as_served(patch)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.bench_pages", description="Server time of the pages."
    )
    parser.add_argument("pages", nargs="*", metavar="page", help=f"default: all of {', '.join(PAGES)}")
    args = parser.parse_args(argv)
    if wrong := [page for page in args.pages if page not in PAGES]:
        parser.error(f"no such page: {', '.join(wrong)}; there are {', '.join(PAGES)}")
    watch()
    logging.disable(logging.WARNING)
    for page in args.pages or PAGES:
        for name, (query, key, values) in PAGES[page].items():
            print(f"{page + ':':13} {name:34} {rerun(page, query, key, values):6.1f} ms", flush=True)


if __name__ == "__main__":
    main()
