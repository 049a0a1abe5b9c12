/** How many tiles stand side by side. */

export const GAP = 8
const HEAD = 26 // CSS pixels of a tile beside its pictures
const LEAST = 104
const MOST = 300

/**
 * The largest tiles of which `count` fit into a place; where even the smallest do not fit, those, and the page scrolls.
 * @param {number} count
 * @param {{ width: number, height: number }} place
 * @param {number} across pictures that a tile has side by side
 * @returns {{ columns: number, width: number }}
 */
export function layout(count, { width, height }, across) {
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)))
  const widthOf = (/** @type {number} */ columns) =>
    Math.min(MOST, Math.floor((width - GAP * (columns - 1)) / columns))
  for (let columns = 1; columns <= most; columns++) {
    const rows = Math.ceil(count / columns)
    const high = rows * (widthOf(columns) / across + HEAD + GAP) - GAP
    if (high <= height) return { columns, width: widthOf(columns) }
  }
  return { columns: most, width: widthOf(most) }
}
