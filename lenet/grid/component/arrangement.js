/** How the grids of a panel stand, and how large their cells are. */

import { clamp, sum } from "../../common/components/math.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Scene } from "./scene.js" */

export const PANEL = 300 // width of “this window”
export const LABEL = 18 // height of a channel's label, or of a line of the legend
export const GAP = 18 // between two channels
export const FINGER = 24 // a cell that a finger hits
const TIMES = 36 // width of the sign between the window's own numbers and the kernel
const LARGEST = 72 // cell of a grid
const SMALLEST_WEIGHT = 8 // cell of a kernel
const LARGEST_WEIGHT = 40

/**
 * A panel of grids, one for each channel.
 * @typedef {object} Arrangement
 * @property {number} columns
 * @property {number} rows
 * @property {number} width
 * @property {number} height
 * @property {number} cell the side of a cell
 * @property {number} across channels beside each other
 * @property {number} label height of a channel's label
 */

/** @typedef {{ width: number, height: number }} Room */

/**
 * How the channels of the input and the output stand, with cells as large as there is room for.
 * @param {Scene} scene
 * @param {Room} room for both
 * @param {number[]} choices how many channels may stand in a row
 * @param {boolean} [isBelow] the output stands below the input
 * @returns {{ input: Arrangement, output: Arrangement }}
 */
export function arranged(scene, room, choices, isBelow = false) {
  const { channels, out_channels: outChannels = channels } = scene
  const [inputSize, outputSize] = [panelSize(scene), scene.out_size]
  const most = channels > 1 ? 60 : LARGEST
  const arrangements = choices.map((across) => {
    const pair = (/** @type {number} */ cell) => ({
      input: arrangement(inputSize, channels, across, cell),
      output: arrangement(outputSize, outChannels, across, cell),
    })
    const [none, one] = [pair(0), pair(1)]
    const parts = (/** @type {"width" | "height"} */ of) =>
      /** @type {const} */ (["input", "output"]).map((name) => ({
        fixed: none[name][of],
        cells: one[name][of] - none[name][of],
      }))
    const side = Math.min(
      largestCell(parts("width"), room.width, !isBelow),
      largestCell(parts("height"), room.height, isBelow),
    )
    return pair(clamp(side, 4, most))
  })
  return arrangements.reduce((best, other) => (other.input.cell > best.input.cell ? other : best))
}

/**
 * The largest side of a cell with which two panels fit along an axis.
 * @param {{ fixed: number, cells: number }[]} parts for each, what does not depend on it, and the cells
 * @param {number} room
 * @param {boolean} isOneAfterOther along this axis
 */
function largestCell(parts, room, isOneAfterOther) {
  if (!isOneAfterOther) return Math.min(...parts.map(({ fixed, cells }) => (room - fixed) / cells))
  return (room - sum(parts.map(({ fixed }) => fixed))) / sum(parts.map(({ cells }) => cells))
}

/**
 * @param {Pair} size
 * @param {number} channels
 * @param {number} most channels in a row
 * @param {number} cell
 * @returns {Arrangement}
 */
function arrangement([rows, columns], channels, most, cell) {
  const across = Math.min(channels, most)
  const down = Math.ceil(channels / across)
  const label = channels > 1 ? LABEL : 0
  const width = columns * cell * across + (across - 1) * GAP
  return { rows, columns, width, height: down * (rows * cell + label) + (down - 1) * GAP, cell, across, label }
}

/**
 * Rows and columns of the input's panel: those of the input, of the padding, and beyond.
 * @param {Scene} scene
 * @returns {Pair}
 */
const panelSize = (scene) => [scene.row_kinds.length, scene.column_kinds.length]

/**
 * The side of a cell in the small grid of the window's own numbers; of several channels there is room for none.
 * @param {Scene} scene
 * @param {number} cell
 * @param {number} height
 */
export function miniCell(scene, cell, height) {
  if (scene.channels > 1) return 0
  const [rows, columns] = [scene.rows[0].length, scene.columns[0].length]
  return Math.min(Math.max(cell, 40), 44, (PANEL - 20) / columns, Math.max(60, height - 130) / rows)
}

/**
 * How the kernel stands above the arithmetic. Of one channel the window's own numbers stand beside it, where a finger can
 * hit the cells of both: that is worth more than `height`, as its numbers are read there and nowhere else.
 * @param {Scene} scene
 * @param {number} height
 * @returns {{ kernel: Arrangement, mini: number, left: number }} `mini`: the side of a cell of the window's own numbers;
 *   `left`: where the kernel begins
 */
export function kernelArranged({ channels: all, seen, rows, columns }, height) {
  const channels = seen?.length ?? all
  const size = /** @type {Pair} */ ([rows[0].length, columns[0].length])
  const beside = Math.min(LARGEST_WEIGHT, (PANEL - TIMES) / (2 * size[1]), Math.max(FINGER, height / size[0]))
  if (channels === 1 && beside >= FINGER) {
    const kernel = arrangement(size, 1, 1, beside)
    return { kernel, mini: beside, left: PANEL / 2 + TIMES / 2 }
  }
  const arrangements = Array.from({ length: channels }, (_, n) => {
    const [none, one] = [0, 1].map((cell) => arrangement(size, channels, n + 1, cell))
    const side = Math.min(
      (PANEL - none.width) / (one.width - none.width),
      (height - none.height) / (one.height - none.height),
    )
    return arrangement(size, channels, n + 1, clamp(side, SMALLEST_WEIGHT, LARGEST_WEIGHT))
  }).filter(({ width }) => width <= PANEL)
  const kernel = arrangements.reduce((best, other) => (isLarger(other, best) ? other : best))
  return { kernel, mini: 0, left: (PANEL - kernel.width) / 2 }
}

/**
 * Whether cells are larger or, where both are as small as they may be, less room is needed.
 * @param {Arrangement} one
 * @param {Arrangement} other
 */
const isLarger = (one, other) => one.cell > other.cell || (one.cell === other.cell && one.height < other.height)
