/** The colour bar beside the wall, with its numbers. */

import { svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed } from "../../../common/components/text.js"
import { tickStep } from "./layout.js"

/** @import { Paint } from "../../../common/components/color.js" */
/** @import { Words } from "./scene.js" */

export const BAR_WIDTH = 62 // with its numbers
const STRIPES = 60
export const SHADES = 256

/**
 * @param {Paint[]} shades
 * @param {number} place from −1 to 1
 */
export const shadeAt = (shades, place) => shades[Math.round(((clamp(place, -1, 1) + 1) / 2) * (SHADES - 1))]

/** @typedef {{ x: number, y: number, height: number, zoom: number }} Place */

export class ColorBar {
  /**
   * @param {SVGElement} picture
   * @param {Paint[]} shades
   * @param {Words} words
   * @param {{ x: number, y: number, height: number, zoom: number }} place
   */
  constructor(picture, shades, words, place) {
    this.words = words
    this.place = place
    const { x, y, height } = place
    this.group = svg("g", { role: "img" }, picture)
    const size = { width: 14, height: height / STRIPES + 0.6 }
    for (let i = 0; i < STRIPES; i++) {
      const shade = shadeAt(shades, 1 - (2 * i) / (STRIPES - 1))
      svg("rect", { x, y: y + (i * height) / STRIPES, ...size, fill: shade.fill }, this.group)
    }
    svg("rect", { class: "frame", x, y, width: 14, height }, this.group)
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
    if (own) {
      this.tick(1, words.high)
      this.tick(0, "0")
      this.tick(-1, words.low)
    } else {
      const step = tickStep(limit, 4)
      const decimals = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 4)
      for (let k = -4; k <= 4; k++) {
        if (Math.abs(k * step) <= limit * 1.0001) this.tick((k * step) / limit, fixed(k * step, decimals))
      }
    }
    const [low, high] = own ? [words.low, words.high] : [fixed(-limit, 2), fixed(limit, 2)]
    this.group.setAttribute("aria-label", fill(words.alt_bar, { low, high }))
  }

  /**
   * @param {number} place from −1 to 1
   * @param {string} text
   */
  tick(place, text) {
    const { x, y, height, zoom } = this.place
    const at = y + ((1 - place) / 2) * height
    svg("path", { class: "axis", d: `M${x + 14} ${at}h4` }, this.ticks)
    svg("text", { x: x + 21, y: at + 4.5, "font-size": 13 * Math.min(zoom, 1.4) }, this.ticks, text)
  }
}
