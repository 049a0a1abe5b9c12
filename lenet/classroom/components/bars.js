/** How many have answered what: a bar for each answer and each vote. */

import { html } from "../../common/components/dom.js"
import { drawPanel } from "../../exercises/component/panels.js"

/** @import { Grid } from "../../exercises/component/scene.js" */
/** @import { Words } from "../../exercises/component/panels.js" */
/**
 * @typedef {object} Bar
 * @property {string} label the answer, in words
 * @property {Grid | null} picture of it
 * @property {number[]} counts of the votes, the first one first; none while nobody may see them
 * @property {boolean} right whether it is told to be right
 * @property {string} mistake why it is wrong, once that is told
 * @property {boolean} own whether the reader has given it
 */
/** @typedef {{ bars: Bar[], votes: string[], more: string }} Bars `votes` are their names, where there are two */

/**
 * The length of a bar, from 0 to 1: the longest of all votes has the whole width.
 * @param {number} count
 * @param {Bar[]} bars
 */
export function share(count, bars) {
  const most = Math.max(1, ...bars.flatMap(({ counts }) => counts))
  return count / most
}

/**
 * @param {HTMLElement} parent
 * @param {Bars} results
 * @param {Words} words
 */
export function drawBars(parent, { bars, votes, more }, words) {
  if (votes.length) drawLegend(parent, votes)
  const list = html("ul", { class: "bars" }, parent)
  for (const bar of bars) {
    const names = ["bar-row", bar.right && "right", bar.own && "own", bar.mistake && "wrong"].filter(Boolean)
    const row = html("li", { class: names.join(" ") }, list)
    const label = html("div", { class: "bar-label" }, row)
    if (bar.picture) drawPanel(label, bar.picture, words)
    else html("span", {}, label, bar.label)
    if (bar.right) html("span", { class: "mark", "aria-hidden": true }, label, "✓")
    const tracks = html("div", { class: "tracks" }, row)
    bar.counts.forEach((count, n) => {
      const track = html("div", { class: n < bar.counts.length - 1 ? "bar-track before" : "bar-track" }, tracks)
      html("div", { class: "fill", style: `--share:${share(count, bars)}` }, track)
      if (votes[n]) html("span", { class: "live" }, track, `${votes[n]}: `)
      html("span", { class: "bar-count" }, track, String(count))
    })
    if (bar.mistake) html("p", { class: "mistake" }, row, bar.mistake)
  }
  if (more) html("p", { class: "more" }, parent, more)
}

/**
 * Which bars are of which vote.
 * @param {HTMLElement} parent
 * @param {string[]} votes
 */
function drawLegend(parent, votes) {
  const legend = html("div", { class: "bar-legend", "aria-hidden": true }, parent)
  votes.forEach((name, n) => {
    const track = html("div", { class: n < votes.length - 1 ? "bar-track before" : "bar-track" }, legend)
    html("div", { class: "fill" }, track)
    html("span", {}, track, name)
  })
}
