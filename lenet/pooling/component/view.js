import { countsOf, ownKeys } from "../../common/components/address.js"
import { paintOf } from "../../common/components/color.js"
import { focused, followWidth, html, svg } from "../../common/components/dom.js"
import { isChord, moved } from "../../common/components/keys.js"
import { drawLegend } from "../../common/components/legend.js"
import { clamp } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { fontSize, lettersIn } from "../../grid/component/layout.js"
import { shortened } from "../../grid/component/short.js"
import { layout } from "./layout.js"
import { reach, reachWords } from "./scene.js"

/** @import { View } from "../../common/components/component.js" */
/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Scene } from "./scene.js" */

/** @typedef {{ level: number, cell: Pair }} Place */

const STYLE = `
text { fill: currentColor; text-anchor: middle; font-variant-numeric: tabular-nums; }
.title { font-weight: 600; font-size: 14px; }
.small { font-size: 12px; opacity: .8; }
.number { dominant-baseline: central; }
.cell { stroke: #64748b; stroke-opacity: .45; stroke-width: 1; cursor: pointer; }
.arrow { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 2; }
.through { pointer-events: none; }
.level { outline: none; }
.level .focus { fill: none; stroke: none; }
.level:focus-visible .focus { stroke: currentColor; stroke-width: 2; }
@media (forced-colors: active) {
  svg { forced-color-adjust: none; color: CanvasText; }
  .cell { stroke: CanvasText; }
  .sees { stroke: Highlight; }
}
`

