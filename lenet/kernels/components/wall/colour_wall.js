/** Kernels of three channels as tiles of colour: what a kernel looks for, as a picture. */

import { css } from "../../../common/components/color.js"
import { svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill } from "../../../common/components/text.js"
import { drawStrip, drawTick } from "./color_bar.js"
import { Wall } from "./wall.js"

/** @import { Color, Paint } from "../../../common/components/color.js" */
/** @import { Place } from "./color_bar.js" */
/** @import { Kernels } from "./kernels.js" */
/** @import { Words } from "./scene.js" */

const GREY = 128 // of 255: no weight
const STRIPE = 11 // thickness of a channel's bar

/**
 * The share of a channel in a colour: grey for 0, none for −1, all for 1.
 * @param {number} place
 */
const share = (place) => Math.round(clamp(GREY + 127 * place, 0, 255))

/**
 * The colour of three weights.
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 * @param {number} end the weight at full strength
 * @returns {Color}
 */
export const colourOf = (red, green, blue, end) => [share(red / end), share(green / end), share(blue / end)]

export class ColourWall extends Wall {
  /**
   * @param {Kernels} kernels
   * @param {Words} words
   * @param {Paint[]} shades
   * @param {string} mark
   */
  constructor(kernels, words, shades, mark) {
    super(kernels, words, shades, mark, kernels.merged)
  }

  /** @override */
  copy() {
    return new ColourWall(this.kernels, this.words, this.shades, this.mark)
  }

  /** @override */
  get legend() {
    return this.words.colour_legend
  }

  /**
   * @override
   * @param {SVGElement} picture
   * @param {Place} place
   */
  drawBar(picture, place) {
    return new ChannelBars(picture, this.words, place)
  }

  /** @override */
  get barHeight() {
    return 3 * (STRIPE + 1) + 24
  }

  /** Three numbers have no room in a cell. @override */
  digits() {
    return null
  }

  /**
   * @override
   * @param {number} kernel
   * @param {Float64Array} mine
   * @param {number} end
   */
  paintKernel(kernel, mine, end) {
    const { size } = this.grid
    for (let i = 0; i < size; i++) {
      const color = colourOf(mine[i], mine[size + i], mine[2 * size + i], end)
      this.cells[kernel * size + i].rect.setAttribute("fill", css(color))
    }
  }

  /**
   * @override
   * @param {number} kernel
   * @param {number} i
   * @param {(value: number) => string} told
   */
  tell(kernel, i, told) {
    const at = (/** @type {number} */ channel) =>
      told(this.weights[kernel * this.kernels.size + channel * this.grid.size + i])
    return fill(this.words.colour_weights, { red: at(0), green: at(1), blue: at(2) })
  }
}

/** A bar for each channel, from the most negative weight of a kernel to the most positive. */
class ChannelBars {
  /**
   * @param {SVGElement} picture
   * @param {Words} words
   * @param {Place} place
   */
  constructor(picture, words, place) {
    const group = svg("g", { role: "img", "aria-label": words.colour_legend }, picture)
    for (const channel of [0, 1, 2]) {
      const beside = channel * (STRIPE + 1)
      const strip = place.isAcross ? { ...place, y: place.y + beside } : { ...place, x: place.x + beside }
      drawStrip(group, strip, STRIPE, (at) => {
        const weights = [0, 0, 0]
        weights[channel] = at
        return css(colourOf(weights[0], weights[1], weights[2], 1))
      })
    }
    for (const [at, text] of /** @type {const} */ ([
      [1, "+"],
      [0, "0"],
      [-1, "−"],
    ])) {
      drawTick(group, place, 3 * (STRIPE + 1), at, text)
    }
  }

  /** The bars are the same for every kernel: each has its own scale. */
  show() {}
}
