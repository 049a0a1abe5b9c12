/** The numbers of the image or of a layer, and how they hang together with those of the layer before. */

import { floats } from "../../../common/components/base64.js"
import { clamp } from "../../../common/components/math.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Cell, Layer } from "./scene.js" */

/** @typedef {{ row: number, column: number, height: number, width: number }} Region of a map */

export class Stage {
  /**
   * @param {Layer} layer
   * @param {Stage | null} before
   */
  constructor(layer, before) {
    this.layer = layer
    this.before = before
    this.isMap = layer.shape.length === 3
    const [channels, height, width] = this.isMap ? layer.shape : [1, 1, layer.shape[0]]
    this.channels = channels
    this.height = height
    this.width = width
    this.values = floats(layer.values)
    this.weights = layer.weights === undefined ? null : floats(layer.weights)
    this.bias = layer.bias === undefined ? null : floats(layer.bias)
  }

  /**
   * A number; 0 where padding would be.
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   */
  at(channel, row, column) {
    if (row < 0 || column < 0 || row >= this.height || column >= this.width) return 0
    return this.values[(channel * this.height + row) * this.width + column]
  }

  /** @param {number} channel */
  map(channel) {
    const size = this.height * this.width
    return this.values.subarray(channel * size, (channel + 1) * size)
  }

  /**
   * The weights of an output channel for a map of the layer before.
   * @param {number} channel
   * @param {number} map
   * @param {number} n how many they are
   */
  kernel(channel, map, n) {
    const maps = this.weights ? this.weights.length / (this.channels * n) : 0
    const start = (channel * maps + map) * n
    return this.weights?.subarray(start, start + n) ?? new Float32Array(n)
  }

  /**
   * The bias of a channel, or of a number of a vector.
   * @param {number} i
   */
  summand(i) {
    return this.bias?.[i] ?? 0
  }

  /**
   * The window of a convolution or pooling on the layer before; null of other layers.
   * @param {number} row
   * @param {number} column
   * @returns {Region | null}
   */
  window(row, column) {
    const { kernel, stride, padding } = this.layer
    if (!kernel || !stride || !padding) return null
    const [height, width] = kernel
    return { row: row * stride[0] - padding[0], column: column * stride[1] - padding[1], height, width }
  }

  /**
   * The part of the image that a number depends on; null where that is all of it, or nothing.
   * @param {number} row
   * @param {number} column
   * @returns {Region | null}
   */
  seen(row, column) {
    const { field } = this.layer
    if (!field) return null
    const [y, x] = this.origin(row, column)
    const [top, bottom] = field.rows[Math.min(y, field.rows.length - 1)] // behind a dense layer all are alike
    const [left, right] = field.columns[Math.min(x, field.columns.length - 1)]
    if (bottom <= top || right <= left) return null
    return { row: top, column: left, height: bottom - top, width: right - left }
  }

  /**
   * Where a number lay in the last maps, before Flatten.
   * @param {number} row
   * @param {number} column
   * @returns {Pair}
   */
  origin(row, column) {
    if (this.isMap || !this.before) return [row, column]
    /** @type {Stage} */
    let maps = this
    while (!maps.isMap && maps.before) maps = maps.before
    const rest = column % (maps.height * maps.width)
    return [Math.floor(rest / maps.width), rest % maps.width]
  }

  /** Rows and columns of a map drawn alone; a vector lies in rows, nearly square. */
  get sheet() {
    const columns = this.isMap ? this.width : Math.ceil(Math.sqrt(this.width))
    return { rows: this.isMap ? this.height : Math.ceil(this.width / columns), columns }
  }
}

/**
 * The cell to which an arrow leads; sideways the maps of a layer are one row.
 * @param {Stage} stage
 * @param {Cell} cell
 * @param {Pair} move rows and columns
 * @returns {Cell}
 */
export function neighbour(stage, cell, [down, right]) {
  let { channel } = cell
  let column = cell.column + right
  if (column >= stage.width && channel + 1 < stage.channels) [channel, column] = [channel + 1, 0]
  if (column < 0 && channel > 0) [channel, column] = [channel - 1, stage.width - 1]
  return {
    stage: cell.stage,
    channel,
    row: clamp(cell.row + down, 0, stage.height - 1),
    column: clamp(column, 0, stage.width - 1),
  }
}
