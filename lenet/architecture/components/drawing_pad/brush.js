/** A soft pen on a square of grey pixels. */

import { clamp } from "../../../common/components/math.js"

/** @typedef {[x: number, y: number]} Point in pixels; the middle of the first is (0.5, 0.5) */

const REACH = 2 // pixels around the pen's middle that it can reach
const RADIUS = 1.9 // where its ink ends
const DOTS = 3 // for each pixel of a line

/**
 * Draw a line; what is lighter already stays.
 * @param {Uint8ClampedArray} pixels row by row, 0 is black
 * @param {number} side
 * @param {Point} from
 * @param {Point} to
 */
export function stroke(pixels, side, [x0, y0], [x1, y1]) {
  const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) * DOTS))
  for (let i = 0; i <= steps; i++) {
    const share = i / steps
    dot(pixels, side, [x0 + (x1 - x0) * share, y0 + (y1 - y0) * share])
  }
}

/**
 * @param {Uint8ClampedArray} pixels
 * @param {number} side
 * @param {Point} point
 */
function dot(pixels, side, [x, y]) {
  for (let row = Math.max(0, Math.floor(y - REACH)); row <= Math.min(side - 1, Math.ceil(y + REACH)); row++) {
    for (
      let column = Math.max(0, Math.floor(x - REACH));
      column <= Math.min(side - 1, Math.ceil(x + REACH));
      column++
    ) {
      const ink = clamp(RADIUS - Math.hypot(column + 0.5 - x, row + 0.5 - y), 0, 1)
      const at = row * side + column
      pixels[at] = Math.max(pixels[at], 255 * ink)
    }
  }
}
