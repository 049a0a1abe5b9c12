/** The kernels as a file and on paper. */

import { html, setAttributes, svg, textWidth } from "../../../common/components/dom.js"
import { download, drawing, FONT_STYLE, FONTS, pixels, standalone } from "../../../common/components/file.js"
import { lines } from "../../../common/components/text.js"
import { BAR_WIDTH } from "./color_bar.js"
import { STYLE } from "./picture.js"

/** @import { Moment, State } from "./state.js" */
/** @import { Wall } from "./wall.js" */

/** @typedef {"svg" | "png" | "print"} Saving */

const SHEET = { width: 1060, height: 740, margin: 16 } // A4 across
const TITLE = { size: 20, line: 24 }
const SMALLEST = 2 // a cell on paper
const SMALLEST_NUMBER = 8
const NAME_SIZE = 13 // of the line above a saved picture
const NAME_LINE = 18
const PRINT_STYLE =
  "@page { size: A4 landscape; margin: 10mm } html, body { margin: 0; height: 100% } " +
  "* { print-color-adjust: exact; -webkit-print-color-adjust: exact }"

/**
 * @param {Saving} what
 * @param {State} state
 * @param {{ root: HTMLElement, picture: SVGSVGElement, wall: Wall }} shown
 */
export async function save(what, state, { root, picture, wall }) {
  const { scene, moment, where, fileName, fileMoment } = state
  if (what === "print") {
    const title = scene.still ? scene.label : `${scene.label} · ${where}`
    return print(root, sheet(wall, moment, title), fileName)
  }
  const copy = named(picture, scene.still || state.isPresented ? "" : scene.label, root)
  const content = what === "svg" ? drawing(copy) : await pixels(copy, root)
  if (content) download(content, `${fileName}${fileMoment}.${what}`)
}

/**
 * The picture on screen, with a line above it that names its run: on the page the control above does. A file names
 * itself in its title, and so does a run that is presented.
 * @param {SVGSVGElement} picture
 * @param {string} name
 * @param {Element} surroundings
 */
function named(picture, name, surroundings) {
  const copy = standalone(picture, surroundings)
  if (!name) return copy
  const { width, height } = picture.viewBox.baseVal
  const told = lines(name, width, (text) => textWidth(text, `${NAME_SIZE}px ${FONTS}`))
  const above = told.length * NAME_LINE
  told.forEach((line, n) => {
    svg("text", { x: 1, y: (n - told.length) * NAME_LINE + NAME_SIZE, "font-size": NAME_SIZE }, copy, line)
  })
  setAttributes(copy, { height: height + above, viewBox: `0 ${-above} ${width} ${height + above}` })
  return copy
}

/**
 * A sheet of the kernels shown: A4 across, black on white, all of it vectors.
 * @param {Wall} shown
 * @param {Moment} moment
 * @param {string} title
 */
function sheet(shown, { weights, limit, own, values }, title) {
  const { width, height, margin } = SHEET
  const page = svg("svg", { style: `color:#000;${FONT_STYLE};width:100%;height:100%` })
  svg("style", {}, page, STYLE)
  const measure = (/** @type {string} */ text, /** @type {string} */ font) => textWidth(text, `${font} ${FONTS}`)
  const told = lines(title, width - 2 * margin, (text) => measure(text, `600 ${TITLE.size}px`))
  told.forEach((line, n) => {
    svg("text", { class: "head", x: margin, y: 26 + n * TITLE.line, "font-size": TITLE.size }, page, line)
  })
  const wall = shown.copy()
  wall.order = shown.order
  const estimate = wall.widthOf
  wall.widthOf = (text) => Math.max(estimate(text), measure(text, "100px") / 100)
  const small = wall.legend ? lines(wall.legend, width - 2 * margin, (text) => measure(text, "12px")) : []
  const head = 20 + told.length * TITLE.line + small.length * 16
  small.forEach((line, n) => {
    svg("text", { class: "small", x: margin, y: head - 4 - 16 * (small.length - 1 - n) }, page, line)
  })
  wall.fit(width - 2 * margin - BAR_WIDTH, height - margin - head, 200, SMALLEST)
  wall.draw(page, margin, head)
  // A wall that is too large for the sheet is drawn smaller as a whole.
  page.setAttribute("viewBox", `0 0 ${width} ${Math.max(height, head + wall.height + margin)}`)
  const { label } = wall.layout
  const bar = { x: margin + wall.width + 18, y: head + label, length: wall.height - label, zoom: 1, isAcross: false }
  wall.drawBar(page, bar).show(limit, own)
  wall.paint(weights, { limit, own, values, digits: wall.digits([-limit], SMALLEST_NUMBER) })
  return page
}

/**
 * Print a sheet, in a frame of its own that the page does not show.
 * @param {HTMLElement} root
 * @param {SVGSVGElement} sheet
 * @param {string} name
 */
function print(root, sheet, name) {
  const frame = html("iframe", { class: "print", "aria-hidden": "true" }, root)
  const [paper, view] = [frame.contentDocument, frame.contentWindow]
  if (!paper || !view) return frame.remove()
  paper.title = name
  const style = paper.createElement("style")
  style.textContent = PRINT_STYLE
  paper.head.append(style)
  paper.body.append(sheet)
  view.onafterprint = () => setTimeout(() => frame.remove(), 0)
  view.print()
}
