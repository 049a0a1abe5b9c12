/** “This window”: its numbers and their arithmetic, between the input and the output. */

import { paintOf } from "../../common/components/color.js"
import { svg, textWidth } from "../../common/components/dom.js"
import { fill } from "../../common/components/text.js"
import { LABEL, PANEL } from "./arrangement.js"
import { fontSize, lettersIn, SMALLEST_FONT } from "./layout.js"
import { BEYOND, INPUT, PADDING } from "./scene.js"
import { inCell } from "./short.js"
import { lines, plain, sentenceLines } from "./terms.js"
import { ring } from "./zone.js"

/** @import { Layer } from "./layer.js" */
/** @import { Box, Layout } from "./layout.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Term } from "./terms.js" */
/** @import { Place } from "./windows.js" */

const LINE = 21 // height of a line of arithmetic
const NOTE = 16 // height of a line below it
const NOTES = 3 // lines that are kept free for notes where not all are measured
const CHANNEL_GAP = 10 // between the arithmetic of two channels
const NOTE_SIZE = 12 / 15 // of the font that is measured
const MANY = 200 // of more steps only three are measured

/**
 * What the reader points at: an output cell, and of the input or the kernel a cell.
 * @typedef {{ step: number, pointed: number | null, weight: Place | null }} Pointed
 */

export class WindowPanel {
  /**
   * @param {Layer} layer
   * @param {string} font the font family
   */
  constructor(layer, font) {
    this.layer = layer
    this.windows = layer.windows
    this.font = font
  }

  /**
   * @param {string} text
   * @param {boolean} [isBold]
   */
  measure = (text, isBold = false) => textWidth(text, `${isBold ? 700 : 400} 15px ${this.font}`)

  /** @param {Term[]} terms */
  lines(terms) {
    return lines(terms, PANEL - 4, this.measure)
  }

  /**
   * @param {number} step
   * @param {number | null} pointed
   * @param {Place | null} [weight]
   */
  notes(step, pointed, weight = null) {
    const measure = (/** @type {string} */ text) => this.measure(text) * NOTE_SIZE
    return this.layer.notes(step, pointed, weight).flatMap((sentence) => sentenceLines(sentence, PANEL - 8, measure))
  }

  /** The height of arithmetic and notes at their longest, so that nothing jumps while the window moves. */
  get textHeight() {
    const { total } = this.windows
    const steps = total > MANY ? [0, total >> 1, total - 1] : [...Array(total).keys()]
    const all = this.layer.longest?.() ?? steps.map((step) => this.layer.sums(step))
    const heights = all.map((sums) => {
      const lines = sums.reduce((count, { terms }) => count + this.lines(terms).length, 0)
      return lines * LINE + sums.filter(({ label }) => label).length * (LABEL + CHANNEL_GAP)
    })
    const notes = Math.max(...steps.map((step) => this.notes(step, null).length), this.notes(0, 0).length)
    const kept = total > MANY ? Math.max(notes, NOTES) : notes
    return Math.max(...heights) + kept * NOTE
  }

  /**
   * Show the window of a step; of an input cell that is pointed at, what it belongs to, and of a weight, what it is
   * multiplied by. Returns it as a sentence.
   * @param {Picture} picture
   * @param {Pointed} shown
   */
  show(picture, { step, pointed, weight }) {
    const { words } = this.windows.scene
    const { panel, layout } = picture
    panel.replaceChildren()
    const middle = layout.panel.x + PANEL / 2
    const [row, column] = this.windows.cell("out", step)
    const name = this.layer.title?.(step) ?? fill(words.window, { row: row + 1, column: column + 1 })
    const title = svg("text", { class: "title", x: middle, y: layout.panel.title }, panel, name)
    const ofWeight = weight && this.layer.kernel?.weight(weight)
    if (ofWeight) title.textContent = ofWeight
    if (pointed !== null) title.textContent = this.pointedTitle(picture, pointed)
    const ofCell = pointed === null ? null : this.layer.cellSums(pointed)
    if (layout.panel.mini && (!ofCell || this.layer.isWhole)) this.drawGrid(picture, step)
    const sums = ofCell ?? this.layer.sums(step, weight)
    const isInPlace = ofCell && layout.panel.mini && !layout.zones.kernel // of the window's own numbers
    let y = isInPlace ? layout.panel.grid[1] : layout.panel.y
    sums.forEach(({ label, terms }, n) => {
      if (label) {
        svg("text", { class: "small centre", x: middle, y: y + 13 }, panel, label)
        y += LABEL
      }
      y = drawTerms(panel, this.lines(terms), middle, y)
      if (n < sums.length - 1) y += CHANNEL_GAP
    })
    for (const note of this.notes(step, pointed, weight)) {
      svg("text", { class: "small centre", x: middle, y: y + 12 }, panel, note)
      y += NOTE
    }
    if (pointed !== null && !ofCell) {
      for (const part of panel.children) {
        if (part instanceof SVGElement) part.style.opacity = part === title ? "1" : "0.3"
      }
    }
    const spoken = sums.map(({ terms }) => terms.map(plain).join(" "))
    return fill(words.told, { name: ofWeight || name, what: spoken.join(words.semicolon) })
  }

