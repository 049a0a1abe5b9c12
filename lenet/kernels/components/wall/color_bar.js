/** The colour bar of a wall: beside it, from top to bottom, or below it, from right to left. */

import { svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed } from "../../../common/components/text.js"
import { tickStep } from "./layout.js"

/** @import { Paint } from "../../../common/components/color.js" */
/** @import { Words } from "./scene.js" */

export const BAR_WIDTH = 62 // with its numbers
export const BAR_HEIGHT = 38 // the same below a wall
const THICK = 14
const STRIPES = 60
export const SHADES = 256

/**
 * @param {Paint[]} shades
 * @param {number} place from −1 to 1
 */
export const shadeAt = (shades, place) => shades[Math.round(((clamp(place, -1, 1) + 1) / 2) * (SHADES - 1))]

/** @typedef {{ x: number, y: number, length: number, zoom: number, isAcross: boolean }} Place */

/**
 * A strip of colours in a frame; `color` gives that of a place from −1 to 1.
 * @param {SVGElement} parent
 * @param {Place} place
 * @param {number} thick
 * @param {(place: number) => string} color
 */
export function drawStrip(parent, { x, y, length, isAcross }, thick, color) {
  const part = length / STRIPES
  const size = isAcross ? { width: part + 0.6, height: thick } : { width: thick, height: part + 0.6 }
  for (let i = 0; i < STRIPES; i++) {
    const corner = isAcross ? { x: x + i * part, y } : { x, y: y + i * part }
    const place = ((isAcross ? 1 : -1) * (2 * i - STRIPES + 1)) / (STRIPES - 1)
    svg("rect", { ...corner, ...size, fill: color(place) }, parent)
  }
  const frame = isAcross ? { width: length, height: thick } : { width: thick, height: length }
  svg("rect", { class: "frame", x, y, ...frame }, parent)
}

/**
 * A mark at a place of a strip from −1 to 1, and what it reads there.
 * @param {SVGElement} parent
 * @param {Place} strip
 * @param {number} thick
 * @param {number} place
 * @param {string} text
 */
export function drawTick(parent, { x, y, length, zoom, isAcross }, thick, place, text) {
  const font = 13 * Math.min(zoom, 1.4)
  if (isAcross) {
    const at = x + ((1 + place) / 2) * length
    const side = place < -0.9 ? "" : place > 0.9 ? "end" : "centre" // not over the edge of the picture
    svg("path", { class: "axis", d: `M${at} ${y + thick}v4` }, parent)
    svg("text", { class: side, x: at, y: y + thick + 5 + font * 0.85, "font-size": font }, parent, text)
  } else {
    const at = y + ((1 - place) / 2) * length
    svg("path", { class: "axis", d: `M${x + thick} ${at}h4` }, parent)
    svg("text", { x: x + thick + 7, y: at + 4.5, "font-size": font }, parent, text)
  }
}

export class ColorBar {
  /**
   * @param {SVGElement} picture
   * @param {Paint[]} shades
   * @param {Words} words
   * @param {Place} place
   */
  constructor(picture, shades, words, place) {
    this.words = words
    this.place = place
    this.group = svg("g", { role: "img" }, picture)
    drawStrip(this.group, place, THICK, (at) => shadeAt(shades, at).fill)
    this.ticks = svg("g", {}, this.group)
  }

  /**
   * Number the bar: from −limit to limit, or in words where each kernel has its own scale.
   * @param {number} limit
   * @param {boolean} own
   */
  show(limit, own) {
    const { words } = this
    this.ticks.replaceChildren()
    const tick = (/** @type {number} */ at, /** @type {string} */ text) =>
      drawTick(this.ticks, this.place, THICK, at, text)
    if (own) {
      tick(1, words.high)
      tick(0, "0")
      tick(-1, words.low)
    } else {
      const step = tickStep(limit, 4)
      const decimals = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 4)
      for (let k = -4; k <= 4; k++) {
        if (Math.abs(k * step) <= limit * 1.0001) tick((k * step) / limit, fixed(k * step, decimals))
      }
    }
    const [low, high] = own ? [words.low, words.high] : [fixed(-limit, 2), fixed(limit, 2)]
    this.group.setAttribute("aria-label", fill(words.alt_bar, { low, high }))
  }
}
