/** The picture: six grids. A weight of the kernel is chosen, and perhaps a place of the output. */

import { css, ink, mix, signed } from "../../../common/components/color.js"
import { focused, svg } from "../../../common/components/dom.js"
import { isChord, moved } from "../../../common/components/keys.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed, minus } from "../../../common/components/text.js"
import { fontSize, lettersIn } from "../../../grid/component/layout.js"
import { shortened } from "../../../grid/component/short.js"
import { at, each } from "./arithmetic.js"
import { layout } from "./layout.js"
import { limitsOf } from "./state.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Grid, PanelName, Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} Intents
 * @property {(weight: Pair) => void} chooseWeight
 * @property {(place: Pair | null) => void} hover over a place
 * @property {(place: Pair | null) => void} pin a place
 */

/** Panels whose cells are weights, and those whose cells are places. @type {PanelName[]} */
const WEIGHTS = ["kernel", "gradient"]
/** @type {PanelName[]} */
const PLACES = ["output", "target", "arriving"]

const SMALLEST = 11 // font that can be read
const SHORT = 4 // letters of a short number: −.35
const LITTLE_ROOM = 38 // the side of a cell that has no room for five letters

export const STYLE = `
text { fill: currentColor; text-anchor: middle; font-variant-numeric: tabular-nums; }
.title { font-weight: 600; font-size: 13px; }
.sign { font-size: 17px; dominant-baseline: central; opacity: .75; }
.number { dominant-baseline: central; pointer-events: none; }
.cell { stroke: #64748b; stroke-opacity: .45; stroke-width: 1; cursor: pointer; }
.marks { pointer-events: none; }
.panel { outline: none; }
.focus { fill: none; stroke: none; }
.panel:focus-visible .focus { stroke: currentColor; stroke-width: 2; }
@media (forced-colors: active) {
  svg { forced-color-adjust: none; color: CanvasText; }
  .cell { stroke: CanvasText; }
  .mark { stroke: Highlight; }
}
`

export class Picture {
  /**
   * @param {HTMLElement} holder
   * @param {Intents} intents
   */
  constructor(holder, intents) {
    this.holder = holder
    this.intents = intents
  }

  /**
   * Draw the picture anew, for the room that there is.
   * @param {Scene} scene
   * @param {State} state
   * @param {number} width
   * @param {boolean} isRevealed whether the hidden kernel is shown
   */
  draw(scene, state, width, isRevealed) {
    this.width = width
    const old = this.svg
    const inFocus = focused(old)?.getAttribute("data-panel")
    const grids = this.grids(state)
    const sizes = /** @type {Record<PanelName, Pair>} */ (
      Object.fromEntries(Object.entries(grids).map(([name, { size }]) => [name, size]))
    )
    this.layout = layout(sizes, width)
    const { height } = this.layout
    const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" })
    picture.setAttribute("aria-label", scene.words.alt)
    svg("style", {}, picture, STYLE)
    for (const { text, x, y } of this.layout.signs) svg("text", { class: "sign", x, y }, picture, text)
    const limits = limitsOf(state.task)
    this.groups = /** @type {Record<PanelName, SVGGElement>} */ ({})
    for (const [name, grid] of /** @type {[PanelName, Grid][]} */ (Object.entries(grids))) {
      const below = name === "kernel" && isRevealed ? state.task.hidden : null
      this.groups[name] = this.drawPanel(picture, scene, limits, name, grid, below)
    }
    this.marks = svg("g", { class: "marks" }, picture)
    picture.onpointerover = (event) => event.pointerType === "touch" || this.intents.hover(placeOf(event))
    picture.onpointerleave = () => this.intents.hover(null)
    picture.onclick = (event) => this.click(event)
    picture.onkeydown = (event) => this.key(event, state)
    this.svg = picture
    if (old) old.replaceWith(picture)
    else this.holder.append(picture)
    if (inFocus) this.groups[/** @type {PanelName} */ (inFocus)]?.focus({ preventScroll: true })
  }

  /**
   * @param {State} state
   * @returns {Record<PanelName, Grid>}
   */
  grids({ task, kernel, output, arriving, gradients }) {
    const gradient = { size: kernel.size, values: gradients }
    return { input: task.input, kernel, output, target: task.target, arriving, gradient }
  }

