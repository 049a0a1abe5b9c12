/** Which cells were chosen: the grid of the exercise, each cell the darker the more have chosen it, with how many they are. */

import { html } from "../../common/components/dom.js"
import { drawPanel } from "../../exercises/component/panels.js"

/** @import { Grid } from "../../exercises/component/scene.js" */
/** @import { Words } from "../../exercises/component/panels.js" */
/** @typedef {{ grid: Grid, counts: number[][], own: [number, number] | null }} Heat `grid` is coloured by the counts */

/**
 * @param {HTMLElement} parent
 * @param {Heat} heat
 * @param {Words} words
 */
export function drawHeat(parent, { grid, counts, own }, words) {
  const panel = drawPanel(parent, grid, words)
  panel.classList.add("heat")
  const [above, beside] = grid.padding
  const rows = [...panel.querySelectorAll("tbody tr")]
  counts.forEach((row, i) => {
    row.forEach((count, j) => {
      const cell = rows[i + above]?.children[j + beside]
      if (!cell) return
      if (count) html("span", { class: "heat-count" }, cell, String(count))
      if (own && own[0] === i && own[1] === j) cell.classList.add("own")
    })
  })
}
