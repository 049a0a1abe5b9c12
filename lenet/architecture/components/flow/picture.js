/** The drawing: maps as stacked planes, vectors as bars, what links them, and names and sizes. */

import { svg } from "../../../common/components/dom.js"
import { part } from "./layout.js"

/** @import { Box, Layout, Place } from "./layout.js" */
/** @import { Layer, Scene, Stage } from "./scene.js" */

// Inside the SVG, so that a saved picture carries it.
export const STYLE = `
text { fill: currentColor; text-anchor: middle; font-variant-numeric: tabular-nums; }
.strong { font-weight: 600; }
.plane { stroke: #fff; stroke-width: .8; }
.fan { opacity: .25; }
.line { fill: none; stroke-width: 1.2; }
.window { fill-opacity: .35; stroke-width: 1.5; }
.field { fill: none; stroke-width: 2; stroke-dasharray: 2 2; }
.mark { fill-opacity: .2; stroke-width: 2; visibility: hidden; }
[aria-selected=true] .mark { visibility: visible; }
.chosen .name { font-weight: 600; }
.broken { fill-opacity: .12; stroke-width: 2; stroke-dasharray: 5 4; }
[role=option] { cursor: pointer; }
.here { fill: none; stroke: none; pointer-events: all; }
@media (forced-colors: active) {
  .mark { fill: Highlight; stroke: Highlight; }
  .focused .here { stroke: CanvasText; }
}
`

/**
 * What is drawn of a layer and can be chosen.
 * @typedef {SVGGElement} Option
 */

/**
 * Draw a network into an empty picture; returns what the view marks.
 * @param {SVGSVGElement} picture
 * @param {Scene} scene
 * @param {Layout} layout
 * @returns {{ options: Option[], words: SVGGElement[] }} the layers, and their names and sizes
 */
export function draw(picture, scene, layout) {
  const { image, layers, broken, colors } = scene
  const { places } = layout
  svg("style", {}, picture, STYLE)
  const options = layers.map((layer, i) => drawOption(picture, layer, i, layout, colors.mark))
  const drawing = svg("g", { "aria-hidden": "true", "pointer-events": "none" }, picture)
  layers.forEach((layer, i) => {
    drawLink(drawing, layer, places[i], places[i + 1], layout, colors.link)
  })
  ;[image, ...layers].forEach((stage, i) => {
    drawStage(drawing, stage, places[i])
  })
  layers.forEach((layer, i) => {
    if (layer.kernel && places[i].cell)
      drawWindow(drawing, layer.kernel, places[i], places[i + 1], layout, colors.mark)
  })
  drawName(drawing, places[0], [image.name], layout, image.size)
  // Outside of the options, whose labels say more.
  const words = layers.map((layer, i) =>
    drawName(drawing, places[i + 1], [String(i + 1), ...places[i + 1].name], layout, layer.size),
  )
  if (broken) {
    const place = places[places.length - 1]
    drawBroken(drawing, place, colors.broken)
    const red = svg("g", { style: `color:${colors.broken}` }, drawing)
    drawName(red, place, [String(layers.length + 1), ...place.name], layout, broken.why)
  }
  return { options, words }
}

/**
 * The column of a layer: the mark behind it, and the frame for keys and pointer.
 * @param {SVGElement} parent
 * @param {Layer} layer
 * @param {number} i
 * @param {Layout} layout
 * @param {string} color
 */
function drawOption(parent, layer, i, { places }, color) {
  const { x, y, width, height } = places[i + 1].box
  const group = svg("g", { id: `layer-${i}`, role: "option", "aria-label": layer.label }, parent)
  const frame = { x: x + 2, y: y + 1, width: width - 4, height: height - 2, rx: 4 }
  svg("rect", { class: "mark", ...frame, fill: color, stroke: color }, group)
  svg("rect", { class: "here", ...frame }, group)
  return group
}

/**
 * The lines of its name above a stage, and its size below.
 * @param {SVGElement} parent
 * @param {Place} place
 * @param {string[]} name
 * @param {Layout} layout
 * @param {string} size
 */