  /**
   * The windows that contain an input cell; its number, where that is not in the cell in full.
   * @param {Picture} picture
   * @param {number} index of the cell
   */
  pointedTitle(picture, index) {
    const { words, channels, input } = this.windows.scene
    const [row, column] = this.windows.cell("in", index)
    const place = fill(words.row_column, { row: row + 1, column: column + 1 })
    const [text] = channels === 1 ? input.texts.map((texts) => texts[index]) : [""]
    if (this.layer.send) return place
    if (inCell(text, picture.zones.in.letters) !== text) return fill(words.told, { name: place, what: text })
    return `${place} – ${fill(words.contained, { n: this.windows.containing(index).length })}`
  }

  /**
   * The window's own numbers and, where there is a kernel beside them, the sign of the multiplication.
   * @param {Picture} picture
   * @param {number} step
   */
  drawGrid({ panel, layout, hatching }, step) {
    const { windows, layer } = this
    const { scene } = windows
    const size = layout.panel.mini
    const [left, top] = layout.panel.grid
    if (layer.isWhole) return this.drawAll(panel, layout)
    const [rows, columns] = windows.window(step)
    const winner = layer.ringed(0, step)
    const contents = rows.map((row) => columns.map((column) => layer.content(step, row, column)))
    const texts = contents.flat().map(({ text }) => text)
    const font = fontSize(texts, size, { least: SMALLEST_FONT, most: 15 })
    /** @type {Box | null} */
    let ringed = null
    rows.forEach((row, a) => {
      columns.forEach((column, b) => {
        const kind = windows.kind(row, column)
        const { text, shade } = contents[a][b]
        const box = { x: left + b * size, y: top + a * size, width: size, height: size }
        const around = { fill: kind === PADDING ? hatching : "none", ink: "currentColor" }
        const scale = layer.scale ?? scene.input.scale ?? scene.scale
        const paint = kind === INPUT ? paintOf(scale, shade) : around
        svg("rect", { class: kind === BEYOND ? "beyond" : "cell", ...box, fill: paint.fill }, panel)
        if (font) {
          const place = { x: box.x + size / 2, y: box.y + size / 2 }
          const look = { class: kind === INPUT ? "middle" : "middle muted", "font-size": font }
          svg("text", { ...look, ...place, style: `fill:${paint.ink}` }, panel, inCell(text, lettersIn(size, font)))
        }
        if (winner && row === winner[0] && column === winner[1]) ringed = box
      })
    })
    const frame = { x: left, y: top, width: columns.length * size, height: rows.length * size }
    svg("rect", { ...frame, class: "window", stroke: scene.colors.window, "stroke-width": 3 }, panel)
    if (ringed) ring(panel, ringed)
    const { kernel } = layout.zones
    if (!kernel) return
    const times = { x: (left + frame.width + kernel.x) / 2, y: top + frame.height / 2 }
    svg("text", { class: "middle sign", ...times, "font-size": 18 }, panel, layer.sign ?? "×")
  }

  /**
   * In place of one window's numbers: the sum over all windows.
   * @param {SVGElement} panel
   * @param {Layout} layout
   */
  drawAll(panel, { panel: { grid, mini }, zones: { kernel } }) {
    if (!kernel) return
    const place = { x: grid[0] + (kernel.columns * mini) / 2, y: grid[1] + (kernel.rows * mini) / 2 }
    svg("text", { class: "middle muted", ...place, "font-size": 30 }, panel, "Σ →")
  }
}

/**
 * Returns where the lines end.
 * @param {SVGElement} parent
 * @param {Term[][]} lines
 * @param {number} middle
 * @param {number} y
 */
function drawTerms(parent, lines, middle, y) {
  for (const [n, line] of lines.entries()) {
    const text = svg("text", { class: "centre", x: middle, y: y + n * LINE + 16, "font-size": 15 }, parent)
    line.forEach((term, i) => {
      const lead = (i ? " " : "") + (term.before ?? "")
      if (lead) svg("tspan", {}, text, lead)
      svg("tspan", { class: term.class ?? "" }, text, term.text)
      if (term.after) svg("tspan", {}, text, term.after)
    })
  }
  return y + lines.length * LINE
}
