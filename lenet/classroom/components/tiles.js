/** How many tiles stand side by side, and how large they are. */

import { clamp } from "../../common/components/math.js"

export const GAP = 8
const HEAD = 1.65 // of a tile, above its pictures: in font sizes
const LEAST = { fitting: 62, scrolled: 104 } // width
const MOST = 300
const FONT = { share: 0.115, least: 13, most: 26 } // of a tile's width: its number and its score fit beside each other

/**
 * @typedef {object} Layout
 * @property {number} columns
 * @property {number} width of a tile at most
 * @property {number} font size of number and score
 */

/**
 * The largest tiles of which `count` fit into a place; where even the smallest do not fit, larger ones, and the page scrolls.
 * @param {number} count
 * @param {{ width: number, height: number }} place
 * @param {number} across pictures that a tile has side by side
 * @returns {Layout}
 */
export function layout(count, { width, height }, across) {
  const most = (/** @type {number} */ least) => Math.max(1, Math.floor((width + GAP) / (least + GAP)))
  const tileOf = (/** @type {number} */ columns) => {
    const wide = Math.min(MOST, Math.floor((width - GAP * (columns - 1)) / columns))
    return { columns, width: wide, font: Math.round(clamp(FONT.share * wide, FONT.least, FONT.most)) }
  }
  for (let columns = 1; columns <= most(LEAST.fitting); columns++) {
    const tile = tileOf(columns)
    const rows = Math.ceil(count / columns)
    const high = rows * (tile.width / across + HEAD * tile.font + GAP) - GAP
    if (high <= height) return tile
  }
  return tileOf(most(LEAST.scrolled))
}

/**
 * Have a list of tiles stand so.
 * @param {HTMLElement} list
 * @param {Layout} layout
 */
export function arrange(list, { columns, width, font }) {
  list.style.gridTemplateColumns = `repeat(${columns}, minmax(0, ${width}px))`
  list.style.gap = `${GAP}px`
  list.style.setProperty("--font", `${font}px`)
}