function drawName(parent, { box }, name, { font, line }, size) {
  const x = box.x + box.width / 2
  const text = svg("g", { "font-size": font, "aria-hidden": "true", "pointer-events": "none" }, parent)
  name.forEach((words, i) => {
    svg("text", { class: i ? "name" : "strong", x, y: box.y + 4 + line * (i + 0.75) }, text, words)
  })
  svg("text", { class: "size", x, y: box.y + box.height - 6 }, text, size)
  return text
}

/**
 * @param {SVGElement} parent
 * @param {Stage} stage
 * @param {Place} place
 */
function drawStage(parent, { color }, { front, planes, back }) {
  for (let j = planes - 1; j >= 0; j--) {
    const far = (back * j) / Math.max(1, planes - 1)
    svg("rect", { class: "plane", ...front, x: front.x + far, y: front.y - far, fill: color }, parent)
  }
}

/**
 * From every number to every number: a fan. One to one: a line. Windows draw their own lines.
 * @param {SVGElement} parent
 * @param {Layer} layer
 * @param {Place} from
 * @param {Place} to
 * @param {Layout} layout
 * @param {string} color
 */
function drawLink(parent, layer, from, to, layout, color) {
  const right = from.front.x + from.front.width + from.back + 3
  const left = to.front.x - 3
  const isDense = layer.source === "all" || layer.source === "moved"
  if (to.row > from.row) drawTurn(parent, right, from, to, layout, color)
  else if (isDense) {
    const [low, high] = [from.front.y + from.front.height, from.front.y - from.back]
    const end = { low: to.front.y + to.front.height, high: to.front.y - to.back }
    const d = `M${right},${low}L${left},${end.low}V${end.high}L${right},${high}Z`
    svg("path", { class: "fan", d, fill: color }, parent)
  } else if (!layer.kernel)
    svg("path", { class: "line", d: `M${right},${from.middle}H${left}`, stroke: color }, parent)
}

/**
 * From the end of a row to the beginning of the next.
 * @param {SVGElement} parent
 * @param {number} right
 * @param {Place} from
 * @param {Place} to
 * @param {Layout} layout
 * @param {string} color
 */
function drawTurn(parent, right, from, to, { width }, color) {
  const arrow = "m-4,-3l4,3l-4,3"
  const out = `M${right},${from.middle}H${Math.max(right + 3, width - 1)}${arrow}`
  const on = `M1,${to.middle}H${Math.max(4, to.front.x - 3)}${arrow}`
  svg("path", { class: "line", d: out + on, stroke: color }, parent)
}

/**
 * The window of a convolution or pooling on its input, to scale, and the one number that it becomes.
 * @param {SVGElement} parent
 * @param {[number, number]} kernel
 * @param {Place} from
 * @param {Place} to
 * @param {Layout} layout
 * @param {string} color
 */
function drawWindow(parent, kernel, from, to, { width }, color) {
  const box = part(from, kernel)
  const isSameRow = to.row === from.row
  const [x, y] = isSameRow
    ? [to.front.x + 0.3 * to.front.width, to.front.y + 0.6 * to.front.height]
    : [width - 1, from.middle]
  const [right, bottom] = [box.x + box.width, box.y + box.height]
  svg("path", { class: "line", d: `M${right},${box.y}L${x},${y}L${right},${bottom}`, stroke: color }, parent)
  svg("rect", { class: "window", ...box, fill: color, stroke: color }, parent)
}

/**
 * The pixels of the image on which a number of a layer depends: around the first window, or just where they are if all
 * numbers depend on the same.
 * @param {SVGElement} parent
 * @param {NonNullable<Layer["field"]>} field
 * @param {Place} image
 * @param {string} color
 */
export function drawField(parent, { size, start }, image, color) {
  svg("rect", { class: "field", ...part(image, size, start), stroke: color }, parent)
}

/**
 * The place of a layer that cannot be built: a crossed box.
 * @param {SVGElement} parent
 * @param {Place} place
 * @param {string} color
 */
function drawBroken(parent, { front, middle }, color) {
  /** @type {Box} */
  const box = { ...front, y: middle - front.height / 2 }
  const [x, y, half] = [box.x + box.width / 2, middle, box.width / 4]
  const cross = `M${x - half},${y - half}l${2 * half},${2 * half}m${-2 * half},0l${2 * half},${-2 * half}`
  svg("rect", { class: "broken", ...box, fill: color, stroke: color }, parent)
  svg("path", { class: "line", d: cross, stroke: color }, parent)
}
