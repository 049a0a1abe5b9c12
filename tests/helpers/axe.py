"""axe-core in a page of the browser: what is hard to see, to reach or to understand with a screen reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[1] / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """async ({ tags, streamlits }) => {
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  const found = (path) => {
    let root = document, element = null
    for (const selector of path.flat()) {
      element = root.querySelector(selector)
      root = element?.shadowRoot ?? element?.contentDocument
      if (!root) break
    }
    return element
  }
  const isTheirs = (element) => {
    for (let n = element; n; n = n.parentNode ?? n.host) if (n.nodeType === 1 && n.matches(streamlits)) return true
    return false
  }
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, any, all, none }) => ({
    rule: id,
    is_ours: !isTheirs(found(target)),
    html: html.slice(0, 160),
    why: [...any, ...all, ...none][0]?.message.slice(0, 160) ?? "",
  })))
}"""


@dataclass(frozen=True)
class Finding:
    rule: str
    is_ours: bool
    html: str
    why: str


def findings(page: Page, streamlits: str) -> list[Finding]:
    """What axe finds on a page as it is now. Streamlit's own is what lies inside of what the selector `streamlits` finds."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_script())
    return [Finding(**found) for found in page.evaluate(RUN, {"tags": TAGS, "streamlits": streamlits})]


@lru_cache(maxsize=1)
def _script() -> str:
    if not SCRIPT.exists():
        pytest.fail("axe-core is not installed: cd tests/javascript && npm ci")
    return SCRIPT.read_text(encoding="utf-8")
