/** Which cells belong together: the windows of a scene, without anything that is drawn. */

import { fill } from "../../common/components/text.js"
import { BEYOND, given, INPUT, PADDING } from "./scene.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Cells, Kind, Scene, ZoneName } from "./scene.js" */

/** @typedef {{ channel: number, index: number }} Place of a cell of the input or the kernel */

/**
 * Output cells are numbered in reading order: the steps of the window. Those of the kernel and of the input too, padding
 * left out.
 * @template {Scene} [S=Scene]
 */
export class Windows {
  /** @param {S} scene */
  constructor(scene) {
    this.scene = scene
    this.channels = numbered(scene.channels)
    this.seen = scene.seen ?? this.channels
  }

  /** How many steps there are. */
  get total() {
    const [height, width] = this.scene.out_size
    return height * width
  }

  /**
   * @param {ZoneName} zone
   * @returns {Cells}
   */
  cells(zone) {
    const { input, output, kernel } = this.scene
    return zone === "in" ? input : zone === "out" ? output : given(kernel)
  }

  /**
   * The numbers of the channels of a panel, from 0.
   * @param {ZoneName} zone
   */
  channelsOf(zone) {
    const { out_channels } = this.scene
    if (zone === "kernel") return numbered(this.seen.length)
    return zone === "out" && out_channels ? numbered(out_channels) : this.channels
  }

  /**
   * What a channel of a panel is called: that of a kernel is called as the channel that it sees.
   * @param {ZoneName} zone
   * @param {number} channel
   */
  channelName(zone, channel) {
    const { words } = this.scene
    const number = (zone === "kernel" ? this.seen[channel] : channel) + 1
    return fill(this.isSeen(zone, channel) ? words.channel : (words.unseen ?? words.channel), { n: number })
  }

  /**
   * @param {ZoneName} zone
   * @param {number} channel
   */
  isSeen(zone, channel) {
    return zone !== "in" || this.seen.includes(channel)
  }

  /**
   * @param {ZoneName} zone
   * @returns {Pair}
   */
  size(zone) {
    const { size, out_size, rows, columns } = this.scene
    return zone === "in" ? size : zone === "out" ? out_size : [rows[0].length, columns[0].length]
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
   * The cell that lies `by` cells after another one in reading order, through all channels; null beyond the ends.
   * @param {Place} place
   * @param {number} by
   * @param {ZoneName} [zone]
   * @returns {Place | null}
   */
  following({ channel, index }, by, zone = "in") {
    const [height, width] = this.size(zone)
    const at = channel * height * width + index + by
    if (at < 0 || at >= this.channelsOf(zone).length * height * width) return null
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
}

/** @param {number} n */
const numbered = (n) => [...Array(n).keys()]
