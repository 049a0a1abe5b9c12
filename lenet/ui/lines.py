"""Plain lines: logs, numbers and commands."""

from __future__ import annotations

from lenet.common.translation import translate as _
from lenet.ui.components import component


def lines(text: str, words: str, *, key: str, height: int = 0) -> None:
    """Show lines in the font of code, with a button that copies them; `words` say what they are.

    With a `height`, in CSS pixels, they are scrolled within it. Not for what is to be coloured: `st.code` does that, with a
    script of 0.45 MB, which no page should load before a reader asks for code.
    """
    labels = {
        "copy": _("Copy"),
        "copied": _("Copied"),
        "refused": _("Your browser does not allow copying: select the lines."),
    }
    data = {"text": text, "words": words, "height": height, "labels": labels}
    component("common/components/plain_text")(key=key, data=data)
