/** A kernel of the class: whose it is, by number, colour and symbol; its weights, what it responds, its score. */

import { html } from "../../common/components/dom.js"
import { paintKernel, paintResponses } from "./pictures.js"
import { picturesOf, sumsOf } from "./score.js"
import { symbol } from "./symbols.js"

/** @import { Scale } from "../../common/components/color.js" */
/** @import { Task } from "./score.js" */
/**
 * @typedef {object} Entry
 * @property {number} number
 * @property {string} colour
 * @property {string} symbol
 * @property {number[]} weights in hundredths
 * @property {string} score "" while nobody may see it
 * @property {string} name for those who listen
 * @property {boolean} best whether it is marked
 */
/** @typedef {{ task: Task, scale: Scale }} TileScene `task` has the pictures whose responses are shown */

/**
 * @param {HTMLElement} parent
 * @param {Entry} entry
 * @param {TileScene} scene
 */
export function drawTile(parent, entry, { task, scale }) {
  const tile = html("li", { class: entry.best ? "tile best" : "tile" }, parent)
  const head = html("div", { class: "tile-head" }, tile)
  if (entry.number) {
    symbol(entry, 14, head)
    html("span", { class: "tile-number" }, head, String(entry.number))
  }
  html("span", { class: "tile-score" }, head, entry.score)
  const row = html("div", { class: "tile-row", role: "img", "aria-label": entry.name }, tile)
  const kernel = paintKernel(entry.weights, task.size, scale)
  const shown = picturesOf(task)
  const canvases = shown.map(() => html("canvas"))
  const sums = shown.map((picture) => sumsOf(picture, task, entry.weights))
  paintResponses(canvases, sums, task.side, scale)
  for (const canvas of [kernel, ...canvases]) row.append(canvas)
  return tile
}
