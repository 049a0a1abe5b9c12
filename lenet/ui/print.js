/** A page on paper: while it is printed the root has the class `printing` (see page.css), and everything is as much
 * smaller as it takes to fit on one sheet, laid out as on screen. `frame.py` puts this script into every page, which
 * may run it again and again. */

;(() => {
  const MILLIMETRE = 96 / 25.4 // CSS pixels
  const ACROSS = { width: 259 * MILLIMETRE, height: 189 * MILLIMETRE } // what A4 and Letter both have within margins
  const UPRIGHT = { width: 189 * MILLIMETRE, height: 259 * MILLIMETRE }
  const REST = 8 // CSS pixels, for what is rounded
  const ONE_COLUMN = 1000 // CSS pixels: in a narrower window a page may have one column (phone.css), and so it has on paper
  const STACKED = 640 // CSS pixels: in a narrower window columns stand below one another, and so they do on paper

  const begin = () => {
    const root = document.documentElement
    /** @type {HTMLElement | null} */
    const page = document.querySelector("[data-testid=stMainBlockContainer]")
    if (!page) return
    root.classList.add("printing")
    root.classList.toggle("sheet", window.innerWidth > STACKED)
    root.classList.toggle("wide", window.innerWidth > ONE_COLUMN)
    const width = page.offsetWidth
    const height = contentHeight(page) + REST
    for (const [name, sheet] of Object.entries({ across: ACROSS, upright: UPRIGHT })) {
      const zoom = Math.min(sheet.width / width, sheet.height / height, 1)
      root.style.setProperty(`--print-zoom-${name}`, zoom.toFixed(4))
    }
    root.style.setProperty("--print-width", `${width}px`)
  }

  const end = () => document.documentElement.classList.remove("printing", "sheet", "wide")

  /**
   * How tall the page is: the container itself fills the window.
   * @param {HTMLElement} page
   */
  const contentHeight = (page) => {
    const top = page.getBoundingClientRect().top
    const bottoms = [...page.children].map((part) => part.getBoundingClientRect().bottom - top)
    return Math.max(1, ...bottoms)
  }

  const known = /** @type {Window & { lenetPrints?: boolean }} */ (window)
  if (known.lenetPrints) return
  known.lenetPrints = true
  window.addEventListener("beforeprint", begin)
  window.addEventListener("afterprint", end)
})()
