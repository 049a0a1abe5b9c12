/** The kernels as a file and on paper. */

import { html, pen, svg } from "../../../common/components/dom.js"
import { download, standalone } from "../../../common/components/file.js"
import { BAR_WIDTH } from "./color_bar.js"
import { STYLE } from "./picture.js"

/** @import { Moment, State } from "./state.js" */
/** @import { Wall } from "./wall.js" */

/** @typedef {"svg" | "png" | "print"} Saving */

const SHEET = { width: 1060, height: 740, margin: 16 } // A4 across
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
  const content = what === "svg" ? drawing(picture, root) : await pixels(picture, root)
  if (content) download(content, `${fileName}${fileMoment}.${what}`)
}

/**
 * The picture on screen as SVG that stands alone. Its run is named in it: on the page the control above does.
 * @param {SVGSVGElement} picture
 * @param {Element} surroundings
 */
function drawing(picture, surroundings) {
  const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true))
  for (const node of copy.querySelectorAll(".saved")) node.classList.remove("saved")
  return standalone(copy, surroundings)
}

/**
 * The same as pixels, two for each of the screen's.
 * @param {SVGSVGElement} picture
 * @param {Element} surroundings
 * @returns {Promise<Blob | null>}
 */
async function pixels(picture, surroundings) {
  const source = URL.createObjectURL(drawing(picture, surroundings))
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
 * A sheet of the kernels shown: A4 across, black on white, all of it vectors.
 * @param {Wall} shown
 * @param {Moment} moment
 * @param {string} title
 */
function sheet(shown, { weights, limit, own, values }, title) {
  const { width, height, margin } = SHEET
  const page = svg("svg", { style: "color:#000;font-family:sans-serif;width:100%;height:100%" })
  svg("style", {}, page, STYLE)
  svg("text", { class: "head", x: margin, y: 26, "font-size": 20 }, page, title)
  const wall = shown.copy()
  wall.order = shown.order
  wall.fit(width - 2 * margin - BAR_WIDTH, height - 2 * margin - 40, 200)
  wall.draw(page, margin, 44)
  // A wall that is too large for the sheet is drawn smaller as a whole.
  page.setAttribute("viewBox", `0 0 ${width} ${Math.max(height, 44 + wall.height + margin)}`)
  const { label } = wall.layout
  const bar = { x: margin + wall.width + 18, y: 44 + label, height: wall.height - label, zoom: 1 }
  wall.drawBar(page, bar).show(limit, own)
  wall.paint(weights, { limit, own, values, digits: wall.digits([-limit]) })
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
