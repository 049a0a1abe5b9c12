/** Kernels as heatmaps in a box of a picture: the run's own, or the note's. */

import { setAttributes, svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed } from "../../../common/components/text.js"
import { BAR_HEIGHT, ColorBar, shadeAt } from "./color_bar.js"
import { statistics } from "./kernels.js"
import { channelX, fit, tileCorner } from "./layout.js"

/** @import { Paint } from "../../../common/components/color.js" */
/** @import { Place } from "./color_bar.js" */
/** @import { Cells, Kernels } from "./kernels.js" */
/** @import { WallLayout } from "./layout.js" */
/** @import { Words } from "./scene.js" */

/** @typedef {{ x: number, y: number, rect: SVGRectElement, text: SVGTextElement | null }} Cell */
/** @typedef {{ x: number, y: number, group: SVGGElement, norm: SVGTextElement, texts: SVGGElement }} Tile */
/** @typedef {{ size: number, decimals: number }} Digits how cells hold numbers: font size and decimals */

/** @type {Paint} */
const NOT_FINITE = { fill: "#94a3b8", ink: "#0f172a" }

const DENSE = 5 // a smaller cell has no line around it

export class Wall {
  /**
   * @param {Kernels} kernels
   * @param {Words} words
   * @param {Paint[]} shades
   * @param {string} mark the colour of what is pointed at
   * @param {Cells} [cells] what is drawn of each kernel: a cell for each weight, unless told otherwise
   */
  constructor(kernels, words, shades, mark, cells = kernels) {
    this.kernels = kernels
    this.grid = cells
    this.words = words
    this.shades = shades
    this.mark = mark
    this.zoom = 1 // how much larger than usual the words are
    /** @type {(text: string) => number} how wide a number is, in font sizes */
    this.widthOf = (text) => 0.57 * (text.length - 0.5)
    this.order = Array.from({ length: kernels.out }, (_, n) => n) // order[place]: the kernel that stands there; others are left out
    this.layout = this.fit(0, 0, Infinity)
    this.group = svg("g")
    this.pointer = svg("g")
    this.font = 0
    /** @type {Tile[]} by kernel; none where one is left out */
    this.tiles = []
    /** @type {Cell[]} of all kernels, one after the other */
    this.cells = []
    /** @type {ReturnType<typeof statistics>[]} of these */
    this.statistics = []
    /** @type {Float64Array} those that are painted */
    this.weights = kernels.at(0)
  }

  get width() {
    return this.layout.width
  }

  get height() {
    return this.layout.height
  }

  /** Another one of the same kernels, for another picture. */
  copy() {
    return new Wall(this.kernels, this.words, this.shades, this.mark)
  }

  /** How much room the colour bar takes below the wall. */
  get barHeight() {
    return BAR_HEIGHT
  }

  /** What is to be said of its colours; "" where the colour bar says it. */
  get legend() {
    return ""
  }

  /**
   * @param {SVGElement} picture
   * @param {Place} place
   * @returns {{ show: (limit: number, own: boolean) => void }}
   */
  drawBar(picture, place) {
    return new ColorBar(picture, this.shades, this.words, place)
  }

  /**
   * Take columns and cells that fill a box best.
   * @param {number} width
   * @param {number} height
   * @param {number} largest a cell
   * @param {number} [smallest]
   * @returns {WallLayout}
   */
  fit(width, height, largest, smallest) {
    const cells = { ...this.grid, out: this.order.length }
    this.layout = fit(cells, { width, height }, { largest, zoom: this.zoom, ...(smallest ? { smallest } : {}) })
    return this.layout
  }

