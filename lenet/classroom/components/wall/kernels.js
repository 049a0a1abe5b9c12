/** The kernels of a tile, painted. */

import { bytes } from "../../../common/components/base64.js"
import { pen } from "../../../common/components/dom.js"
import { BETWEEN } from "./layout.js"

/** @import { Paint } from "../../../common/components/color.js" */
/** @import { Layout, Shape } from "./layout.js" */

export const SHADES = 255 // from −127 to 127

/**
 * @param {string} packed
 * @returns {Int8Array}
 */
export const unpacked = (packed) => new Int8Array(bytes(packed).buffer)

/**
 * Where each weight of the kernels stands, in CSS pixels: its left and top.
 * @param {Shape} shape
 * @param {Pick<Layout, "across" | "cell">} layout
 * @returns {[left: number, top: number][]}
 */
export function places([kernels, high, wide], { across, cell }) {
  return Array.from({ length: kernels * high * wide }, (_, i) => {
    const kernel = Math.floor(i / (high * wide))
    const [column, row] = [kernel % across, Math.floor(kernel / across)]
    const [x, y] = [i % wide, Math.floor(i / wide) % high]
    return [column * (wide * cell + BETWEEN) + x * cell, row * (high * cell + BETWEEN) + y * cell]
  })
}

/**
 * The size of all kernels of a tile, in CSS pixels.
 * @param {Shape} shape
 * @param {Pick<Layout, "across" | "cell">} layout
 */
export function blockSize([kernels, high, wide], { across, cell }) {
  const down = Math.ceil(kernels / across)
  return {
    width: across * wide * cell + BETWEEN * (across - 1),
    height: down * high * cell + BETWEEN * (down - 1),
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Int8Array} weights
 * @param {Shape} shape
 * @param {Layout} layout
 * @param {Paint[]} shades
 */
export function paintKernels(canvas, weights, shape, layout, shades) {
  const { width, height } = blockSize(shape, layout)
  const ratio = window.devicePixelRatio || 1
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) })
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` })
  const context = pen(canvas)
  context.scale(ratio, ratio)
  places(shape, layout).forEach(([left, top], i) => {
    context.fillStyle = shades[weights[i] + (SHADES - 1) / 2].fill
    context.fillRect(left, top, layout.cell, layout.cell)
  })
}
