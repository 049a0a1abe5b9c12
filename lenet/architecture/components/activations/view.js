/** The view: the number that is chosen (the state), the parts that draw it, and what pointer and keys do to it. */

import { countsOf, ownKeys } from "../../../common/components/address.js"
import { followWidth, html, setAttributes, svg } from "../../../common/components/dom.js"
import { ARROWS } from "../../../common/components/keys.js"
import { hit, layout } from "./layout.js"
import { Overlay } from "./overlay.js"
import { neighbour, Stage } from "./stage.js"
import { drawStrip } from "./strips.js"

/** @import { View } from "../../../common/components/component.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Cell, Scene } from "./scene.js" */
/** @import { DrawnStrip } from "./strips.js" */

const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; font-size: 11px; }
.end { text-anchor: end; }
.quiet { opacity: .7; }
.strong { font-weight: 600; }
.big { font-size: 13px; }
.line { font-size: 12.5px; }
.middle { text-anchor: middle; dominant-baseline: central; }
image { image-rendering: pixelated; }
.layer { outline: none; }
.layer .focus { fill: none; stroke: none; }
.layer:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .6; }
.mark { fill: none; stroke-width: 2; pointer-events: none; }
.sees { fill: none; stroke-width: 2; stroke-dasharray: 3 2; pointer-events: none; }
.lens { cursor: crosshair; }
.grid { stroke: #64748b; stroke-opacity: .4; stroke-width: .5; }
`

const FINGER = 10 // CSS pixels: how far beside a strip a finger may come down

/** @param {PointerEvent} event */
const isFinger = (event) => event.pointerType === "touch"

/** @implements {View<Scene>} */
export class ActivationsView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.root = root
    this.scene = scene
    this.stages = stages(scene)

    // The state.
    /** @type {Cell | null} */
    this.chosen = null
    this.isHeld = false // the chosen cell stays when the pointer leaves it
    /** @type {{ chosen: Cell | null, isHeld: boolean } | null} the state before a finger came down */
    this.before = null

    this.svg = svg("svg", { role: "group", width: "100%" }, root)
    this.sum = html("div", { class: "sum", "aria-hidden": "true" }, root)
    this.live = html("div", { class: "live", "aria-live": "polite" }, root)
    /** @type {DrawnStrip[]} */
    this.strips = []
    this.svg.addEventListener("pointerdown", () => {
      this.before = { chosen: this.chosen, isHeld: this.isHeld }
    })
    this.svg.addEventListener("pointercancel", () => this.takeBack())
    this.svg.addEventListener("pointermove", (event) => this.point(event))
    this.svg.addEventListener("pointerleave", () => this.isHeld || this.choose(null))
    this.svg.addEventListener("pointerup", (event) => this.press(event)) // unlike a click, it knows fractions of a pixel
    this.svg.addEventListener("keydown", (event) => this.key(event))
    this.svg.addEventListener("focusin", (event) => this.focus(event))
    this.unfollow = followWidth(
      root,
      () => this.layout?.width,
      () => this.draw(),
    )
    this.disown = ownKeys({ keys: ["~number"], query: () => this.query, show: (query) => this.follow(query) })
  }

  close() {
    this.disown()
    this.unfollow()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.stages = stages(scene)
    if (this.chosen && !this.exists(this.chosen)) {
      this.chosen = null
      this.isHeld = false
    }
    this.svg.setAttribute("aria-label", scene.words.title)
    this.draw()
  }

  /**
   * Whether there is such a number in the network that is shown now.
   * @param {Cell} cell
   */
  exists({ stage, channel, row, column }) {
    const { channels, height, width } = this.stages[stage] ?? { channels: 0, height: 0, width: 0 }
    return channel < channels && row < height && column < width
  }

  // ---- another browser ----

  get query() {
    const { chosen } = this
    if (!chosen) return new URLSearchParams()
    return new URLSearchParams({ "~number": `${chosen.stage},${chosen.channel},${chosen.row},${chosen.column}` })
  }

  /** @param {URLSearchParams} query what another browser shows */
  follow(query) {
    const [stage, channel, row, column] = countsOf(query.get("~number"))
    const cell = { stage, channel, row, column }
    this.isHeld = this.stages[stage] !== undefined && this.exists(cell)
    if (this.isHeld || !this.layout?.isNarrow) this.choose(this.isHeld ? cell : null)
  }

  // ---- drawing ----

  /** Draw all anew, for the room that there is. */
  draw() {
    const at = layout(this.stages, { width: this.root.clientWidth, height: window.innerHeight })
    this.layout = at
    this.svg.replaceChildren(svg("style", {}, null, STYLE))
    this.strips = this.stages.map((stage, n) => drawStrip(this.svg, stage, at.strips[n], at.isNarrow))
    setAttributes(this.svg, { viewBox: `0 0 ${at.width} ${at.height}`, height: at.height })
    this.overlay = new Overlay(this.svg, this.scene, this.stages, at, this.strips)
    if (at.isNarrow && !this.chosen) this.begin()
    this.choose(this.chosen)
  }

  /** In a narrow drawing there is room for the arithmetic of a number from the beginning. */
  begin() {
    const [, first] = this.stages
    if (!first) return
    this.chosen = { stage: 1, channel: 0, row: first.height >> 1, column: first.isMap ? first.width >> 1 : 0 }
    this.isHeld = true
  }

  /** @param {Cell | null} cell */
  choose(cell) {
    this.chosen = cell
    const words = this.overlay?.show(cell) ?? ""
    this.live.textContent = words
    this.sum.textContent = this.layout?.isNarrow ? words : ""
  }

  // ---- pointer ----

  /** @param {PointerEvent} event */
  point(event) {
    if (isFinger(event)) {
      const near = this.enlarged(event) ?? this.under(event)
      if (near) this.choose(near)
      return
    }
    const cell = this.isHeld ? this.enlarged(event) : this.under(event)
    if (!this.isHeld || (cell && !this.isChosen(cell))) this.choose(cell)
  }

  /** @param {PointerEvent} event */
  press(event) {
    const near = this.enlarged(event)
    const cell = near ?? this.under(event)
    if (isFinger(event)) {
      this.isHeld ||= cell !== null
      if (cell) this.choose(cell)
      return
    }
    this.isHeld = near !== null || (cell !== null && !(this.isHeld && this.isChosen(cell)))
    this.choose(cell)
    if (near) this.strips[near.stage].group.focus({ preventScroll: true }) // the arrows go on from there
  }

  /** A finger went on to scroll the page: what it touched on its way is not chosen. */
  takeBack() {
    if (!this.before) return
    this.isHeld = this.before.isHeld
    this.choose(this.before.chosen)
    this.before = null
  }

  /** @param {Cell} cell */
  isChosen({ stage, channel, row, column }) {
    const { chosen } = this
    const isMap = chosen?.stage === stage && chosen.channel === channel
    return isMap && chosen.row === row && chosen.column === column
  }

  /**
   * Where the pointer is in the drawing.
   * @param {PointerEvent} event
   * @param {Layout} layout
   * @returns {[x: number, y: number]}
   */
  place(event, { width }) {
    const box = this.svg.getBoundingClientRect()
    const scale = width / box.width
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]
  }

  /**
   * The cell under the pointer in a strip, or null.
   * @param {PointerEvent} event
   * @returns {Cell | null}
   */
  under(event) {
    if (!this.layout) return null
    const point = this.place(event, this.layout)
    for (const reach of isFinger(event) ? [0, FINGER] : [0]) {
      for (const [n, strip] of this.layout.strips.entries()) {
        const cell = hit(this.stages[n], strip, point, reach)
        if (cell) return { stage: n, ...cell }
      }
    }
    return null
  }

  /**
   * The cell under the pointer in the enlarged map, or null.
   * @param {PointerEvent} event
   * @returns {Cell | null}
   */
  enlarged(event) {
    const lens = this.overlay?.lens
    if (!this.chosen || !this.layout || !lens) return null
    const [px, py] = this.place(event, this.layout)
    const [row, column] = [Math.floor((py - lens.y) / lens.cell), Math.floor((px - lens.x) / lens.cell)]
    if (row < 0 || column < 0 || row >= lens.rows || column >= lens.columns) return null
    const { stage, channel } = this.chosen
    if (this.stages[stage].isMap) return { stage, channel, row, column }
    const n = row * lens.columns + column
    return n < this.stages[stage].width ? { stage, channel: 0, row: 0, column: n } : null
  }

  // ---- keys ----

  /** @param {FocusEvent} event */
  focus(event) {
    const n = this.strips.findIndex(({ group }) => group === event.target)
    if (n < 0 || !this.strips[n].group.matches(":focus-visible")) return
    this.isHeld = true
    if (this.chosen?.stage === n) return
    const { height, width, isMap } = this.stages[n]
    this.choose({ stage: n, channel: 0, row: height >> 1, column: isMap ? width >> 1 : 0 })
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape") {
      this.isHeld = false
      this.choose(null)
      return
    }
    const move = ARROWS[event.key]
    if (!move || !this.chosen) return
    event.preventDefault()
    this.choose(neighbour(this.stages[this.chosen.stage], this.chosen, move))
  }
}

/**
 * @param {Scene} scene
 * @returns {Stage[]}
 */
function stages({ layers }) {
  /** @type {Stage[]} */
  const stages = []
  for (const layer of layers) stages.push(new Stage(layer, stages[stages.length - 1] ?? null))
  return stages
}
