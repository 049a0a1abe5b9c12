/** The numbers of a gradient's way back through a convolution: those of some output cells, formed while the reader points. */

import { clamp, largest } from "../../common/components/math.js"
import { Convolution } from "./convolution.js"
import { given } from "./scene.js"
import { tidy } from "./tidy.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { GradientScene } from "./gradient.js" */
/** @import { Cells } from "./scene.js" */
/** @import { Windows } from "./windows.js" */

/** @typedef {{ input: Cells, kernel: Cells }} Sent gradients of the input and of the kernel */

const NOTHING_LEFT = 1e-12 // of the largest number: what rounding leaves of a sum that is 0

export class Backward {
  /** @param {Windows<GradientScene>} windows */
  constructor(windows) {
    this.windows = windows
    this.forward = new Convolution(windows)
    /** @type {Pair} the first and the last output cell that send something back */
    this.span = [0, windows.total - 1]
  }

  get scene() {
    return this.windows.scene
  }

  /** Whether all output cells do. */
  get isWhole() {
    return this.span[0] === 0 && this.span[1] === this.windows.total - 1
  }

  /** Whether only one of them does. */
  get isOne() {
    return this.span[0] === this.span[1]
  }

  get senders() {
    const [first, last] = this.span
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  }

  /** @param {number} step */
  arriving(step) {
    return given(this.scene.output.values)[0][step]
  }

  /**
   * The input cell whose number stands in a cell of the panel; null: zero padding.
   * @param {number} row
   * @param {number} column
   */
  source(row, column) {
    return this.forward.source(row, column)
  }

  /**
   * The input cells that the weights of a channel meet in a window.
   * @param {number} step
   */
  sources(step) {
    const [rows, columns] = this.windows.window(step)
    return rows.flatMap((row) => columns.map((column) => this.source(row, column)))
  }

  /**
   * The senders whose windows meet an input cell, in padding too: each with the number of the weight that lies on it.
   * @param {number} index
   */
  meetings(index) {
    return this.senders.flatMap((step) =>
      this.sources(step).flatMap((source, weight) => (source === index ? [{ step, weight }] : [])),
    )
  }

  /** The gradients that the senders send to the input and to the kernel, for each channel. */
  sent() {
    const { windows, scene } = this
    const [values, weights] = [given(scene.cells.values), given(scene.weights.values)]
    const input = values.map((channel) => channel.map(() => 0))
    const kernel = weights.map((channel) => channel.map(() => 0))
    for (const step of this.senders) {
      const arriving = this.arriving(step)
      this.sources(step).forEach((source, n) => {
        if (source === null) return
        windows.seen.forEach((channel, of) => {
          input[channel][source] += arriving * weights[of][n]
          kernel[of][n] += arriving * values[channel][source]
        })
      })
    }
    return { input, kernel }
  }

  /**
   * The same as cells to be drawn. The weights are shaded by the largest among them: one window's are small beside all.
   * @returns {Sent}
   */
  cells() {
    const { input: whole, kernel: gradient, low, high } = this.scene
    if (this.isWhole) return { input: whole, kernel: gradient }
    const { input, kernel } = this.sent()
    const most = largest(kernel.flat()) || 1
    return {
      input: drawn(input, (value) => clamp(((value - low) / (high - low)) * 100, 0, 100)),
      kernel: drawn(kernel, (value) => (value / most + 1) * 50),
    }
  }
}

/**
 * @param {number[][]} values
 * @param {(value: number) => number} place of a value on its scale, from 0 to 100
 * @returns {Cells}
 */
function drawn(values, place) {
  const least = NOTHING_LEFT * largest(values.flat())
  const clean = values.map((channel) => channel.map((value) => (Math.abs(value) < least ? 0 : value)))
  return {
    texts: clean.map((channel) => channel.map(tidy)),
    shades: clean.map((channel) => channel.map((value) => Math.round(place(value)))),
  }
}
