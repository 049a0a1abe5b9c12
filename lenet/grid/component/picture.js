/** The picture: input → this window → output. Made anew for each layout; only marks change while the window moves. */

import { svg, textWidth } from "../../common/components/dom.js"
import { drawLegend } from "../../common/components/legend.js"
import { clamp } from "../../common/components/math.js"
import { LABEL } from "./arrangement.js"
import { PADDING } from "./scene.js"
import { Zone } from "./zone.js"

/** @import { Layer } from "./layer.js" */
/** @import { Layout } from "./layout.js" */
/** @import { ZoneName } from "./scene.js" */
/** @import { Place } from "./windows.js" */

const RULER = "13px sans-serif" // no narrower than what is drawn

// Inside the SVG, so that a saved picture carries it. Colours that mean something come with the data.
const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; dominant-baseline: central; }
.title { font-weight: 600; font-size: 14px; text-anchor: middle; }
.small { font-size: 12px; opacity: .75; }
.centre { text-anchor: middle; }
.cell { stroke: #64748b; stroke-opacity: .45; stroke-width: 1; }
.beyond { fill: none; stroke: currentColor; stroke-opacity: .35; stroke-dasharray: 3 3; }
.muted { opacity: .65; }
.unseen { opacity: .25; }
.arrow { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 2; }
.result { font-weight: 700; }
.winner { font-weight: 700; text-decoration: underline; }
.wrong { fill: none; stroke-width: 2; stroke-dasharray: 5 3; }
.window, .casing { fill: none; }
.selected { fill: none; stroke: #111827; stroke-width: 2; stroke-dasharray: 5 4; }
.selected.ground { stroke: #ffffff; stroke-width: 3.5; stroke-dasharray: none; }
.through { pointer-events: none; }
.zone { outline: none; }
.zone .focus { fill: none; stroke: none; }
.zone:focus-visible .focus { stroke: currentColor; stroke-width: 2; }
.out .cell, .in .cell, .kernel .cell { cursor: pointer; }
@media (forced-colors: active) {
  svg { forced-color-adjust: none; color: CanvasText; }
  .window { stroke: Highlight; }
  .casing, .selected.ground { stroke: Canvas; }
  .selected { stroke: CanvasText; }
  .cell { stroke: CanvasText; }
}
`

let pictures = 0

export class Picture {
  /**
   * @param {Layer} layer
   * @param {Layout} layout
   */
  constructor(layer, layout) {
    this.layer = layer
    this.windows = layer.windows
    this.layout = layout
    const { scene } = this.windows
    const { width, height } = layout
    const size = { width, height, viewBox: `0 0 ${width} ${height}` }
    this.svg = svg("svg", { ...size, role: "group", "aria-label": scene.words.alt })
    svg("style", {}, this.svg, STYLE)
    this.hatching = this.drawHatching()
    const { words } = scene
    this.zones = {
      in: this.zone("in", words.input, words.alt_input),
      kernel: layer.kernel && this.zone("kernel", layer.kernel.title, layer.kernel.label),
      out: this.zone("out", words.output, words.alt_output),
    }
    for (const [from, to] of layout.arrows) {
      const [[x, y], end] = scene.back ? [to, from] : [from, to]
      const length = Math.hypot(end[0] - x, end[1] - y)
      const turn = (Math.atan2(end[1] - y, end[0] - x) * 180) / Math.PI
      const place = `translate(${x} ${y}) rotate(${turn})`
      svg("path", { class: "arrow", d: `M0 0H${length}m-7 -6l7 6l-7 6`, transform: place }, this.svg)
    }
    this.panel = svg("g", { class: "panel through" }, this.svg)
    this.drawLegend()
  }

  /**
   * @param {ZoneName} name
   * @param {string} title
   * @param {string} label
   */
  zone(name, title, label) {
    return new Zone(this.svg, name, this.layer, this.layout, { title, label, hatching: this.hatching })
  }

  /** The pattern of padding; returns the fill that uses it. */
  drawHatching() {
    const { padding } = this.windows.scene.colors
    const id = `hatching-${++pictures}`
    const size = { width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }
    const pattern = svg("pattern", { id, ...size }, svg("defs", {}, this.svg))
    svg("rect", { width: 6, height: 6, fill: padding, "fill-opacity": 0.18 }, pattern)
    svg("rect", { width: 2, height: 6, fill: padding, "fill-opacity": 0.55 }, pattern)
    return `url(#${id})`
  }

  /** What the cells around the input are, and what the colours mean. */
  drawLegend() {
    const { words, scale, legend } = this.windows.scene
    const { zones, legendY, colors, width } = this.layout
    if (legend) drawLegend(this.svg, { ...colors, width }, scale, legend)
    this.windows.around.forEach((kind, n) => {
      const told = kind === PADDING ? words.padding : words.beyond
      const half = textWidth(told, RULER) / 2
      const x = clamp(zones.in.x + zones.in.width / 2, half, Math.max(half, width - half)) // within the picture
      svg("text", { class: "small centre", x, y: legendY + 15 + n * LABEL }, this.svg, told)
    })
  }

  // ---- what changes while the window moves ----

  clearMarks() {
    for (const zone of Object.values(this.zones)) zone?.clear()
  }

  /**
   * The window of an output cell in each channel, and the cell that it takes.
   * @param {number} step
   */
  markWindow(step) {
    const { windows, zones } = this
    const [rows, columns] = windows.window(step)
    for (const channel of windows.seen) {
      if (isWhole(rows) && isWhole(columns)) {
        zones.in.mark(channel, rows[0], columns[0], { high: rows.length, wide: columns.length })
      } else {
        for (const row of rows) for (const column of columns) zones.in.mark(channel, row, column) // dilated
      }
      const taken = this.layer.ringed(channel, step)
      if (taken) zones.in.ring(channel, ...taken)
    }
    for (const channel of windows.channelsOf("out")) zones.out.mark(channel, ...windows.cell("out", step))
  }

  /**
   * An input cell in each channel, and the output cells whose windows contain it.
   * @param {number} index
   */
  markContaining(index) {
    const { windows, zones } = this
    for (const channel of windows.seen) zones.in.mark(channel, ...windows.cell("in", index))
    for (const step of this.layer.containing?.(index) ?? windows.containing(index)) {
      for (const channel of windows.channelsOf("out")) zones.out.mark(channel, ...windows.cell("out", step))
    }
  }

  /**
   * A weight of the kernel, and the cell of a window that it is multiplied by.
   * @param {Place} weight
   * @param {number} step
   */
  markWeight({ channel, index }, step) {
    const [row, column] = this.windows.cell("kernel", index)
    const [rows, columns] = this.windows.window(step)
    this.zones.kernel?.mark(channel, row, column)
    if (!this.layer.isWhole) this.zones.in.ring(this.windows.seen[channel], rows[row], columns[column])
  }
}

/**
 * Whether rows (or columns) lie side by side.
 * @param {number[]} cells
 */
const isWhole = (cells) => cells[cells.length - 1] - cells[0] === cells.length - 1
