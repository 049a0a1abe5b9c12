/** A panel of grids in the picture: the input with its padding, the kernel, or the output. */

import { paintOf } from "../../common/components/color.js"
import { setAttributes, svg, textWidth } from "../../common/components/dom.js"
import { clamp } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { cellBox, fontSize, gridCorner, lettersIn, SMALLEST_FONT, zoneOf } from "./layout.js"
import { BEYOND, INPUT } from "./scene.js"
import { inCell } from "./short.js"

/** @import { Layer } from "./layer.js" */
/** @import { Box, Layout } from "./layout.js" */
/** @import { Cells, Kind, ZoneName } from "./scene.js" */

/**
 * A number of the grid, as it is drawn.
 * @typedef {object} Cell
 * @property {SVGRectElement} rect
 * @property {string} fill
 * @property {SVGElement[]} marks what is written in it
 * @property {SVGElement} [number] its number among them
 */

/** @typedef {{ zone: ZoneName, channel: number, index: number }} Target a cell under the pointer */

const TITLE_FONT = "600 14px 'Source Sans', sans-serif"
const SMALLEST_TRUTH = 9 // font of the right number below a wrong one
const READABLE_IN_IMAGE = 22 // of a picture numbers are shown in cells of this size

export class Zone {
  /**
   * @param {SVGElement} picture
   * @param {ZoneName} name
   * @param {Layer} layer
   * @param {Layout} layout
   * @param {{ title: string, label: string, hatching: string }} look its title, its name for those who listen, and the fill
   *   of padding
   */
  constructor(picture, name, layer, layout, { title, label, hatching }) {
    this.name = name
    this.layer = layer
    this.windows = layer.windows
    this.layout = layout
    this.hatching = hatching
    const zone = zoneOf(layout, name)
    const attributes = { class: `zone ${name}`, "data-zone": name, tabindex: 0, role: "group", "aria-label": label }
    this.group = svg("g", attributes, picture)
    const half = textWidth(title, TITLE_FONT) / 2 + 4
    const middle = clamp(zone.x + zone.width / 2, half, Math.max(half, layout.width - half))
    svg("text", { class: "title", x: middle, y: zone.title }, this.group, title)
    const frame = { x: zone.x - 4, y: zone.y - 4, width: zone.width + 8, height: zone.height + 8, rx: 6 }
    svg("rect", { class: "focus", ...frame }, this.group)
    this.layers = {
      cells: svg("g", {}, this.group),
      marks: svg("g", { class: "through" }, this.group),
      texts: svg("g", { class: "through" }, this.group),
      rings: svg("g", { class: "through" }, this.group),
    }
    /** @type {Cell[][]} by channel and index */
    this.cells = []
    this.letters = 0 // that fit into a cell
    this.draw()
  }

  get numbers() {
    return this.windows.cells(this.name)
  }

  draw() {
    const { scene } = this.windows
    const zone = zoneOf(this.layout, this.name)
    const { cell, label } = zone
    const padding = this.name === "in" && this.windows.around.length > 0 ? [scene.padding_text] : []
    const sizes = { least: SMALLEST_FONT, most: 17 }
    const isBlank = scene.image && cell < READABLE_IN_IMAGE
    const size = isBlank ? 0 : fontSize([...this.numbers.texts.flat(), ...padding], cell, sizes)
    this.letters = size ? lettersIn(cell, size) : 0
    if (this.name === "out" && scene.covered && !size) this.drawCover()
    for (const channel of this.windows.channelsOf(this.name)) {
      this.cells.push([])
      if (label) {
        const { x, y } = gridCorner(this.layout, this.name, channel)
        const place = { x: x + (zone.columns * cell) / 2, y: y - 5 }
        svg("text", { class: "small centre", ...place }, this.group, this.windows.channelName(this.name, channel))
      }
      for (let row = 0; row < zone.rows; row++)
        for (let column = 0; column < zone.columns; column++)
          this.drawCell(channel, row + zone.first[0], column + zone.first[1], size)
    }
  }

  /** One large question mark, where there is no room for one in each cell. */
  drawCover() {
    const { x, y, width, height } = zoneOf(this.layout, this.name)
    const middle = { x: x + width / 2, y: y + height / 2 }
    svg("text", { class: "middle", ...middle, "font-size": Math.min(width, height) / 3 }, this.layers.texts, "?")
  }

  /**
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   * @param {number} size of the font; 0: no numbers
   */
  drawCell(channel, row, column, size) {
    const { scene } = this.windows
    /** @type {Kind} */
    const kind = this.name === "in" ? this.windows.kind(row, column) : INPUT
    const box = cellBox(this.layout, this.name, channel, row, column)
    const unseen = this.windows.isSeen(this.name, channel) ? "" : " unseen"
    const rect = svg("rect", { class: (kind === BEYOND ? "beyond" : "cell") + unseen, ...box }, this.layers.cells)
    if (kind === INPUT) return this.drawNumber(rect, box, channel, this.windows.index(this.name, [row, column]), size)
    if (kind === BEYOND) return
    rect.setAttribute("fill", this.hatching)
    if (!size || !scene.padding_counts) return
    this.write(this.layer.paddingText(channel, row, column), box, size, "currentColor", `middle muted${unseen}`)
  }

