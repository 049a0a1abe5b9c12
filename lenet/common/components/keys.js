/** Keys that move about in a grid. */

import { clamp } from "./math.js"

/** @typedef {[rows: number, columns: number]} Pair */

/** @type {Record<string, Pair>} */
export const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

/** @type {Record<string, Pair>} */
const MOVES = { ...ARROWS, Home: [-Infinity, -Infinity], End: [Infinity, Infinity] }

/**
 * Where a key leads from a cell of a grid of that size; null for a key that does not move.
 * @param {string} key
 * @param {Pair} cell row and column
 * @param {Pair} size
 * @returns {Pair | null}
 */
export function moved(key, [row, column], [height, width]) {
  const move = MOVES[key]
  return move ? [clamp(row + move[0], 0, height - 1), clamp(column + move[1], 0, width - 1)] : null
}

/**
 * Whether a key belongs to the browser or the system.
 * @param {KeyboardEvent} event
 */
export const isChord = (event) => event.ctrlKey || event.metaKey || event.altKey
