/** How the wall fills its room: few tiles are large, many are smaller, and all of them are on screen while they can be read. */

import { clamp } from "../../../common/components/math.js"

/** @typedef {{ width: number, height: number }} Size in CSS pixels */
/** @typedef {[kernels: number, height: number, width: number]} Shape of the kernels of a tile */
/**
 * @typedef {object} Layout
 * @property {number} columns of tiles
 * @property {Size} tile
 * @property {number} across kernels side by side
 * @property {number} cell side of a weight
 * @property {number} font size of number and accuracy
 */

export const GAP = 8 // between tiles
export const BETWEEN = 3 // kernels
export const PADDING = 6 // of a tile
export const HEAD = 1.35 // of its number and accuracy, in font sizes
export const ARM = 1 // of its arm below them
export const FOOT = 6 // of a tile: how far its training is
const CELL = { least: 3, most: 26 }
const FONT = { least: 13, most: 32 }
const LETTER = 3 // weights are about as hard to see as letters of so many times their size
const LETTERS = 6.2 // of number, symbol and accuracy beside each other, in font sizes

/**
 * The layout that can be read from furthest away. Where nothing could be seen any more, there is more below.
 * @param {Size} room
 * @param {number} count of tiles
 * @param {Shape} shape
 * @param {number} lines of text in a tile
 * @returns {Layout}
 */
export function layout(room, count, shape, lines) {
  /** @type {Layout | null} */
  let best = null
  for (let columns = 1; columns <= Math.max(count, 1); columns++) {
    const rows = Math.ceil(count / columns)
    const width = Math.floor((room.width - GAP * (columns - 1)) / columns)
    const height = Math.floor((room.height - GAP * (rows - 1)) / rows)
    for (const across of arrangements(shape[0])) {
      const found = fit(columns, across, { width, height }, shape, lines)
      if (found && (!best || isBetter(found, best))) best = found
    }
  }
  return best ?? scrolled(room.width, shape, lines)
}

/**
 * Whether one layout can be read from further away: by what is smaller in it, weights or letters, and else by both; of equal
 * ones, the one with more tiles side by side, as screens are wide.
 * @param {Layout} one
 * @param {Layout} other
 */
function isBetter(one, other) {
  const [a, b] = [legibility(one), legibility(other)]
  return a !== b ? a > b : one.columns > other.columns
}

/** @param {Layout} layout */
const legibility = ({ cell, font }) => Math.min(LETTER * cell, font) + 0.1 * (LETTER * cell + font)

/**
 * In how many columns so many kernels can stand without a gap.
 * @param {number} kernels
 */
function arrangements(kernels) {
  const all = Array.from({ length: kernels }, (_, i) => i + 1)
  return all.filter((across) => kernels % across === 0)
}

/**
 * The largest weights in a tile of at most that size; null where they cannot be seen, or the text does not fit.
 * @param {number} columns
 * @param {number} across
 * @param {Size} most
 * @param {Shape} shape
 * @param {number} lines
 * @returns {Layout | null}
 */
function fit(columns, across, most, [kernels, high, wide], lines) {
  const font = Math.floor(clamp(most.width / LETTERS, 0, Math.min(FONT.most, most.height / 5)))
  if (font < FONT.least) return null
  const down = kernels / across
  const around = frame(font, lines)
  const room = {
    width: most.width - 2 * PADDING - BETWEEN * (across - 1),
    height: most.height - around - BETWEEN * (down - 1),
  }
  const cell = Math.min(Math.floor(Math.min(room.width / (across * wide), room.height / (down * high))), CELL.most)
  if (cell < CELL.least) return null
  const width = Math.max(across * wide * cell + BETWEEN * (across - 1) + 2 * PADDING, Math.ceil(font * LETTERS))
  const height = down * high * cell + BETWEEN * (down - 1) + around
  return { columns, across, cell, font, tile: { width: Math.min(width, most.width), height: Math.ceil(height) } }
}

/**
 * What a tile holds above and below its kernels.
 * @param {number} font
 * @param {number} lines
 */
const frame = (font, lines) => Math.ceil((HEAD + ARM * (lines - 1)) * font) + 2 * PADDING + FOOT

/**
 * As many of the smallest tiles side by side as there is room for.
 * @param {number} width
 * @param {Shape} shape
 * @param {number} lines
 * @returns {Layout}
 */
function scrolled(width, [kernels, high, wide], lines) {
  const font = FONT.least
  const across = Math.min(kernels, 3)
  const cell = Math.max(CELL.least, Math.floor((LETTERS * font - 2 * BETWEEN) / (across * wide)))
  const down = Math.ceil(kernels / across)
  const tile = {
    width: Math.max(across * wide * cell + BETWEEN * (across - 1) + 2 * PADDING, Math.ceil(font * LETTERS)),
    height: down * high * cell + BETWEEN * (down - 1) + frame(font, lines),
  }
  return { columns: Math.max(1, Math.floor((width + GAP) / (tile.width + GAP))), across, cell, font, tile }
}
