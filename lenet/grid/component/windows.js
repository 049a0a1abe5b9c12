/** Which cells belong together: the windows of a scene, without anything that is drawn. */

import { BEYOND, INPUT, PADDING } from "./scene.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Kind, Scene, ZoneName } from "./scene.js" */

/** @typedef {{ channel: number, index: number }} Place of an input cell */

/** Output cells are numbered in reading order: the steps of the window. Input cells too, padding left out. */
export class Windows {
  /** @param {Scene} scene */
  constructor(scene) {
    this.scene = scene
    this.wrong = scene.wrong?.map((steps) => new Set(steps))
  }

  /** How many steps there are. */
  get total() {
    const [height, width] = this.scene.out_size
    return height * width
  }

  /**
   * @param {ZoneName} zone
   * @returns {Pair}
   */
  size(zone) {
    return zone === "in" ? this.scene.size : this.scene.out_size
  }

  /**
   * Row and column of a cell.
   * @param {ZoneName} zone
   * @param {number} index
   * @returns {Pair}
   */
  cell(zone, index) {
    const [, width] = this.size(zone)
    return [Math.floor(index / width), index % width]
  }

  /**
   * @param {ZoneName} zone
   * @param {Pair} cell
   */
  index(zone, [row, column]) {
    const [, width] = this.size(zone)
    return row * width + column
  }

  /**
   * What a cell of the input's panel is; its rows and columns of padding are negative.
   * @param {number} row
   * @param {number} column
   * @returns {Kind}
   */
  kind(row, column) {
    const { row_kinds, column_kinds, first } = this.scene
    return /** @type {Kind} */ (Math.max(row_kinds[row - first[0]], column_kinds[column - first[1]]))
  }

  /** The kinds of cells around the input that there are. */
  get around() {
    const kinds = new Set([...this.scene.row_kinds, ...this.scene.column_kinds])
    return [PADDING, BEYOND].filter((kind) => kinds.has(kind))
  }

  /**
   * The rows and the columns of the window of an output cell.
   * @param {number} step
   * @returns {[rows: number[], columns: number[]]}
   */
  window(step) {
    const [i, j] = this.cell("out", step)
    return [this.scene.rows[i], this.scene.columns[j]]
  }

  /**
   * The steps whose windows contain an input cell.
   * @param {number} index
   */
  containing(index) {
    const [row, column] = this.cell("in", index)
    /** @type {number[]} */
    const steps = []
    this.scene.rows.forEach((rows, i) => {
      if (!rows.includes(row)) return
      this.scene.columns.forEach((columns, j) => {
        if (columns.includes(column)) steps.push(this.index("out", [i, j]))
      })
    })
    return steps
  }

  /**
   * Whether padding with 0 makes this output cell wrong.
   * @param {number} channel
   * @param {number} step
   */
  isWrong(channel, step) {
    return Boolean(this.wrong?.[channel].has(step))
  }

  /**
   * Row and column of the cell that wins a window, or null. Where padding with 0 wins it is the first cell of padding.
   * @param {number} channel
   * @param {number} step
   * @returns {Pair | null}
   */
  winner(channel, step) {
    if (this.isWrong(channel, step)) {
      const [rows, columns] = this.window(step)
      for (const row of rows)
        for (const column of columns) if (this.kind(row, column) === PADDING) return [row, column]
    }
    const winner = this.scene.winners?.[channel][step] ?? -1
    return winner < 0 ? null : this.cell("in", winner)
  }

  /**
   * @param {number} channel
   * @param {number} step
   * @param {Pair} cell row and column
   */
  isWinner(channel, step, [row, column]) {
    const winner = this.winner(channel, step)
    return winner !== null && winner[0] === row && winner[1] === column
  }

  /**
   * The input cell that lies `by` cells after another one in reading order, through all channels; null beyond the ends.
   * @param {Place} place
   * @param {number} by
   * @returns {Place | null}
   */
  following({ channel, index }, by) {
    const [height, width] = this.scene.size
    const at = channel * height * width + index + by
    if (at < 0 || at >= this.scene.channels * height * width) return null
    return { channel: Math.floor(at / (height * width)), index: at % (height * width) }
  }

  /**
   * Whether a cell is among the numbers of a window.
   * @param {number} row
   * @param {number} column
   */
  counts(row, column) {
    const kind = this.kind(row, column)
    return kind === INPUT || (kind === PADDING && this.scene.padding_counts)
  }

  /**
   * Whether a window reaches cells of a kind: of the padding, or beyond it.
   * @param {number} step
   * @param {Kind} kind
   */
  reaches(step, kind) {
    const [rows, columns] = this.window(step)
    return rows.some((row) => columns.some((column) => this.kind(row, column) === kind))
  }

  /**
   * How many cells hold the maximum of a window; 0 where a padding of 0 does.
   * @param {number} channel
   * @param {number} step
   */
  ties(channel, step) {
    return this.isWrong(channel, step) ? 0 : (this.scene.ties?.[channel][step] ?? 0)
  }
}
