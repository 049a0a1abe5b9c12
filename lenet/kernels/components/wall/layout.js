/** How the kernels of a wall stand. */

import { clamp } from "../../../common/components/math.js"

/** @import { Cells } from "./kernels.js" */

const CHANNEL_GAP = 0.5 // cells between two channels of a kernel
const ROW_GAP = 0.15 // cells between two rows of kernels
const LABEL = 21 // height of the line above a kernel
const SMALLEST = 5 // a cell
const SMALL_LABEL = 17
const NARROW = 860 // below this width everything stands in one column
const SMALLEST_SCREEN = 600 // that is read from afar
const SMALLEST_NUMBER = 11 // the font of a number in a cell
const SMALLEST_POINTED = 8 // the same where there is a mouse, to which each cell tells its weight

/**
 * @typedef {object} WallLayout
 * @property {number} cell the side of a cell
 * @property {number} columns of kernels
 * @property {number} label height of the line above a kernel
 * @property {{ width: number, height: number, stepX: number, stepY: number }} tile a kernel, and the way to the next
 * @property {number} width
 * @property {number} height
 */

/**
 * How large things are at most and at least where the picture has so much room. What is presented is read from the last
 * row: the words are larger, and numbers have a thirty-second of the screen or are left out. In one column, as on a
 * phone, the page scrolls.
 * @param {{ width: number, height: number }} screen
 * @param {{ width: number, top: number }} holder the room across, and where the picture begins on the page
 * @param {boolean} isPresented
 * @returns {{ height: number, zoom: number, smallest: number, isNarrow: boolean, isAcross: boolean }} `smallest`: the font
 *   of a number
 */
export function measures({ width, height }, holder, isPresented) {
  const isTall = width < 1.2 * height
  const isNarrow = holder.width < NARROW || (isPresented && isTall)
  if (isPresented) {
    const zoom = clamp(Math.min(0.75 * width, height) / 520, 1, 2.2)
    const side = Math.min(width, height)
    const smallest = side < SMALLEST_SCREEN ? SMALLEST_NUMBER : side / 32
    return { height, zoom, smallest, isNarrow, isAcross: isTall }
  }
  const room = isNarrow ? clamp(height - 110, 420, 720) : clamp(height - holder.top - 34, 330, 1000)
  const smallest = isNarrow ? SMALLEST_NUMBER : SMALLEST_POINTED
  return { height: room, zoom: 1, smallest, isNarrow, isAcross: isNarrow }
}

/**
 * Columns and cells that fill a box best. A wall too large for it gets small cells, and the page scrolls.
 * @param {Pick<Cells, "out" | "channels" | "height" | "width">} kernels
 * @param {{ width: number, height: number }} box
 * @param {{ largest: number, zoom: number, smallest?: number }} limits the largest and the smallest cell, and how much
 *   larger than usual the words are
 * @returns {WallLayout}
 */
export function fit(kernels, box, { largest, zoom, smallest = SMALLEST }) {
  const { out, channels, height, width } = kernels
  const gap = channels > 1 ? 2 : 0.45 // cells between two kernels
  const across = channels * width + (channels - 1) * CHANNEL_GAP
  let best = { cell: 0, columns: 1, label: LABEL * zoom }
  for (let columns = 1; columns <= out; columns++) {
    const room = box.height / Math.ceil(out / columns) - best.label
    const cell = Math.min(box.width / (columns * (across + gap) - gap), room / (height + ROW_GAP), largest)
    if (cell > best.cell + 0.01) best = { ...best, cell, columns }
  }
  if (best.cell < smallest) {
    // The last column needs no gap behind it.
    const columns = Math.max(1, Math.floor((box.width + gap * smallest) / (smallest * (across + gap))))
    best = { cell: smallest, columns: Math.min(columns, out), label: SMALL_LABEL }
  }
  const { cell, columns, label } = best
  const [stepX, stepY] = [(across + gap) * cell, label + (height + ROW_GAP) * cell]
  return {
    ...best,
    tile: { width: across * cell, height: height * cell, stepX, stepY },
    width: columns * stepX - gap * cell,
    height: Math.ceil(out / columns) * stepY - ROW_GAP * cell,
  }
}

/**
 * The top left corner of the kernel at a place; `y` is that of its cells, below its label.
 * @param {WallLayout} layout
 * @param {number} place
 */
export function tileCorner({ columns, label, tile }, place) {
  return { x: (place % columns) * tile.stepX, y: Math.floor(place / columns) * tile.stepY + label }
}

/**
 * Where a channel begins in a kernel.
 * @param {Cells} kernels
 * @param {number} cell
 * @param {number} channel
 */
export const channelX = ({ width }, cell, channel) => channel * (width + CHANNEL_GAP) * cell

/**
 * Steps between labels of an axis from 0 to `end`: 1, 2 or 5 times a power of ten, at most `n` of them.
 * @param {number} end
 * @param {number} n
 */
export function tickStep(end, n) {
  const rough = end / n
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10
  return power * factor
}

/**
 * `order[place]` is the kernel that stands there; without an order of their own, as stored.
 * @param {number[] | undefined} order
 * @param {number} n kernels
 */
export const orderOf = (order, n) => order ?? Array.from({ length: n }, (_, kernel) => kernel)
