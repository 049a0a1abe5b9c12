/** What is said of an input cell to those who listen: its place, its number, and the windows that it belongs to. */

import { fill } from "../../common/components/text.js"

/** @import { Layer } from "./layer.js" */

const MOST = 8 // windows that are named

/**
 * @param {Layer} layer
 * @param {number} channel
 * @param {number} index
 */
export function cellWords(layer, channel, index) {
  const { windows } = layer
  const { words, channels } = windows.scene
  const [row, column] = windows.cell("in", index)
  const place = fill(words.row_column, { row: row + 1, column: column + 1 })
  const name = channels > 1 ? fill(words.channel, { n: channel + 1 }) + words.comma + place : place
  const { one, several, steps } = layer.membership(channel, index)
  const named = steps.slice(0, MOST).map((step) => String(step + 1))
  const list = (steps.length > MOST ? [...named, "…"] : named).join(words.comma)
  const told = steps.length ? fill(steps.length > 1 ? several : one, { windows: list }) : words.cell_outside
  return fill(words.told, { name, what: layer.number(channel, index) + words.semicolon + told })
}
