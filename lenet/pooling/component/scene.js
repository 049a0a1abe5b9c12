/** What Python sends to this component: `scene` of the stacking figure. */

/** @import { Scale } from "../../common/components/color.js" */
/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Legend } from "../../common/components/legend.js" */

/**
 * From `start` on and up to `end`, which is not part of it.
 * @typedef {[start: number, end: number]} Range
 */

/**
 * The input, or what comes out of a pool.
 * @typedef {object} Level
 * @property {string} title
 * @property {string} note
 * @property {Pair} size
 * @property {string[]} texts the numbers row by row
 * @property {(number | null)[]} shades their places on the colour scale, from 0 to 100
 * @property {Range[][]} rows by row of this level: the rows that it sees on each level before
 * @property {Range[][]} columns
 */

/**
 * @typedef {object} Scene
 * @property {Level[]} levels
 * @property {Scale} scale
 * @property {Legend} legend of the scale
 * @property {string} color of the marks
 * @property {Record<"alt" | "sees" | "hint" | "hint_touch" | "comma", string>} words
 */

/**
 * What a cell sees on each level before its own, and at last itself.
 * @param {Level} level
 * @param {Pair} cell
 * @returns {{ rows: Range, columns: Range }[]}
 */
export function reach({ rows, columns }, [row, column]) {
  const seen = rows[row].map((range, n) => ({ rows: range, columns: columns[column][n] }))
  return [...seen, { rows: [row, row + 1], columns: [column, column + 1] }]
}

/**
 * Values for the sentence that says what a cell sees of the input.
 * @param {Level} level
 * @param {Pair} cell
 */
export function reachWords(level, [row, column]) {
  const [{ rows, columns }] = reach(level, [row, column])
  return {
    level: level.title,
    row: row + 1,
    column: column + 1,
    top: rows[0] + 1,
    bottom: rows[1],
    left: columns[0] + 1,
    right: columns[1],
    height: rows[1] - rows[0],
    width: columns[1] - columns[0],
  }
}
