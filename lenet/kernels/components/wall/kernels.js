/** Kernels as numbers. */

import { bytes } from "../../../common/components/base64.js"
import { clamp } from "../../../common/components/math.js"

/** @typedef {[out: number, channels: number, height: number, width: number]} Shape */

/**
 * Kernels as Python packs them: base64 of little-endian int16, times `unit`.
 * @typedef {{ shape: Shape, unit: number, values: string }} Packed
 */

/**
 * Kernels as far as drawing asks: how many cells they have, and where.
 * @typedef {Pick<Kernels, "out" | "channels" | "height" | "width" | "size" | "position">} Cells
 */

const NOT_FINITE = -32768 // the packed form of a weight that is no finite number
const COLOURS = 3 // channels of a colour picture

/** The kernels of a layer at one step or at several. */
export class Kernels {
  /** @param {Packed} packed */
  constructor({ shape, unit, values }) {
    const [out, channels, height, width] = shape
    this.out = out
    this.channels = channels
    this.height = height
    this.width = width
    this.size = channels * height * width // weights of a kernel
    // Decimals that are right: a weight is packed to half a unit.
    this.decimals = clamp(Math.floor(1e-9 - Math.log10(unit)), 0, 4)
    const view = new DataView(bytes(values).buffer)
    this.weights = Float64Array.from({ length: view.byteLength / 2 }, (_, i) => {
      const whole = view.getInt16(2 * i, true)
      return whole === NOT_FINITE ? Number.NaN : whole * unit
    })
  }

  /**
   * The weights of all kernels at one step.
   * @param {number} index of the snapshot
   */
  at(index) {
    const length = this.out * this.size
    return this.weights.subarray(index * length, (index + 1) * length)
  }

  /** Whether the channels are red, green and blue. */
  get isColour() {
    return this.channels === COLOURS
  }

  /**
   * One cell for the weights of all channels at a place.
   * @returns {Cells}
   */
  get merged() {
    const { out, height, width } = this
    const position = (/** @type {number} */ i) => ({ channel: 0, row: Math.floor(i / width), column: i % width })
    return { out, channels: 1, height, width, size: height * width, position }
  }

  /**
   * Where a weight stands in its kernel.
   * @param {number} i
   */
  position(i) {
    const { height, width } = this
    return { channel: Math.floor(i / (height * width)), row: Math.floor(i / width) % height, column: i % width }
  }
}

/**
 * `minAt` and `maxAt` are the places of the smallest and the largest.
 * @param {Float64Array} weights
 */
export function statistics(weights) {
  let [min, max, sum, squares, minAt, maxAt] = [Infinity, -Infinity, 0, 0, 0, 0]
  weights.forEach((weight, i) => {
    if (weight < min) [min, minAt] = [weight, i]
    if (weight > max) [max, maxAt] = [weight, i]
    sum += weight
    squares += weight * weight
  })
  return { min, max, minAt, maxAt, mean: sum / weights.length, norm: Math.sqrt(squares) }
}
