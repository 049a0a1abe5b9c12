/** Where the levels stand. */

import { clamp, sum } from "../../common/components/math.js"

/** @import { Pair } from "../../common/components/keys.js" */

const GAP = 54 // between two levels, with the arrow
const TITLE = 42 // two lines above each level
const NARROWEST = 150 // a level is at least as wide as its title
const TALLEST = 230
const LEGEND = 20 // height of the legend below

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} cell the side of a cell
 * @property {{ x: number, y: number, middle: number }[]} levels their grids' corners, and the middle of their titles
 * @property {[from: number, to: number][]} arrows between two levels
 * @property {number} arrowY
 * @property {number} legendY
 */

/**
 * @param {Pair[]} sizes of the levels
 * @param {number} width
 * @returns {Layout}
 */
export function layout(sizes, width) {
  const columns = sum(sizes.map(([, wide]) => wide))
  const rows = Math.max(...sizes.map(([high]) => high))
  const gaps = GAP * (sizes.length - 1)
  const room = width - gaps - 8
  const boxes = (/** @type {number} */ cell) => sizes.map(([, wide]) => Math.max(wide * cell, NARROWEST))
  let cell = clamp(Math.min(room / columns, TALLEST / rows), 2, 44)
  while (cell > 2 && sum(boxes(cell)) > room) cell = Math.max(2, cell - 0.5)
  const widths = boxes(cell)
  let left = Math.max(4, (width - sum(widths) - gaps) / 2)
  /** @type {Layout} */
  const found = {
    width,
    height: TITLE + rows * cell + 10 + LEGEND,
    cell,
    levels: [],
    arrows: [],
    arrowY: TITLE + (rows * cell) / 2,
    legendY: TITLE + rows * cell + 12,
  }
  sizes.forEach(([high, wide], n) => {
    const middle = left + widths[n] / 2
    found.levels.push({ x: middle - (wide * cell) / 2, y: TITLE + ((rows - high) * cell) / 2, middle })
    left += widths[n] + GAP
    if (n < sizes.length - 1) found.arrows.push([left - GAP + 10, left - 10])
  })
  return found
}
