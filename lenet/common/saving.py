"""The menu with which a reader saves the picture of a component."""

from __future__ import annotations

from lenet.common.translation import translate as _


def words() -> dict[str, str]:
    """Its words (see components/saving.js), in the reader's language."""
    return {"save": _("Save"), "save_svg": _("Picture (SVG)"), "save_png": _("Picture (PNG)")}
