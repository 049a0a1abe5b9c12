/** What is told of a chosen number: marks on the strips, its map enlarged, and the arithmetic that made it. */

import { svg, textWidth } from "../../../common/components/dom.js"
import { largest } from "../../../common/components/math.js"
import { fill, lines, significant } from "../../../common/components/text.js"
import { explain } from "./arithmetic.js"
import { HEAD, outline } from "./layout.js"
import { drawNumbers, LEGIBLE } from "./numbers.js"

/** @import { Explanation } from "./arithmetic.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Cell, Scene } from "./scene.js" */
/** @import { Region, Stage } from "./stage.js" */
/** @import { DrawnStrip } from "./strips.js" */

const CELL = 36 // of a grid of numbers, at most
const WORDS = 162 // room for the lines of the arithmetic
const LINE = 19
const GRID = 150 // height of a grid in a narrow drawing, at most
const HINT = 330 // width of the words about what there is to do, at most
const HAS_HOVER = matchMedia("(hover: hover)")

/** @typedef {{ x: number, y: number, cell: number, rows: number, columns: number }} Lens a map enlarged */

export class Overlay {
  /**
   * @param {SVGElement} parent
   * @param {Scene} scene
   * @param {Stage[]} stages
   * @param {Layout} layout
   * @param {DrawnStrip[]} strips
   */
  constructor(parent, scene, stages, layout, strips) {
    this.scene = scene
    this.stages = stages
    this.layout = layout
    this.strips = strips
    this.group = svg("g", { class: "over" }, parent)
    /** @type {Lens | null} */
    this.lens = null
  }

  /**
   * Show a cell, or what there is to do where none is chosen. Returns it in words for those who listen.
   * @param {Cell | null} cell
   */
  show(cell) {
    this.group.replaceChildren()
    this.lens = null
    const [image] = this.layout.strips
    const beside = image.x + image.width + 16
    if (!cell) {
      const { hint, hint_touch } = this.scene.words
      const font = `13px ${getComputedStyle(this.group).fontFamily}`
      const room = this.layout.width - beside
      const told = lines(HAS_HOVER.matches ? hint : hint_touch, Math.min(room, HINT), (text) => textWidth(text, font))
      told.forEach((line, i) => {
        svg("text", { class: "quiet big", x: beside, y: HEAD + 20 + 20 * i }, this.group, line)
      })
      return ""
    }
    const { isNarrow, side } = this.layout
    const stage = this.stages[cell.stage]
    this.outline(cell.stage, { ...cell, height: 1, width: 1 })
    this.outlineSeen(stage, cell)
    const right = this.enlarge(stage, cell, beside)
    const explanation = explain(stage, cell, this.scene.words)
    for (const region of explanation.from) this.outline(cell.stage - 1, region)
    const words = this.place(stage, cell)
    const value = significant(stage.at(cell.channel, cell.row, cell.column), 4)
    const below = HEAD + side + 8
    const title = isNarrow ? { x: image.x, y: below + 13 } : { x: beside, y: 14 }
    svg("text", { class: "strong big", ...title }, this.group, `${words}: ${value}`)
    this.drawExplanation(stage, explanation, isNarrow ? { x: image.x, y: below + 22 } : { x: right, y: HEAD })
    return `${words}: ${explanation.lines.join("; ") || value}`
  }

  /**
   * @param {Stage} stage
   * @param {Cell} cell
   */
  place({ layer, isMap }, { channel, row, column }) {
    const { words } = this.scene
    const name = layer.title
    return isMap
      ? fill(words.place, { name, channel: channel + 1, row: row + 1, column: column + 1 })
      : fill(words.unit, { name, n: column + 1 })
  }

  // ---- marks on the strips ----

  /**
   * @param {number} n
   * @param {Region & { channel: number }} region
   * @param {string} [className]
   */
  outline(n, region, className = "mark") {
    const box = outline(this.stages[n], this.layout.strips[n], region)
    if (box) svg("rect", { class: className, stroke: this.scene.colors.mark, ...box }, this.group)
  }

