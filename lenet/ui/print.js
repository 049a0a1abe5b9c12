/** A page on paper: while it is printed the root has the class `printing` (see page.css), and everything is as much
 * smaller as it takes to fit on one sheet, laid out as on screen. `frame.py` puts this script into every page. */

const MILLIMETRE = 96 / 25.4 // CSS pixels
const SHEET = { width: 259 * MILLIMETRE, height: 189 * MILLIMETRE } // what A4 and Letter across both have within margins

const REST = 8 // CSS pixels, for what is rounded

function begin() {
  const root = document.documentElement
  /** @type {HTMLElement | null} */
  const page = document.querySelector("[data-testid=stMainBlockContainer]")
  if (!page) return
  root.classList.add("printing")
  const height = contentHeight(page)
  const zoom = Math.min(SHEET.width / page.offsetWidth, SHEET.height / (height + REST), 1)
  root.style.setProperty("--print-zoom", zoom.toFixed(4))
  root.style.setProperty("--print-width", `${page.offsetWidth}px`)
}

function end() {
  document.documentElement.classList.remove("printing")
}

/**
 * How tall the page is: the container itself fills the window.
 * @param {HTMLElement} page
 */
function contentHeight(page) {
  const top = page.getBoundingClientRect().top
  const bottoms = [...page.children].map((part) => part.getBoundingClientRect().bottom - top)
  return Math.max(1, ...bottoms)
}

// The page may run this again and again.
const known = /** @type {Window & { lenetPrints?: boolean }} */ (window)
if (!known.lenetPrints) {
  known.lenetPrints = true
  window.addEventListener("beforeprint", begin)
  window.addEventListener("afterprint", end)
}
