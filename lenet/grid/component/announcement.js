/** What is said of an input cell to those who listen: its place, its number, and the windows that it is in or wins. */

import { fill } from "../../common/components/text.js"
import { plain, received } from "./arithmetic.js"

/** @import { Windows } from "./windows.js" */

const MOST = 8 // windows that are named

/**
 * @param {Windows} windows
 * @param {number} channel
 * @param {number} index
 */
export function cellWords(windows, channel, index) {
  const { input, words, channels, mode, back } = windows.scene
  const [row, column] = windows.cell("in", index)
  const place = fill(words.row_column, { row: row + 1, column: column + 1 })
  const name = channels > 1 ? fill(words.channel, { n: channel + 1 }) + words.comma + place : place
  const what = back ? received(windows, channel, index).map(plain).join(" ") : input.texts[channel][index]
  const containing = windows.containing(index)
  const won = mode === "max" ? containing.filter((step) => windows.isWinner(channel, step, [row, column])) : []
  const list = (/** @type {number[]} */ steps) => {
    const named = steps.slice(0, MOST).map((step) => String(step + 1))
    return (steps.length > MOST ? [...named, "…"] : named).join(words.comma)
  }
  const [one, several, steps] = won.length
    ? [words.cell_wins_one, words.cell_wins, won]
    : [words.cell_inside_one, words.cell_inside, containing]
  const told = steps.length ? fill(steps.length > 1 ? several : one, { windows: list(steps) }) : words.cell_outside
  return fill(words.told, { name, what: what + words.semicolon + told })
}
