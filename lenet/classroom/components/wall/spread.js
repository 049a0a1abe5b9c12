/** Where a member's accuracy lies among those of the class: a dot for each, side by side, and on each other where they are alike. */

import { html, setAttributes, svg } from "../../../common/components/dom.js"
import { fill, fixed } from "../../../common/components/text.js"

/** @import { Scene } from "./scene.js" */

/** @typedef {{ x: number, level: number }} Dot */

const RADIUS = 5
const EDGE = 12 // CSS pixels beside the dots
const FOOT = 22 // for the numbers below them

/**
 * Dots at values of an axis that is `width` long; one that would lie on another stands a level higher. In the order of `values`.
 * @param {number[]} values
 * @param {number} width
 * @returns {Dot[]}
 */
export function dots(values, width) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const across = width - 2 * EDGE
  /** @type {Dot[]} */
  const found = []
  /** @type {number[]} the last place that is taken, by level */
  const taken = []
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value || a.i - b.i)
  for (const { value, i } of order) {
    const x = EDGE + (high > low ? ((value - low) / (high - low)) * across : across / 2)
    const free = taken.findIndex((last) => x - last >= 2 * RADIUS)
    const level = free < 0 ? taken.length : free
    taken[level] = x
    found[i] = { x, level }
  }
  return found
}

export class Spread {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = html("div", { class: "spread" }, root)
  }

  /**
   * @param {Scene} scene
   * @param {number} width
   */
  show({ others, tiles, mine, words }, width) {
    const own = tiles.find((tile) => tile.number === mine)
    const isKnown = own?.accuracy != null && own.state === "finished" && others.length > 0
    this.root.hidden = !isKnown
    this.root.replaceChildren()
    if (!isKnown || !own) return
    const values = [...others, Number(own.accuracy)]
    const placed = dots(values, width)
    const levels = Math.max(...placed.map(({ level }) => level)) + 1
    const ground = 2 * RADIUS * levels + 4
    const said = (/** @type {number} */ value) => fill(words.percent, { value: fixed(100 * value, 1) })
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const picture = svg("svg", { width, height: ground + FOOT, "aria-hidden": true }, this.root)
    svg("path", { class: "axis", d: `M${EDGE} ${ground}h${width - 2 * EDGE}` }, picture)
    placed.forEach(({ x, level }, i) => {
      const dot = svg(
        "circle",
        { class: "other", cx: x, cy: ground - RADIUS - 2 * RADIUS * level, r: RADIUS - 1 },
        picture,
      )
      if (i === others.length) setAttributes(dot, { class: "own", r: RADIUS + 2, fill: own.colour })
    })
    svg("text", { x: 0, y: ground + 16 }, picture, said(low))
    if (high > low) svg("text", { class: "end", x: width, y: ground + 16 }, picture, said(high))
    const told = fill(words.spread, { n: others.length, low: said(low), high: said(high) })
    html("p", { class: "caption" }, this.root, told)
  }
}