  /**
   * @param {SVGElement} picture
   * @param {Scene} scene
   * @param {Record<PanelName, number>} limits the ends of the colour scales
   * @param {PanelName} name
   * @param {Grid} grid
   * @param {number[] | null} below other numbers, below those of the grid
   */
  drawPanel(picture, scene, limits, name, grid, below) {
    const panel = this.panel(name)
    const { x, y, cell, width, height, title } = panel
    const isCovered = scene.covered && (name === "arriving" || name === "gradient")
    const isControl = !scene.covered && (name === "kernel" || name === "arriving")
    const group = svg("g", { class: "panel", "data-panel": name }, picture)
    if (isControl) {
      group.setAttribute("tabindex", "0")
      group.setAttribute("role", "group")
    }
    svg("text", { class: "title", x: x + width / 2, y: title }, group, scene.words[name])
    svg("rect", { class: "focus", x: x - 3, y: y - 3, width: width + 6, height: height + 6, rx: 4 }, group)
    const texts = grid.values.map((value) => (isCovered ? "?" : tidy(value, cell)))
    const limit = limits[name]
    const isChanging = name === "output" || name === "arriving" // from step to step, so that room is needed for any number
    const hasRoom = !isChanging || lettersIn(cell, SMALLEST) >= SHORT
    const font =
      hasRoom && fontSize(texts, cell, { least: SMALLEST, most: below && cell < LITTLE_ROOM ? SMALLEST : 15 })
    each(grid.size, ([i, j]) => {
      const value = at(grid, [i, j])
      const color =
        name === "input"
          ? mix(scene.scales.amounts, clamp(value / limit, 0, 1))
          : signed(scene.scales.signed, isCovered ? 0 : value, limit)
      const box = { x: x + j * cell, y: y + i * cell, width: cell, height: cell, fill: css(color) }
      svg("rect", { class: "cell", ...box, "data-name": name, "data-i": i, "data-j": j }, group)
      if (!font) return
      const look = { class: "number", style: `fill:${ink(color)}`, x: x + (j + 0.5) * cell, "font-size": font }
      const middle = y + (i + 0.5) * cell
      const letters = lettersIn(cell, font)
      const n = i * grid.size[1] + j
      svg("text", { ...look, y: below ? middle - cell / 4 : middle }, group, shortened(texts[n], letters))
      if (below)
        svg(
          "text",
          { ...look, "font-size": SMALLEST, y: middle + cell / 4 },
          group,
          `(${shortened(tidy(below[n], cell), lettersIn(cell, SMALLEST) - 2)})`,
        )
    })
    return group
  }

  /** @param {PanelName} name */
  panel(name) {
    return /** @type {Layout} */ (this.layout).panels[name]
  }

  /**
   * Mark the chosen weight with all cells that it meets, and the place with what its term is made of.
   * @param {Scene} scene
   * @param {State} state
   * @param {Pair | null} place
   */
  mark({ mark, words, covered }, { weight, kernel, arriving }, place) {
    const { marks, groups } = this
    if (!marks || !groups) return
    marks.replaceChildren()
    const [a, b] = weight
    const frame = (
      /** @type {PanelName} */ name,
      /** @type {Pair} */ [i, j],
      /** @type {Pair} */ [high, wide],
      strong = true,
    ) => {
      const { x, y, cell } = this.panel(name)
      const box = { x: x + j * cell, y: y + i * cell, width: wide * cell, height: high * cell }
      const look = { fill: mark, "fill-opacity": strong ? 0 : 0.16, stroke: mark, "stroke-width": 3 }
      svg("rect", { class: "mark", ...look, ...box }, marks)
    }
    if (covered) return frame("kernel", weight, [1, 1])
    frame("input", weight, arriving.size, false)
    frame("arriving", [0, 0], arriving.size)
    for (const name of WEIGHTS) frame(name, weight, [1, 1])
    if (place) {
      frame("input", [place[0] + a, place[1] + b], [1, 1])
      for (const name of PLACES) frame(name, place, [1, 1])
    }
    const told = { row: a + 1, column: b + 1, value: fixed(at(kernel, weight), 3) }
    groups.kernel.setAttribute("aria-label", fill(words.alt_kernel, told))
    const [i, j] = place ?? [0, 0]
    const there = { row: i + 1, column: j + 1, value: fixed(at(arriving, [i, j]), 3) }
    groups.arriving.setAttribute("aria-label", fill(words.alt_arriving, there))
  }

  // ---- pointer and keys ----

  /** @param {MouseEvent} event */
  click(event) {
    const found = cellOf(event)
    if (!found) return
    if (WEIGHTS.includes(found.name)) {
      this.intents.chooseWeight(found.cell)
      this.groups?.kernel.focus({ preventScroll: true })
    } else this.intents.pin(placeOf(event))
  }

  /**
   * @param {KeyboardEvent} event
   * @param {State} state
   */
  key(event, { weight, kernel, arriving }) {
    const name = event.target instanceof Element ? event.target.getAttribute("data-panel") : null
    if (!name || isChord(event)) return
    if (event.key === "Escape") return this.intents.pin(null)
    if (name === "kernel") {
      const next = moved(event.key, weight, kernel.size)
      if (next) this.intents.chooseWeight(next)
      else return
    } else {
      const next = moved(event.key, this.place ?? [0, 0], arriving.size)
      if (next) this.intents.pin(next)
      else return
    }
    event.preventDefault()
  }

  /** @type {Pair | null} the place that is pinned: from there the arrow keys go on */
  place = null
}

/**
 * A number as it stands in a cell: 1, −0.35, and where there is little room −.35.
 * @param {number} value
 * @param {number} cell its side
 */
export function tidy(value, cell) {
  if (!Number.isFinite(value)) return "–"
  const text = Math.abs(value) < 1e5 ? String(Number(value.toFixed(2))) : value.toExponential(0)
  const short = cell < LITTLE_ROOM ? text.replace(/^(-?)0\./, "$1.") : text
  return minus(Number(text) === 0 ? "0" : short)
}

/**
 * The cell under the pointer.
 * @param {Event} event
 * @returns {{ name: PanelName, cell: Pair } | null}
 */
function cellOf({ target }) {
  if (!(target instanceof SVGElement) || target.dataset.i === undefined) return null
  const name = /** @type {PanelName} */ (target.dataset.name)
  return { name, cell: [Number(target.dataset.i), Number(target.dataset.j)] }
}

/**
 * The place under the pointer; null where there is none.
 * @param {Event} event
 */
function placeOf(event) {
  const found = cellOf(event)
  return found && PLACES.includes(found.name) ? found.cell : null
}
