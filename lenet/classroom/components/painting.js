/** A kernel that is painted: its weights, in hundredths, row by row. */

import { clamp } from "../../common/components/math.js"
import { minus } from "../../common/components/text.js"

export const BRUSHES = [-100, -50, 0, 50, 100]
export const LARGEST = 100
const NUDGE = 10

/**
 * The kernel with one weight as the brush has it. A cell that has that weight already is wiped.
 * @param {number[]} weights
 * @param {number} i
 * @param {number} brush
 */
export const touched = (weights, i, brush) => painted(weights, i, weights[i] === brush ? 0 : brush)

/**
 * The kernel with one weight as the brush has it.
 * @param {number[]} weights
 * @param {number} i
 * @param {number} brush
 */
export const painted = (weights, i, brush) => weights.map((weight, n) => (n === i ? brush : weight))

/**
 * The weight to which a key leads; null for a key that changes none.
 * @param {number} weight
 * @param {string} key
 */
export function typed(weight, key) {
  if (key === "+" || key === "=") return clamp(weight + NUDGE, -LARGEST, LARGEST)
  if (key === "-" || key === "−") return clamp(weight - NUDGE, -LARGEST, LARGEST)
  return key === "0" || key === "Delete" || key === "Backspace" ? 0 : null
}

/**
 * A weight as it is read: 1, −0.5.
 * @param {number} weight
 */
export const told = (weight) => minus(String(weight / 100))
