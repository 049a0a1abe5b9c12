/** Files that a reader takes away. */

import { html, pen, SVG, setAttributes } from "./dom.js"

/**
 * The fonts of pictures that leave the page, whose own font stays behind: those that systems have, the narrow ones first.
 * Without a name a reader's machine may take one a quarter wider, and numbers of neighbouring cells run into one another.
 */
export const FONTS =
  "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', " +
  "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

/** In Chinese fonts ’ and · would else be as wide as a character. */
export const FONT_STYLE = `font-family:${FONTS};font-variant-east-asian:proportional-width`

/**
 * A copy of a picture on screen that stands alone, in the colours of its surroundings. Its texts stay as wide as they are
 * on screen, whatever font they are drawn in.
 * @param {SVGSVGElement} picture
 * @param {Element} surroundings
 */
export function standalone(picture, surroundings) {
  const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true))
  const style = getComputedStyle(surroundings)
  const background = style.getPropertyValue("--st-background-color") || "#ffffff"
  copy.setAttribute("xmlns", SVG)
  copy.setAttribute("style", `color:${style.color};${FONT_STYLE};background:${background}`)
  const texts = copy.querySelectorAll("text")
  picture.querySelectorAll("text").forEach((text, i) => {
    const length = text.getComputedTextLength()
    if (length > 0) setAttributes(texts[i], { textLength: length.toFixed(1), lengthAdjust: "spacingAndGlyphs" })
  })
  return copy
}

/**
 * A picture as a file.
 * @param {SVGSVGElement} picture
 */
export const drawing = (picture) =>
  new Blob([new XMLSerializer().serializeToString(picture)], { type: "image/svg+xml" })

/**
 * A picture as pixels, two for each of the screen's.
 * @param {SVGSVGElement} picture
 * @param {Element} surroundings
 * @returns {Promise<Blob | null>}
 */
export async function pixels(picture, surroundings) {
  const source = URL.createObjectURL(drawing(picture))
  const image = new Image()
  image.src = source
  await image.decode()
  const [width, height] = [2 * picture.width.baseVal.value, 2 * picture.height.baseVal.value]
  const canvas = html("canvas", { width, height })
  const brush = pen(canvas)
  brush.fillStyle = getComputedStyle(surroundings).getPropertyValue("--st-background-color") || "#ffffff"
  brush.fillRect(0, 0, canvas.width, canvas.height)
  brush.drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(source)
  return new Promise((resolve) => canvas.toBlob(resolve))
}

/**
 * Hand a file to the reader.
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const link = html("a", { href: URL.createObjectURL(content), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
