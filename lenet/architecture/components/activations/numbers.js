/** A grid of numbers, coloured on a scale. */

import { css, ink, rgb } from "../../../common/components/color.js"
import { svg } from "../../../common/components/dom.js"
import { minus } from "../../../common/components/text.js"
import { shade } from "./colors.js"

/** @import { Range } from "./scene.js" */

export const LEGIBLE = 18 // a cell of this size has room for its number
const LEGIBLE_NARROW = 27 // on a phone, whose letters are no smaller than 11 pixels

/**
 * @typedef {object} Grid
 * @property {number} x
 * @property {number} y
 * @property {number} side of a cell
 * @property {number} rows
 * @property {number} columns
 * @property {Range} scale
 * @property {(row: number, column: number) => number} value
 * @property {(row: number, column: number) => boolean} [isPadding] shown as a muted tone
 * @property {(row: number, column: number) => boolean} [exists] whether there is such a cell
 */

/**
 * @param {SVGElement} parent
 * @param {Grid} grid
 * @param {string} padding the colour of padding
 * @param {boolean} isNarrow
 */
export function drawNumbers(parent, grid, padding, isNarrow) {
  const { side } = grid
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      if (grid.exists && !grid.exists(row, column)) continue
      const value = grid.value(row, column)
      const isPadding = grid.isPadding?.(row, column) ?? false
      const color = isPadding ? rgb(padding) : shade(grid.scale, value)
      const box = { x: grid.x + column * side, y: grid.y + row * side, width: side, height: side }
      svg("rect", { class: "grid", ...box, fill: css(color), ...(isPadding ? { "fill-opacity": 0.45 } : {}) }, parent)
      if (side < (isNarrow ? LEGIBLE_NARROW : LEGIBLE)) continue
      const place = { x: box.x + side / 2, y: box.y + side / 2 }
      const style = `font-size:${isNarrow ? 11 : Math.min(side * 0.4, 13)}px;fill:${ink(color)}`
      svg("text", { class: "middle", ...place, style }, parent, minus(value.toFixed(Math.abs(value) < 10 ? 2 : 1)))
    }
  }
}
