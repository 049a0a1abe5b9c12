"""The grid of a layer with its window, as both sandboxes show it; the chosen output cell is in the URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lenet import ui


def show(scene: Mapping[str, Any], *, key: str, page: str, **more: Any) -> None:
    """Mount the component. It keeps `?cell=row,column` itself; all figures of a `page` share it."""
    height, width = scene["out_size"]
    if ui.arrived() and "cell" in ui.query() and not ui.tell_empty("cell"):
        asked = ui.query()["cell"]
        found = re.fullmatch(r"(\d{1,5}),(\d{1,5})", asked)
        if not found or not (1 <= int(found[1]) <= height and 1 <= int(found[2]) <= width):
            ui.notice("not_one_of", name="cell", value=asked[:40], options=f"1,1 … {height},{width}")
    asked_cell = ui.leave_to_browser(f"{page}_cell", ["cell"])
    ui.component("grid/component")(key=key, data={**scene, "asked": asked_cell}, **more)
