/** The strips as pictures: what stays while the pointer moves. */

import { paint, svg } from "../../../common/components/dom.js"
import { shade } from "./colors.js"
import { corner, NAMES } from "./layout.js"

/** @import { Strip } from "./layout.js" */
/** @import { Stage } from "./stage.js" */

/**
 * A strip in the drawing.
 * @typedef {object} DrawnStrip
 * @property {SVGGElement} group
 * @property {string[]} pictures of each map
 */

/**
 * @param {SVGElement} parent
 * @param {Stage} stage
 * @param {Strip} strip
 * @param {boolean} isNarrow
 * @returns {DrawnStrip}
 */
export function drawStrip(parent, stage, strip, isNarrow) {
  const { layer } = stage
  const group = svg("g", { class: "layer", tabindex: 0, role: "img", "aria-label": layer.label }, parent)
  if (stage.before && !isNarrow) drawNameBeside(group, stage, strip)
  else drawNameAbove(group, stage, strip)
  const pictures = Array.from({ length: stage.channels }, (_, channel) => picture(stage, channel))
  const [width, height] = [stage.width * strip.cell[0], stage.height * strip.cell[1]]
  pictures.forEach((href, channel) => {
    svg("image", { href, ...corner(strip, channel), width, height, preserveAspectRatio: "none" }, group)
  })
  const frame = { x: strip.x - 3, y: strip.y - 3, width: strip.width + 6, height: strip.height + 6, rx: 3 }
  svg("rect", { class: "focus", ...frame }, group)
  return { group, pictures }
}

/**
 * @param {SVGElement} group
 * @param {Stage} stage
 * @param {Strip} strip
 */
function drawNameAbove(group, stage, strip) {
  const { layer } = stage
  const name = svg("text", { class: "name", x: strip.x, y: strip.y - (stage.before ? 5 : 8) }, group)
  svg("tspan", { class: "strong" }, name, layer.title)
  svg("tspan", { class: "quiet", dx: 8 }, name, layer.range)
}

/**
 * @param {SVGElement} group
 * @param {Stage} stage
 * @param {Strip} strip
 */
function drawNameBeside(group, { layer }, strip) {
  const middle = strip.y + strip.height / 2
  svg("text", { class: "name end strong", x: NAMES - 10, y: middle - 1.5 }, group, layer.title)
  svg("text", { class: "name end quiet", x: NAMES - 10, y: middle + 9.5 }, group, layer.range)
}

/**
 * @param {Stage} stage
 * @param {number} channel
 */
function picture(stage, channel) {
  const values = stage.map(channel)
  return paint(stage.width, stage.height, (i) => shade(stage.layer.scale, values[i])).toDataURL()
}