  /**
   * @param {Stage} stage
   * @param {Cell} cell
   */
  outlineSeen(stage, { row, column }) {
    const seen = stage.seen(row, column)
    if (!seen) return
    for (let channel = 0; channel < this.stages[0].channels; channel++) this.outline(0, { channel, ...seen }, "sees")
  }

  // ---- beside the image ----

  /**
   * Draw the map of a cell large; returns where there is room beside it.
   * @param {Stage} stage
   * @param {Cell} chosen
   * @param {number} x
   */
  enlarge(stage, { channel, row, column }, x) {
    const { rows, columns } = stage.sheet
    const { side } = this.layout
    const cell = Math.min(side / rows, (side * 1.4) / columns, CELL)
    this.lens = { x, y: HEAD, cell, rows, columns }
    const group = svg("g", { class: "lens" }, this.group)
    if (cell < LEGIBLE && stage.isMap) {
      const size = { width: columns * cell, height: rows * cell, preserveAspectRatio: "none" }
      const n = this.stages.indexOf(stage)
      svg("image", { href: this.strips[n].pictures[channel], x, y: HEAD, ...size }, group)
    } else {
      const values = stage.map(channel)
      this.drawGrid(group, {
        ...{ x, y: HEAD, side: cell, rows, columns, scale: stage.layer.scale },
        value: (r, c) => values[r * columns + c],
        exists: (r, c) => r * columns + c < values.length,
      })
    }
    const [r, c] = stage.isMap ? [row, column] : [Math.floor(column / columns), column % columns]
    const size = Math.max(cell, 3)
    const box = { x: x + c * cell, y: HEAD + r * cell, width: size, height: size }
    svg("rect", { class: "mark", stroke: this.scene.colors.mark, ...box }, group)
    return x + columns * cell + 16
  }

  /**
   * The patch in numbers, times the kernel, and the lines.
   * @param {Stage} stage
   * @param {Explanation} explanation
   * @param {{ x: number, y: number }} place
   */
  drawExplanation({ before }, { lines: sums, patch, kernel }, { x, y }) {
    const { isNarrow } = this.layout
    let at = x
    let line = y + 14
    if (patch && before) {
      const { channel, row, column, height, width } = patch
      const room = this.layout.width - x - (isNarrow ? 0 : WORDS) - (kernel ? 32 : 8)
      const across = room / (width * (kernel ? 2 : 1))
      const side = Math.max(2, Math.min(CELL, (isNarrow ? GRID : this.layout.side) / height, across))
      const size = { y, side, rows: height, columns: width }
      this.drawGrid(this.group, {
        ...{ x, ...size, scale: before.layer.scale },
        value: (r, c) => before.at(channel, row + r, column + c),
        isPadding: (r, c) => row + r < 0 || column + c < 0 || row + r >= before.height || column + c >= before.width,
      })
      at += width * side + (kernel ? 10 : 14)
      if (kernel) {
        const limit = largest(kernel)
        svg("text", { class: "big middle", x: at, y: y + (height * side) / 2 }, this.group, "×")
        this.drawGrid(this.group, {
          ...{ x: at + 10, ...size, scale: { stops: this.scene.colors.diverging, low: -limit, high: limit } },
          value: (r, c) => kernel[r * width + c],
        })
        at += 10 + width * side + 12
      }
      if (isNarrow) {
        at = x
        line += height * side + 4
      }
    }
    sums.forEach((words, i) => {
      svg("text", { class: "line", x: at, y: line + LINE * i }, this.group, words)
    })
  }

  /**
   * @param {SVGElement} parent
   * @param {import("./numbers.js").Grid} grid
   */
  drawGrid(parent, grid) {
    drawNumbers(parent, grid, this.scene.colors.padding, this.layout.isNarrow)
  }
}