  /**
   * @param {SVGRectElement} rect
   * @param {Box} box
   * @param {number} channel
   * @param {number} index
   * @param {number} size
   */
  drawNumber(rect, box, channel, index, size) {
    const { texts, shades, scale = this.windows.scene.scale } = this.numbers
    const paint = paintOf(scale, shades[channel][index])
    setAttributes(rect, { fill: paint.fill, "data-zone": this.name, "data-c": channel, "data-i": index })
    /** @type {Cell} */
    const cell = { rect, fill: paint.fill, marks: [] }
    this.cells[channel][index] = cell
    const truth = this.name === "out" ? this.layer.truth(channel, index) : null
    if (truth !== null) cell.marks.push(this.drawWrong(box, truth, paint.ink, size))
    const look = this.windows.isSeen(this.name, channel) ? "middle" : "middle unseen"
    if (!size) return
    cell.number = this.write(texts[channel][index], box, size, paint.ink, look)
    cell.marks.push(cell.number)
  }

  /**
   * A dashed frame around a number that padding with 0 makes wrong; under it the right one, where there is room.
   * @param {Box} box
   * @param {string} truth
   * @param {string} ink
   * @param {number} size
   */
  drawWrong(box, truth, ink, size) {
    const { colors, words } = this.windows.scene
    const group = svg("g", {}, this.layers.texts)
    const inside = { x: box.x + 5, y: box.y + 5, width: box.width - 10, height: box.height - 10 }
    svg("rect", { class: "wrong", stroke: colors.wrong, ...inside }, group)
    const text = fill(words.not_value, { value: truth })
    const small = Math.min(11, size * 0.72)
    if (small >= SMALLEST_TRUTH && text.length * small * 0.6 < box.width - 12) {
      const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 + size * 0.95 }
      svg("text", { class: "middle", ...place, "font-size": small, style: `fill:${ink}` }, group, text)
    }
    return group
  }

  /**
   * Write a number into its cell, shortened where it is too long.
   * @param {string} text
   * @param {Box} box
   * @param {number} size
   * @param {string} ink
   * @param {string} className
   */
  write(text, box, size, ink, className) {
    const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const look = { class: className, "font-size": size, style: `fill:${ink}` }
    return svg("text", { ...look, ...place }, this.layers.texts, inCell(text, this.letters))
  }

  // ---- what changes while the window moves ----

  /**
   * Show other numbers in the cells.
   * @param {Cells} numbers
   */
  renew({ texts, shades }) {
    const { scale = this.windows.scene.scale } = this.numbers
    this.cells.forEach((cells, channel) => {
      cells.forEach((cell, index) => {
        const { fill, ink } = paintOf(scale, shades[channel][index])
        if (cell.fill !== fill) setAttributes(cell.rect, { fill })
        cell.fill = fill
        if (!cell.number) return
        const text = inCell(texts[channel][index], this.letters)
        if (cell.number.textContent !== text) cell.number.textContent = text
        if (cell.number.style.fill !== ink) cell.number.style.fill = ink
      })
    })
  }

  clear() {
    this.layers.marks.replaceChildren()
    this.layers.rings.replaceChildren()
  }

  /**
   * Leave the cells after a step blank.
   * @param {number} step
   */
  blankAfter(step) {
    for (const channel of this.cells)
      channel.forEach(({ rect, fill: color, marks }, index) => {
        const isBlank = index > step
        setAttributes(rect, { fill: isBlank ? "none" : color, "pointer-events": "all" })
        for (const mark of marks) mark.style.visibility = isBlank ? "hidden" : ""
      })
  }

  /**
   * The frame around `high` × `wide` cells, thin where cells are small.
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   * @param {{ high?: number, wide?: number, isSelection?: boolean }} [options]
   */
  mark(channel, row, column, { high = 1, wide = 1, isSelection = false } = {}) {
    const { layout, layers } = this
    const { x, y, width, height } = cellBox(layout, this.name, channel, row, column)
    const line = clamp(zoneOf(layout, this.name).cell / 12, 1.6, 4.5)
    const inside = { x: x + line / 2, y: y + line / 2, width: width * wide - line, height: height * high - line }
    if (isSelection) {
      svg("rect", { ...inside, class: "selected ground" }, layers.rings)
      svg("rect", { ...inside, class: "selected" }, layers.rings)
      return
    }
    const amber = { stroke: this.windows.scene.colors.window, "stroke-width": line }
    svg("rect", { ...inside, class: "casing", "stroke-width": line + 2 }, layers.marks)
    svg("rect", { ...inside, class: "window", ...amber }, layers.marks)
  }

  /**
   * The ring around the cell that wins a window.
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   */
  ring(channel, row, column) {
    ring(this.layers.rings, cellBox(this.layout, this.name, channel, row, column))
  }
}

/**
 * @param {SVGElement} parent
 * @param {Box} box
 */
export function ring(parent, { x, y, width, height }) {
  const r = Math.max(2.5, Math.min(width, height) * 0.42)
  const shape = { cx: x + width / 2, cy: y + height / 2, r, fill: "none" }
  const line = clamp(width / 14, 1, 2.5)
  svg("circle", { ...shape, stroke: "#ffffff", "stroke-width": line * 2.4 }, parent)
  svg("circle", { ...shape, stroke: "#7c2d12", "stroke-width": line }, parent)
}

/**
 * The panel that an element is.
 * @param {EventTarget | null} element
 * @returns {ZoneName | null}
 */
export function zoneIn(element) {
  const zone = element instanceof Element ? element.getAttribute("data-zone") : null
  return zone === "in" || zone === "kernel" || zone === "out" ? zone : null
}

/**
 * The number under the pointer.
 * @param {Event} event
 * @returns {Target | null}
 */
export function cellUnder(event) {
  const cell = event.target
  const zone = zoneIn(cell)
  if (!zone || !(cell instanceof SVGElement) || cell.dataset.i === undefined) return null
  return { zone, channel: Number(cell.dataset.c), index: Number(cell.dataset.i) }
}
