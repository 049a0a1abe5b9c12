/** Where the grids stand: in one row, or where there is less room in two. */

import { clamp, sum } from "../../../common/components/math.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { PanelName } from "./scene.js" */

/** @typedef {{ x: number, y: number, cell: number, size: Pair, width: number, height: number, title: number }} Panel
 *   its corner, the side of a cell, rows and columns, and the baseline of its title */
/** @typedef {{ text: string, x: number, y: number }} Sign between two panels */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {Record<PanelName, Panel>} panels
 * @property {Sign[]} signs
 */

const NARROW = 820 // below this width the grids stand in two rows
const TITLE = 24
const EDGE = 4 // for the frame of what is in focus
const GAP = 30
const NARROW_GAP = 16
const ROW_GAP = 10
const LARGER = 1.7 // a cell of a kernel, in cells of a map: there is a number in it
const NARROW_LARGER = 2
const LARGEST = 40
const TALLEST = 300 // height of a row of grids
const NARROW_TALLEST = 180

/** @type {PanelName[][]} */
const ONE_ROW = [["input", "kernel", "output", "target", "arriving", "gradient"]]
/** @type {PanelName[][]} */
const TWO_ROWS = [
  ["input", "kernel", "gradient"],
  ["output", "target", "arriving"],
]
/** What stands before a panel; × before the gradient: input times what arrives. @type {Partial<Record<PanelName, string>>} */
const BEFORE = { kernel: "∗", output: "=", target: "−", arriving: "→", gradient: "→" }

/**
 * @param {Record<PanelName, Pair>} sizes rows and columns
 * @param {number} width
 * @returns {Layout}
 */
export function layout(sizes, width) {
  const isNarrow = width < NARROW
  const rows = isNarrow ? TWO_ROWS : ONE_ROW
  const gap = isNarrow ? NARROW_GAP : GAP
  const ofKernel = isNarrow ? NARROW_LARGER : LARGER
  const larger = (/** @type {PanelName} */ name) => (name === "kernel" || name === "gradient" ? ofKernel : 1)
  const across = (/** @type {PanelName} */ name) => sizes[name][1] * larger(name)
  const down = (/** @type {PanelName} */ name) => sizes[name][0] * larger(name)
  const room = (/** @type {PanelName[]} */ row) => width - 2 * EDGE - gap * (row.length - 1)
  const highest = Math.max(...rows.flat().map(down))
  const cell = Math.floor(
    clamp(
      Math.min(
        ...rows.map((row) => room(row) / sum(row.map(across))),
        (isNarrow ? NARROW_TALLEST : TALLEST) / highest,
      ),
      4,
      LARGEST,
    ),
  )
  const panels = /** @type {Record<PanelName, Panel>} */ ({})
  /** @type {Layout} */
  const found = { width, height: 0, panels, signs: [] }
  let top = 0
  for (const row of rows) {
    const tall = Math.max(...row.map(down)) * cell
    let x = EDGE + (room(row) - sum(row.map(across)) * cell) / 2
    for (const name of row) {
      const side = cell * larger(name)
      const [height, wide] = [down(name) * cell, across(name) * cell]
      const y = top + TITLE + (tall - height) / 2
      panels[name] = { x, y, cell: side, size: sizes[name], width: wide, height, title: y - 8 }
      const text = name === row[0] || (isNarrow && name === "gradient") ? undefined : BEFORE[name]
      if (text) found.signs.push({ text, x: x - gap / 2, y: top + TITLE + tall / 2 })
      x += wide + gap
    }
    top += TITLE + tall + ROW_GAP
  }
  found.height = top - ROW_GAP + EDGE
  return found
}
