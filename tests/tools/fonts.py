"""Make the small fonts in `lenet/ui/fonts/` from those of the installed Streamlit.

    python -m tests.tools.fonts

To be run when a page names a new icon, and with a new Streamlit: `tests/ui/test_subset_fonts.py` says so. What a page shows
beyond them, the browser takes from the complete fonts (`lenet/ui/fonts.js`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

import streamlit
from fontTools import subset
from fontTools.ttLib import TTFont

from lenet.common import paths
from lenet.ui.subset_fonts import FOLDER

STATIC = Path(streamlit.__file__).parent / "static" / "static"
TEXTS = ("SourceSansVF-Upright", "SourceSansVF-Italic", "SourceCodeVF-Upright", "SourceCodeVF-Italic")
ICONS = "MaterialSymbols-Rounded"
ICON = re.compile(r":material/(\w+):")
FEATURES = ["ccmp", "kern", "liga", "locl", "rlig", "tnum"]  # what texts use; tnum: tabular-nums in our styles
# The names under which a font shows itself. Adobe reserves “Source” for complete ones (SIL Open Font License 1.1, § 3).
NAMES = (1, 3, 4, 6, 16, 25)


def complete(name: str) -> Path:
    """Streamlit's file of that font."""
    (path,) = (STATIC / "media").glob(f"{name}.*.woff2")
    return path


def left_out() -> set[int]:
    """The characters that the small fonts leave out, as `fonts.js` has them."""
    (line,) = re.findall(r'LEFT_OUT = "(.*)"', FOLDER.with_name("fonts.js").read_text(encoding="utf-8"))
    ranges = re.findall(r"U\+(\w+)-(\w+)", line)
    return {c for low, high in ranges for c in range(int(low, 16), int(high, 16) + 1)}


def icon_names() -> set[str]:
    """The icons that our sources and Streamlit's scripts name."""
    ours = [path for folder in ("pages", "lenet") for path in (paths.PROJECT / folder).rglob("*.py")]
    sources = [*ours, *(STATIC / "js").glob("*.js")]
    return {name for path in sources for name in ICON.findall(path.read_text(encoding="utf-8"))}


def icons(font: TTFont) -> dict[str, str]:
    """The glyph that the font draws for each name: a ligature of its letters."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    return {
        "".join(letters.get(glyph, "?") for glyph in (first, *ligature.Component)): ligature.LigGlyph
        for table in _ligature_tables(font)
        for first, ligatures in table.ligatures.items()
        for ligature in ligatures
    }


def _ligature_tables(font: TTFont) -> Iterator[object]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            inner = table.ExtSubTable if table.LookupType == 7 else table
            if inner.LookupType == 4:
                yield inner


def make(name: str, characters: Set[int], glyphs: list[str]) -> None:
    """Write the small font of that name."""
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.layout_closure = not glyphs  # no icons beyond those asked for
    options.hinting = False
    font = TTFont(complete(name), recalcTimestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=characters, glyphs=glyphs)
    chosen.subset(font)
    for record in font["name"].names:
        if record.nameID in NAMES and name != ICONS:
            record.string = f"LeNetExplorer-{name.removeprefix('Source')}"
    FOLDER.mkdir(exist_ok=True)
    subset.save_font(font, FOLDER / f"{name}.woff2", options)
    print(f"{name}: {complete(name).stat().st_size:,} → {(FOLDER / f'{name}.woff2').stat().st_size:,} bytes")


def main() -> None:
    for name in TEXTS:
        make(name, TTFont(complete(name)).getBestCmap().keys() - left_out(), [])
    known = icons(TTFont(complete(ICONS)))
    wanted = sorted(icon_names() & known.keys())
    make(ICONS, {ord(letter) for letter in "".join(wanted)}, [known[name] for name in wanted])


if __name__ == "__main__":
    main()
