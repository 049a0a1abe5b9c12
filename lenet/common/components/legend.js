/** What the colours of a grid mean: a strip of its scale with the numbers at its ends, and 0 where it lies between. */

import { mix, palette } from "./color.js"
import { svg } from "./dom.js"
import { clamp } from "./math.js"

/** @import { Color, Scale } from "./color.js" */

/**
 * @typedef {object} Legend
 * @property {[low: number, high: number]} range the part of the scale that is used, in places from 0 to 100
 * @property {[place: number, text: string][]} ticks
 */

const WIDTH = 110
const HEIGHT = 12
const SHADES = 22
const DIGIT = 7 // width of a character of its texts
const GAP = 5

/**
 * The part of a scale between two places, as a scale of its own.
 * @param {Scale} scale
 * @param {Legend["range"]} range
 * @returns {Scale}
 */
export function part(scale, [low, high]) {
  const hex = (/** @type {Color} */ color) => `#${color.map((n) => n.toString(16).padStart(2, "0")).join("")}`
  return Array.from({ length: SHADES }, (_, i) => {
    const share = i / (SHADES - 1)
    return [share, hex(mix(scale, (low + (high - low) * share) / 100))]
  })
}

/**
 * Draw the strip with its texts around `middle`, as far as the picture's width allows.
 * @param {SVGElement} parent
 * @param {{ middle: number, y: number, width: number }} place the top of the strip, and the width of the picture
 * @param {Scale} scale
 * @param {Legend} legend
 */
export function drawLegend(parent, { middle, y, width }, scale, { range, ticks }) {
  const [first, last] = [ticks[0], ticks[ticks.length - 1]]
  const room = (/** @type {string} */ text) => text.length * DIGIT + GAP + 2
  const low = 4 + room(first[1])
  const x = clamp(middle - WIDTH / 2, low, Math.max(low, width - WIDTH - room(last[1])))
  const group = svg("g", { class: "legend through" }, parent)
  const shades = palette(part(scale, range), SHADES)
  shades.forEach(({ fill }, i) => {
    const box = { x: x + (i * WIDTH) / SHADES, y, width: WIDTH / SHADES + 0.5, height: HEIGHT }
    svg("rect", { ...box, fill }, group)
  })
  const frame = { x, y, width: WIDTH, height: HEIGHT, fill: "none", stroke: "currentColor", "stroke-opacity": 0.3 }
  svg("rect", frame, group)
  const text = { y: y + HEIGHT / 2, "dominant-baseline": "central", "font-size": 12 }
  svg("text", { ...text, x: x - GAP, style: "text-anchor:end" }, group, first[1])
  if (ticks.length > 1) svg("text", { ...text, x: x + WIDTH + GAP, style: "text-anchor:start" }, group, last[1])
  for (const [place, label] of ticks.slice(1, -1)) {
    const share = (place - range[0]) / (range[1] - range[0])
    const at = Math.min(SHADES - 1, Math.floor(share * SHADES))
    const look = { "font-size": 11, style: `text-anchor:middle;fill:${shades[at].ink}` }
    svg("text", { ...text, ...look, x: x + share * WIDTH }, group, label)
  }
}
