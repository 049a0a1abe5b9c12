/** Where the levels stand. */

import { clamp, sum } from "../../common/components/math.js"

/** @import { Pair } from "../../common/components/keys.js" */

const GAP = 54 // between two levels, with the arrow
const TITLE = 42 // two lines above each level
const NARROWEST = 150 // a level is at least as wide as its title, where two have room
const TALLEST = 230
const LEGEND = 20 // height of the legend below
const NARROW = 700 // below this width two levels stand in a row
const NARROW_GAP = 28
const ROW_GAP = 26 // between two rows, with the arrow

/** @typedef {[x: number, y: number]} Point */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} cell the side of a cell
 * @property {{ x: number, y: number, middle: number, top: number }[]} levels their grids' corners, the middle of their
 *   titles and the top of these
 * @property {[from: Point, to: Point][]} arrows between two levels
 * @property {number} legendY
 * @property {number} smallest font that can be read
 */

/**
 * @param {Pair[]} sizes of the levels
 * @param {number} width
 * @returns {Layout}
 */
export function layout(sizes, width) {
  const isNarrow = width < NARROW
  const gap = isNarrow ? NARROW_GAP : GAP
  const inRow = isNarrow ? 2 : sizes.length
  const rows = []
  for (let n = 0; n < sizes.length; n += inRow) rows.push(sizes.slice(n, n + inRow))
  const narrowest = Math.min(NARROWEST, (width - gap * (inRow - 1) - 8) / inRow)
  const cell = Math.min(...rows.map((row) => cellOf(row, width - gap * (row.length - 1) - 8, narrowest)))
  /** @type {Layout} */
  const found = { width, height: 0, cell, levels: [], arrows: [], legendY: 0, smallest: isNarrow ? 11 : 7.5 }
  let top = 0
  for (const row of rows) {
    const tallest = Math.max(...row.map(([high]) => high)) * cell
    const widths = row.map(([, wide]) => Math.max(wide * cell, narrowest))
    const middleY = top + TITLE + tallest / 2
    let left = Math.max(4, (width - sum(widths) - gap * (row.length - 1)) / 2)
    row.forEach(([high, wide], n) => {
      const middle = left + widths[n] / 2
      const y = top + TITLE + (tallest - high * cell) / 2
      const before = found.levels.at(-1)
      if (n > 0) found.arrows.push([/** @type {Point} */ ([left - gap + 8, middleY]), [left - 8, middleY]])
      else if (before)
        found.arrows.push([/** @type {Point} */ ([before.middle, top - ROW_GAP + 8]), [middle, top - 2]])
      found.levels.push({ x: middle - (wide * cell) / 2, y, middle, top })
      left += widths[n] + gap
    })
    top += TITLE + tallest + ROW_GAP
  }
  found.legendY = top - ROW_GAP + 12
  found.height = found.legendY - 2 + LEGEND
  return found
}

/**
 * The largest cell with which some levels and their titles stand side by side.
 * @param {Pair[]} sizes
 * @param {number} room
 * @param {number} narrowest width of a level with its title
 */
function cellOf(sizes, room, narrowest) {
  const columns = sum(sizes.map(([, wide]) => wide))
  const rows = Math.max(...sizes.map(([high]) => high))
  const wide = (/** @type {number} */ cell) => sum(sizes.map(([, n]) => Math.max(n * cell, narrowest)))
  let cell = clamp(Math.min(room / columns, TALLEST / rows), 2, 44)
  while (cell > 2 && wide(cell) > room) cell = Math.max(2, cell - 0.5)
  return cell
}
