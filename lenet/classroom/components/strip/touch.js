/** What somebody does to a page that changes what it shows; reading, scrolling and pointing at a figure do not. */

/** A link to another page counts wherever it is, but on the strip. */
const LINKS = 'a[href]:not([href^="#"], [target="_blank"], [download])'
const STRIP = ".st-key-page_class"
const CONTROLS =
  'button, input, select, textarea, label, [role="tab"], [role="option"], [role="radio"], [role="slider"], [role="combobox"], [role="menuitem"]'
/** Within these a control opens something to read, answers an exercise that everybody sees, or concerns this browser alone. */
const APART =
  "summary, .modebar, .st-key-page_class, .st-key-page_tools, .st-key-page_glossary, .st-key-page_ask, .st-key-exercise, " +
  '[data-testid="stHeader"], [data-testid="stPopoverButton"], [data-testid="stDownloadButton"], ' +
  '[data-testid="stElementToolbar"], [data-testid="stTooltipIcon"]'
/** Keys by which a control is changed. */
const KEYS = /^(Arrow(Up|Down|Left|Right)|Page(Up|Down)|Home|End|Enter| )$/

/** @typedef {{ matches?: (selector: string) => boolean }} Node */

/**
 * What somebody has used, who has touched or pressed something: a "page" that they go to, a "control", or nothing.
 * @param {readonly Node[]} path from what was touched outwards
 * @returns {"page" | "control" | null}
 */
export function used(path) {
  const is = (/** @type {string} */ selector) => path.some((node) => node.matches?.(selector))
  if (is(LINKS) && !is(STRIP)) return "page"
  return is(CONTROLS) && !is(APART) ? "control" : null
}

/**
 * Tell of whatever somebody uses.
 * @param {(used: "page" | "control") => void} tell
 * @param {AbortSignal} signal ends it
 */
export function listenToTouch(tell, signal) {
  const hear = (/** @type {Event} */ event) => {
    if (!event.isTrusted || (event instanceof KeyboardEvent && !KEYS.test(event.key))) return
    const what = used(/** @type {Node[]} */ (event.composedPath()))
    if (what) tell(what)
  }
  for (const type of ["click", "input", "keydown"])
    document.addEventListener(type, hear, { signal, capture: true, passive: true })
  window.addEventListener("popstate", (event) => event.isTrusted && tell("page"), { signal }) // Back
}
