/** The server sends small fonts, with the characters and icons that the app uses (see subset_fonts.py). Where a page shows
 * another one, a reader's Cyrillic name for example, the browser loads the complete font. `frame.py` puts this script into
 * every page, which may run it again and again. */

;(() => {
  // Letters that the small fonts leave out; tests/tools/fonts.py reads this line.
  const LEFT_OUT = "U+0180-0390, U+03CA-052F, U+1D80-1FFF, U+2C60-2E4F, U+A700-ABFF"
  const ICONS = "Material Symbols Rounded"
  const COMPLETE_ICONS = `${ICONS} complete`
  const ICON = '[translate="no"][aria-hidden="true"]' // how Streamlit writes one: its name, which the font draws as one character

  const known = /** @type {Window & { lenetFonts?: boolean }} */ (window)
  if (known.lenetFonts) return
  known.lenetFonts = true

  for (const { family, style, address } of faces()) {
    const source = `url("${address}?complete")`
    // The browser loads a font when something on the page needs it.
    if (family === ICONS) document.fonts.add(new FontFace(COMPLETE_ICONS, source))
    else document.fonts.add(new FontFace(family, source, { style, weight: "100 900", unicodeRange: LEFT_OUT }))
  }

  /** Streamlit's fonts that the server has small ones for, by its own style sheets. */
  function faces() {
    return [...document.styleSheets].flatMap((sheet) =>
      rulesOf(sheet).flatMap(({ style }) => {
        const file = style.getPropertyValue("src").match(/[^"(]*\/(SourceSans|SourceCode|MaterialSymbols)[^")]*/)
        if (!file) return []
        const family = style.getPropertyValue("font-family").replaceAll('"', "")
        const address = new URL(file[0], sheet.href ?? document.baseURI).href
        return [{ family, style: style.getPropertyValue("font-style"), address }]
      }),
    )
  }

  /** @param {CSSStyleSheet} sheet */
  function rulesOf(sheet) {
    try {
      return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule)
    } catch {
      return [] // a style sheet of an extension of the browser
    }
  }

  const ruler = document.createElement("canvas").getContext("2d")
  /** @type {Map<string, boolean>} */
  const drawn = new Map()

  /**
   * Whether the small font draws this name as one character, as wide as it is high.
   * @param {string} name
   */
  function isDrawn(name) {
    if (!ruler) return true
    if (!drawn.has(name)) {
      ruler.font = `100px "${ICONS}"`
      drawn.set(name, ruler.measureText(name).width < 110)
    }
    return drawn.get(name)
  }

  let isDue = false
  function look() {
    isDue = false
    for (const icon of document.querySelectorAll(ICON))
      if (icon instanceof HTMLElement && !isDrawn(icon.textContent)) icon.style.fontFamily = `"${COMPLETE_ICONS}"`
  }

  function lookSoon() {
    if (!isDue) requestAnimationFrame(look)
    isDue = true
  }

  document.fonts.load(`100px "${ICONS}"`).finally(() => {
    lookSoon()
    new MutationObserver(lookSoon).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
})()