  /**
   * @param {SVGElement} parent
   * @param {number} left
   * @param {number} top
   */
  draw(parent, left, top) {
    const { layout, zoom } = this
    const { cell, label } = layout
    this.group = svg("g", { class: cell < DENSE ? "wall dense" : "wall", role: "group" }, parent)
    const frame = { x: left - 5, y: top - 3, width: layout.width + 10, height: layout.height + 8, rx: 6 }
    svg("rect", { class: "focus", ...frame }, this.group)
    this.font = clamp(cell * 0.4, Math.min(12 * zoom, 0.86 * label), 17 * zoom)
    this.cells = []
    this.tiles = []
    for (const kernel of [...this.order].sort((a, b) => a - b)) {
      const corner = tileCorner(layout, this.order.indexOf(kernel))
      this.tiles[kernel] = this.drawKernel(kernel, left + corner.x, top + corner.y)
    }
    this.pointer = svg("g", { visibility: "hidden" }, this.group)
    svg("rect", { class: "around", width: cell, height: cell }, this.pointer)
    svg("rect", { class: "pointed", width: cell, height: cell, stroke: this.mark }, this.pointer)
  }

  /**
   * @param {number} kernel
   * @param {number} x
   * @param {number} y
   * @returns {Tile}
   */
  drawKernel(kernel, x, y) {
    const { grid, font } = this
    const { cell, tile } = this.layout
    const group = svg("g", { class: "kernel", role: "img", "data-kernel": kernel }, this.group)
    svg("text", { class: "head", x, y: y - 6, "font-size": font }, group, String(kernel + 1))
    const end = { x: x + tile.width, y: y - 6, "font-size": font * 0.92 }
    const norm = svg("text", { class: "end norm", ...end }, group)
    for (let i = 0; i < grid.size; i++) {
      const { channel, row, column } = grid.position(i)
      const place = { x: x + column * cell + channelX(grid, cell, channel), y: y + row * cell }
      const data = { "data-kernel": kernel, "data-cell": i }
      const rect = svg("rect", { class: "cell", ...place, width: cell, height: cell, ...data }, group)
      this.cells[kernel * grid.size + i] = { ...place, rect, text: null }
    }
    const size = { width: grid.width * cell, height: grid.height * cell }
    for (let channel = 0; channel < grid.channels; channel++) {
      svg("rect", { class: "frame", x: x + channelX(grid, cell, channel), y, ...size }, group)
    }
    return { group, norm, x, y, texts: svg("g", { "aria-hidden": "true" }, group) }
  }

  /**
   * How cells hold these numbers; null where none would be readable.
   * @param {Iterable<number>} weights
   * @param {number} smallest the font that can be read
   * @returns {Digits | null}
   */
  digits(weights, smallest) {
    const { cell } = this.layout
    const isAlone = this.order.length === 1 // a kernel by itself is shown with all its decimals
    const largest = Math.max(18 * this.zoom, isAlone ? cell * 0.3 : 0)
    for (const wanted of isAlone ? [4, 3, 2, 1] : [2, 1]) {
      const decimals = Math.min(wanted, this.kernels.decimals) // none for whole numbers
      let longest = this.widthOf("0")
      for (const weight of weights) longest = Math.max(longest, this.widthOf(fixed(weight, decimals)))
      const size = Math.min(largest, cell * 0.44, (cell * 0.92) / longest)
      if (size >= smallest) return { size, decimals }
    }
    return null
  }

  /**
   * Paint the weights of one moment.
   * @param {Float64Array} weights
   * @param {{ limit: number, own: boolean, values: boolean, digits: Digits | null }} look `limit`: the end of the colours;
   *   `own`: each kernel's largest weight is the end of its colours
   */
  paint(weights, { limit, own, values, digits }) {
    const { size } = this.kernels
    this.weights = weights
    this.statistics = []
    this.tiles.forEach((tile, kernel) => {
      const mine = weights.subarray(kernel * size, (kernel + 1) * size)
      const numbers = statistics(mine)
      this.statistics[kernel] = numbers
      const end = own ? Math.max(Math.abs(numbers.min), Math.abs(numbers.max)) || 1 : limit
      this.paintKernel(kernel, mine, end, values ? digits : null)
      tile.texts.style.display = values && digits ? "" : "none"
      tile.norm.textContent = this.label(numbers.norm, end, own)
    })
  }

