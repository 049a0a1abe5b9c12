/** Tiles in order and in words. */

import { fill, fixed } from "../../../common/components/text.js"

/** @import { Scene, Sort, Tile, Words } from "./scene.js" */

/** @type {Sort[]} */
export const SORTS = ["number", "accuracy", "similarity"]

/**
 * The tiles in an order: the most accurate first, or those whose kernels are most like the reference's. Those of which that is
 * not known yet stand behind them, by number.
 * @param {Tile[]} tiles
 * @param {Sort} sort
 */
export function ordered(tiles, sort) {
  const value = (/** @type {Tile} */ tile) => {
    if (sort === "number") return 0
    return (sort === "accuracy" ? tile.accuracy : tile.likeness) ?? -1
  }
  return [...tiles].sort((a, b) => value(b) - value(a) || a.number - b.number)
}

/** What is said of a run in a state instead of its accuracy.
 * @type {Record<string, "not_yet" | "waiting" | "training" | "stopped" | "failed" | "gone">} */
const STATES = {
  "": "not_yet",
  queued: "waiting",
  running: "training",
  paused: "stopped",
  stopped: "stopped",
  interrupted: "stopped",
  failed: "failed",
  gone: "gone",
}

/**
 * The accuracy of a tile, or how its run stands: `82.1%`, `waits`.
 * @param {Tile} tile
 * @param {Words} words
 */
export function told({ state, accuracy }, words) {
  const isTrained = state === "finished" || state === "running"
  if (isTrained && accuracy !== null) return fill(words.percent, { value: fixed(100 * accuracy, 1) })
  return words[STATES[state] ?? "not_yet"]
}

/**
 * A tile in words, for those who listen, in the order in which others see them: `number 17, 82.1%, sigmoid`.
 * @param {Tile} tile
 * @param {Words} words
 */
export function nameOf(tile, words) {
  return [fill(words.number, { n: tile.number }), told(tile, words), tile.arm].filter(Boolean).join(words.comma)
}

/**
 * What is said of the tile that was chosen.
 * @param {Tile} tile
 * @param {Scene} scene
 */
export function detailOf(tile, { words, reference }) {
  const parts = [nameOf(tile, words)]
  if (tile.number === reference) parts.push(words.reference)
  else if (tile.likeness !== null && reference)
    parts.push(fill(words.likeness, { n: reference, r: fixed(tile.likeness, 2) }))
  return parts.join(" · ")
}

/**
 * The place to which a key leads from a place in rows of `columns`: to the next and the one before, and a row up and down; null
 * for a key that does not move.
 * @param {string} key
 * @param {number} at
 * @param {number} columns
 * @param {number} count
 */
export function movedTo(key, at, columns, count) {
  const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns }
  const ends = { Home: 0, End: count - 1 }
  const to = { ...moves, ...ends }[key] ?? null
  if (to === null) return null
  return to >= 0 && to < count ? to : at
}
