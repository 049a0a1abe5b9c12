/** What a class has answered, as its question asks for: bars, a heat map for each vote, or kernels for each vote. */

import { html } from "../../common/components/dom.js"
import { drawBars } from "./bars.js"
import { drawHeat } from "./heat.js"
import { drawTile } from "./tile.js"
import { arrange, layout } from "./tiles.js"

/** @import { Scale } from "../../common/components/color.js" */
/** @import { Words } from "../../exercises/component/panels.js" */
/** @import { Task } from "./score.js" */
/** @import { Entry } from "./tile.js" */
/** @import { Bars } from "./bars.js" */
/** @import { Heat } from "./heat.js" */
/**
 * What Python sends: see lenet/classroom/figures/results.py. One of the first three, by what is asked.
 * @typedef {object} Results
 * @property {Bars | null} bars
 * @property {{ heats: Heat[], votes: string[] } | null} cells
 * @property {{ rounds: Entry[][], votes: string[], task: Task, scale: Scale } | null} kernels
 * @property {string} line how many, and how many are right once that is told
 */

const BETWEEN = 26 // CSS pixels between the kernels of two votes
const ROOM = 24 // for a scroll bar, which may come with them

/**
 * @param {HTMLElement} parent
 * @param {Results} results
 * @param {Words} words
 * @param {{ width: number, height: number }} place that is left for kernels
 */
export function drawResults(parent, { bars, cells, kernels, line }, words, place) {
  if (line) html("p", { class: "line" }, parent, line)
  if (bars) drawBars(parent, bars, words)
  if (cells) {
    const row = html("div", { class: "votes" }, parent)
    cells.heats.forEach((heat, n) => {
      const vote = html("div", { class: "vote" }, row)
      if (cells.votes[n]) html("div", { class: "vote-name" }, vote, cells.votes[n])
      drawHeat(vote, heat, words)
    })
  }
  if (kernels) {
    const row = html("div", { class: "votes" }, parent)
    const width = Math.floor((place.width - ROOM) / kernels.rounds.length) - BETWEEN
    kernels.rounds.forEach((entries, n) => {
      const vote = html("div", { class: "vote" }, row)
      if (kernels.votes[n]) html("div", { class: "vote-name" }, vote, kernels.votes[n])
      const list = html("ul", { class: "tiles" }, vote)
      const across = 1 + kernels.task.pictures.length
      arrange(list, layout(entries.length, { width, height: place.height }, across))
      for (const entry of entries) drawTile(list, entry, kernels)
    })
  }
}