/** @implements {View<Scene>} */
export class LevelsView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.scene = scene
    this.holder = html("div", { class: "holder" }, root)
    this.sentence = html("div", { class: "sentence", "aria-live": "polite" }, root)
    this.hint = html("div", { class: "hint" }, root)
    this.held = middleOfLast(scene) // the cell that shows while the pointer is elsewhere
    /** @type {Place | null} */
    this.hovered = null
    /** @type {{ group: SVGGElement, marks: SVGGElement }[]} */
    this.levels = []
    this.unfollow = followWidth(
      this.holder,
      () => this.layout?.width,
      () => this.draw(),
    )
    this.disown = ownKeys({ keys: ["~level"], query: () => this.query, show: (query) => this.follow(query) })
  }

  close() {
    this.disown()
    this.unfollow()
  }

  get width() {
    return this.holder.clientWidth
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.held = middleOfLast(scene)
    this.hovered = null
    this.hint.textContent = matchMedia("(hover: hover)").matches ? scene.words.hint : scene.words.hint_touch
    this.draw()
  }

  /** Draw the picture anew, for the room that there is. */
  draw() {
    if (!this.width) return
    const { levels, words } = this.scene
    const at = layout(
      levels.map(({ size }) => size),
      this.width,
    )
    this.layout = at
    const old = this.svg
    const inFocus = focused(old)?.getAttribute("data-level")
    const size = { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` }
    this.svg = svg("svg", { ...size, role: "group", "aria-label": words.alt })
    svg("style", {}, this.svg, STYLE)
    const picture = this.svg
    this.levels = levels.map((_, n) => this.drawLevel(picture, at, n))
    const { scale, legend } = this.scene
    drawLegend(this.svg, { middle: at.width / 2, y: at.legendY, width: at.width }, scale, legend)
    for (const [[x, y], [toX, toY]] of at.arrows) {
      const turn = (Math.atan2(toY - y, toX - x) * 180) / Math.PI
      const d = `M0 0H${Math.hypot(toX - x, toY - y)}m-7 -6l7 6l-7 6`
      svg("path", { class: "arrow", d, transform: `translate(${x} ${y}) rotate(${turn})` }, picture)
    }
    picture.onpointerover = (event) => event.pointerType === "touch" || this.hover(place(event))
    picture.onpointerleave = () => this.hover(null)
    picture.onclick = (event) => this.hold(place(event))
    picture.onkeydown = (event) => this.key(event)
    if (old) old.replaceWith(picture)
    else this.holder.append(picture)
    if (inFocus) this.levels[Number(inFocus)]?.group.focus({ preventScroll: true })
    this.show()
  }

  /**
   * @param {SVGElement} picture
   * @param {Layout} layout
   * @param {number} n
   */
  drawLevel(picture, { cell, levels, smallest }, n) {
    const level = this.scene.levels[n]
    const [high, wide] = level.size
    const { x, y, middle, top } = levels[n]
    const label = level.title + this.scene.words.comma + level.note
    const attributes = { class: "level", tabindex: 0, role: "group", "data-level": n, "aria-label": label }
    const group = svg("g", attributes, picture)
    svg("text", { class: "title", x: middle, y: top + 14 }, group, level.title)
    svg("text", { class: "small", x: middle, y: top + 32 }, group, level.note)
    const frame = { x: x - 4, y: y - 4, width: wide * cell + 8, height: high * cell + 8, rx: 6 }
    svg("rect", { class: "focus", ...frame }, group)
    const font = fontSize(level.texts, cell, { least: smallest, most: 15 })
    level.shades.forEach((shade, index) => {
      const [i, j] = [Math.floor(index / wide), index % wide]
      const paint = paintOf(this.scene.scale, shade)
      const box = { x: x + j * cell, y: y + i * cell, width: cell, height: cell, fill: paint.fill }
      const data = { "data-level": n, "data-i": i, "data-j": j }
      svg("rect", { class: "cell", ...box, "pointer-events": "all", ...data }, group)
      if (!font) return
      const at = { x: x + (j + 0.5) * cell, y: y + (i + 0.5) * cell }
      const look = { class: "number through", "font-size": font, style: `fill:${paint.ink}` }
      svg("text", { ...look, ...at }, group, shortened(level.texts[index], lettersIn(cell, font)))
    })
    return { group, marks: svg("g", { class: "through" }, group) }
  }

  /** Mark the chosen cell and what it sees, on its level and on all before. */
  show() {
    const { layout } = this
    if (!layout) return
    const { level, cell } = this.hovered ?? this.held
    for (const { marks } of this.levels) marks.replaceChildren()
    const { color, levels, words } = this.scene
    const side = layout.cell
    reach(levels[level], cell).forEach(({ rows: [top, bottom], columns: [left, right] }, n) => {
      if (top === bottom || left === right) return
      const { x, y } = layout.levels[n]
      const size = { width: (right - left) * side, height: (bottom - top) * side }
      const look = { fill: color, "fill-opacity": n === level ? 0 : 0.18, stroke: color }
      const line = clamp(side / 10, 1.8, 4)
      const box = { x: x + left * side, y: y + top * side, ...size }
      svg("rect", { class: "sees", ...look, "stroke-width": line, ...box }, this.levels[n].marks)
    })
    this.sentence.textContent = fill(words.sees, reachWords(levels[level], cell))
  }

  // ---- another browser ----

  get query() {
    const { level, cell } = this.hovered ?? this.held
    return new URLSearchParams({ "~level": [level, ...cell].join(",") })
  }

  /** @param {URLSearchParams} query what another browser shows */
  follow(query) {
    const [level, row, column] = countsOf(query.get("~level"))
    const [high, wide] = this.scene.levels[level]?.size ?? [0, 0]
    /** @type {Pair} */
    const cell = [row, column]
    this.held = row < high && column < wide ? { level, cell } : middleOfLast(this.scene)
    this.hovered = null
    this.show()
  }

  // ---- pointer and keys ----

  /** @param {Place | null} place */
  hover(place) {
    this.hovered = place
    this.show()
  }

  /** @param {Place | null} place */
  hold(place) {
    if (!place) return
    this.held = place
    this.levels[place.level].group.focus({ preventScroll: true })
    this.show()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const inFocus = event.target instanceof Element ? event.target.getAttribute("data-level") : null
    if (inFocus === null || isChord(event)) return
    const level = Number(inFocus)
    const from = this.held.level === level ? this.held.cell : /** @type {Pair} */ ([0, 0])
    const cell = moved(event.key, from, this.scene.levels[level].size)
    if (!cell) return
    this.held = { level, cell }
    this.hovered = null
    this.show()
    event.preventDefault()
  }
}

/**
 * @param {Scene} scene
 * @returns {Place}
 */
function middleOfLast({ levels }) {
  const [high, wide] = levels[levels.length - 1].size
  return { level: levels.length - 1, cell: [high >> 1, wide >> 1] }
}

/**
 * The cell under the pointer.
 * @param {Event} event
 * @returns {Place | null}
 */
function place({ target }) {
  if (!(target instanceof SVGElement) || target.dataset.i === undefined) return null
  return { level: Number(target.dataset.level), cell: [Number(target.dataset.i), Number(target.dataset.j)] }
}
