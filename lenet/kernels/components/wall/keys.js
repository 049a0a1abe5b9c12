/** What keys ask for. */

import { ARROWS } from "../../../common/components/keys.js"

/** @import { Cells } from "./kernels.js" */

/** @type {Record<string, number>} by how many snapshots the keys of the scrubber move */
const SCRUB = {
  ...{ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 },
  ...{ PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity },
}

/** @type {Record<string, number>} those of a presentation */
const PRESENT = {
  ...{ ArrowLeft: -1, ArrowRight: 1 },
  ...{ ArrowDown: -10, ArrowUp: 10, Home: -Infinity, End: Infinity },
}

/** @type {Record<string, 1 | -1>} a presenter's clicker sends these */
const PAGES = { PageUp: -1, PageDown: 1 }

/**
 * @typedef {"play" | "leave" | "ground" | "fullscreen" | "share" | "values" | "scale" | "curve" | "note" | "epochs"
 *   | "blank"} Command
 */

/** @type {Record<string, Command>} a clicker's button for a blank screen sends "b" or "." */
const COMMANDS = {
  ...{ " ": "play", Escape: "leave", d: "ground", f: "fullscreen", l: "share", n: "values", s: "scale" },
  ...{ c: "curve", k: "note", e: "epochs", b: "blank", ".": "blank" },
}

/**
 * Snapshots to move by, pages of a presentation to turn, a kernel to show alone (null: all), something else, or nothing.
 * @typedef {{ by: number } | { page: 1 | -1 } | { kernel: number | null } | { command: Command } | null} Asked
 */

/**
 * @param {string} key
 * @returns {Asked}
 */
export function scrubKey(key) {
  if (key in SCRUB) return { by: SCRUB[key] }
  return key === " " ? { command: "play" } : null
}

/**
 * @param {string} key
 * @returns {Asked}
 */
export function presentationKey(key) {
  const lower = key.length === 1 ? key.toLowerCase() : key
  if (lower in PRESENT) return { by: PRESENT[lower] }
  if (lower in PAGES) return { page: PAGES[lower] }
  if (/^\d$/.test(lower)) return { kernel: lower === "0" ? null : Number(lower) - 1 }
  return lower in COMMANDS ? { command: COMMANDS[lower] } : null
}

/**
 * A weight on the wall.
 * @typedef {{ kernel: number, i: number }} Weight
 */

/**
 * The weight to which an arrow leads: the wall is one table, so that it goes from a kernel to the one beside or below it.
 * At the wall's edge, and for other keys, it stays.
 * @param {string} key
 * @param {Weight} from
 * @param {{ kernels: Cells, order: number[], columns: number }} wall `order[place]`: the kernel that stands there, in
 *   so many columns
 * @returns {Weight}
 */
export function neighbour(key, from, { kernels, order, columns }) {
  const { height, width, channels } = kernels
  const [down, right] = ARROWS[key] ?? [0, 0]
  const across = channels * width // columns of a kernel in the table
  const { channel, row, column } = kernels.position(from.i)
  const place = order.indexOf(from.kernel)
  const y = Math.floor(place / columns) * height + row + down
  const x = (place % columns) * across + channel * width + column + right
  const next = Math.floor(y / height) * columns + Math.floor(x / across)
  if (y < 0 || x < 0 || x >= columns * across || next >= order.length) return from
  const inside = x % across
  const i = Math.floor(inside / width) * height * width + (y % height) * width + (inside % width)
  return { kernel: order[next], i }
}