  /**
   * @param {number} kernel
   * @param {Float64Array} mine its weights
   * @param {number} end of its colours
   * @param {Digits | null} digits null: without numbers
   */
  paintKernel(kernel, mine, end, digits) {
    mine.forEach((weight, i) => {
      const cell = this.cells[kernel * mine.length + i]
      const shade = Number.isFinite(weight) ? shadeAt(this.shades, weight / end) : NOT_FINITE
      cell.rect.setAttribute("fill", shade.fill)
      if (digits) this.write(cell, this.tiles[kernel], weight, digits, shade.ink)
    })
  }

  /**
   * @param {Cell} cell
   * @param {Tile} tile
   * @param {number} weight
   * @param {Digits} digits
   * @param {string} ink
   */
  write(cell, tile, weight, digits, ink) {
    const half = this.layout.cell / 2
    cell.text ??= svg("text", { class: "middle", x: cell.x + half, y: cell.y + half }, tile.texts)
    cell.text.setAttribute("font-size", String(digits.size))
    cell.text.style.fill = ink
    cell.text.textContent = fixed(weight, digits.decimals)
  }

  /**
   * What stands above a kernel beside its number, as far as there is room.
   * @param {number} length its norm
   * @param {number} end of its colours
   * @param {boolean} own
   */
  label(length, end, own) {
    const norm = fill(this.words.norm, { norm: fixed(length, 2) })
    const range = `±${fixed(end, 2)}`
    const room = (this.layout.tile.width * 12) / this.font
    if (room < 70) return ""
    if (!own) return norm
    return room < 150 ? range : `${norm} · ${range}`
  }

  /** What each kernel looks like, for those who cannot see it. */
  describe() {
    this.tiles.forEach((tile, kernel) => {
      const { min, max, mean, norm, minAt, maxAt } = this.statistics[kernel]
      const [low, high] = [this.kernels.position(minAt), this.kernels.position(maxAt)]
      const words = {
        ...{ n: kernel + 1, norm: fixed(norm, 2), mean: fixed(mean, 2), min: fixed(min, 2), max: fixed(max, 2) },
        ...{ min_row: low.row + 1, min_column: low.column + 1, max_row: high.row + 1, max_column: high.column + 1 },
      }
      tile.group.setAttribute("aria-label", fill(this.words.describe, words))
    })
  }

  /**
   * Lines that say what a cell is.
   * @param {number} kernel
   * @param {number} i
   */
  explain(kernel, i) {
    const { words, kernels, grid } = this
    const { channel, row, column } = grid.position(i)
    const template = grid.channels > 1 ? words.cell_channel : words.cell
    const place = fill(template, { channel: channel + 1, row: row + 1, column: column + 1 })
    const name = fill(words.kernel, { n: kernel + 1 }) + words.comma + place
    const { min, max, mean, norm } = this.statistics[kernel]
    const told = (/** @type {number} */ value) => fixed(value, kernels.decimals)
    return [
      fill(words.told, { name, what: this.tell(kernel, i, told) }),
      fill(words.statistics, { min: told(min), max: told(max), mean: told(mean), norm: told(norm) }),
    ]
  }

  /**
   * The weight of a cell in words.
   * @param {number} kernel
   * @param {number} i
   * @param {(value: number) => string} told
   */
  tell(kernel, i, told) {
    const weight = this.weights[kernel * this.kernels.size + i]
    return Number.isFinite(weight) ? told(weight) : this.words.not_finite
  }

  /**
   * Frame a weight and return its cell; without one take the frame away.
   * @param {{ kernel: number, i: number } | null} weight
   * @param {boolean} [isPinned]
   */
  point(weight, isPinned = false) {
    const cell = weight ? this.cells[weight.kernel * this.grid.size + weight.i] : null
    this.pointer.setAttribute("visibility", cell ? "visible" : "hidden")
    this.pointer.classList.toggle("pinned", isPinned)
    if (cell) setAttributes(this.pointer, { transform: `translate(${cell.x} ${cell.y})` })
    return cell ?? null
  }
}
