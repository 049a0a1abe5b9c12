/** Where the strips stand, and what lies under a point. */

import { clamp } from "../../../common/components/math.js"

/** @import { Region, Stage } from "./stage.js" */

export const NAMES = 128 // room for the names at the left
export const HEAD = 22 // room for a line above the image, the enlarged map and the arithmetic
const ABOVE = 252 // of the page, over this drawing: what is left of the window is for the strips
const NARROW = 600 // below this width names stand above the strips, and the arithmetic below the image
const NARROWEST = 280
const TITLE = 17 // height of a name above its strip
const SUM = 260 // room for the arithmetic below the image: a line, a grid of numbers and four lines
const SMALLEST_MAP = 34 // width of a map in a narrow drawing: those of a layer stand in several rows if need be
const TILES = { smallest: 24, largest: 150, narrow: 60 } // height of the largest maps: as much as fits on the screen
const UNIT = 40 // width of a number in a vector's strip, at most
const BAR = 12 // height of a vector's strip
const GAP = 2
const ROW = 22 // height of a strip, at least: two lines of text

/**
 * The maps of a layer side by side, in several rows where the drawing is narrow.
 * @typedef {object} Strip
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {number} pitch from one map to the next
 * @property {number} inRow how many maps stand in a row
 * @property {number} drop from one row to the next
 * @property {[width: number, height: number]} cell
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {boolean} isNarrow
 * @property {number} side of the image, and of what stands beside it
 * @property {Strip[]} strips
 */

/**
 * @param {Stage[]} stages
 * @param {{ width: number, height: number }} room the width of the place, the height of the browser's window
 * @returns {Layout}
 */
export function layout(stages, room) {
  const isNarrow = room.width < NARROW
  const width = Math.max(room.width, NARROWEST)
  const names = isNarrow ? 4 : NAMES
  const across = width - names - 4
  const side = isNarrow ? Math.min(130, across * 0.36) : clamp(across / 4.6, 100, 230)
  const [image, ...layers] = stages
  const wide = image.channels > 1 ? width / 4 : side
  const first = strip(image, { width: wide, most: side, tallest: image.height, isNarrow: false })
  const tallest = Math.max(...stages.map((stage) => (stage.isMap ? stage.height : 0)))
  const begin = HEAD + side + 8 + (isNarrow ? SUM : 0)
  const sized = (/** @type {number} */ most) =>
    layers.map((stage) => strip(stage, { width: across, most, tallest, isNarrow }))
  const title = isNarrow ? TITLE : 0
  const least = isNarrow ? 0 : ROW
  const gap = isNarrow ? 4 : GAP
  const end = (/** @type {Strip[]} */ strips) =>
    strips.reduce((y, { height }) => y + title + Math.max(height, least) + gap, begin)
  let most = isNarrow ? TILES.narrow : TILES.largest
  let strips = sized(most)
  while (!isNarrow && end(strips) > room.height - ABOVE && most > TILES.smallest) {
    most -= 1
    strips = sized(most)
  }
  Object.assign(first, { x: 4, y: HEAD })
  let y = begin
  for (const strip of strips) {
    Object.assign(strip, { x: names, y: y + title + Math.max(0, (least - strip.height) / 2) })
    y += title + Math.max(strip.height, least) + gap
  }
  return { width, height: y, isNarrow, side, strips: [first, ...strips] }
}

/**
 * A strip that still has no place: maps as high as `most` allows, smaller ones lower, and no wider than the room.
 * @param {Stage} stage
 * @param {{ width: number, most: number, tallest: number, isNarrow: boolean }} room
 * @returns {Strip}
 */
function strip(stage, { width, most, tallest, isNarrow }) {
  /** @type {[number, number]} */
  let cell = [Math.min(UNIT, width / stage.width), isNarrow ? 2 * BAR : BAR]
  let inRow = stage.channels
  if (stage.isMap) {
    const spread = stage.channels > 1 ? 1.1 : 1
    if (isNarrow) inRow = Math.min(inRow, evenly(inRow, Math.max(1, Math.floor(width / (SMALLEST_MAP * spread)))))
    const high = most * (0.75 + (0.25 * stage.height) / tallest)
    const wide = width / inRow / spread
    const scale = Math.min(high / stage.height, wide / stage.width)
    cell = [scale, scale]
  }
  const map = stage.width * cell[0]
  const pitch = map * 1.1
  const drop = stage.height * cell[1] + 0.1 * map
  const rows = Math.ceil(stage.channels / inRow)
  const height = (rows - 1) * drop + stage.height * cell[1]
  return { x: 0, y: 0, width: (inRow - 1) * pitch + map, height, pitch, inRow, drop, cell }
}

/**
 * How many of `n` stand in a row that has room for `most`, so that all rows are about as long.
 * @param {number} n
 * @param {number} most
 */
const evenly = (n, most) => Math.ceil(n / Math.ceil(n / most))

/**
 * Where a map stands.
 * @param {Strip} strip
 * @param {number} channel
 */
export const corner = ({ x, y, pitch, inRow, drop }, channel) => ({
  x: x + (channel % inRow) * pitch,
  y: y + Math.floor(channel / inRow) * drop,
})

/**
 * The cell under a point of the drawing, or null.
 * @param {Stage} stage
 * @param {Strip} strip
 * @param {[x: number, y: number]} point
 * @param {number} [reach] how far beside the strip the point may be: a finger takes the nearest
 */
export function hit(stage, strip, [px, py], reach = 0) {
  const [x, y] = [px - strip.x, py - strip.y]
  const margin = 2 + reach
  if (x < -reach || y < -margin || y > strip.height + margin || x > strip.width + reach) return null
  const inside = [clamp(x, 0, strip.width - 1e-6), clamp(y, 0, strip.height - 1e-6)]
  const many = stage.isMap && stage.channels > 1
  const place = many ? Math.floor(inside[0] / strip.pitch) : 0
  const line = many ? Math.floor(inside[1] / strip.drop) : 0
  const channel = line * strip.inRow + place
  const column = Math.floor((inside[0] - place * strip.pitch) / strip.cell[0])
  const row = clamp(Math.floor((inside[1] - line * strip.drop) / strip.cell[1]), 0, stage.height - 1)
  if (channel >= stage.channels) return null
  if (column >= stage.width) return reach ? { channel, row, column: stage.width - 1 } : null
  return { channel, row, column }
}

/**
 * The box around a region of a map, as far as it lies on the map; null where it does not.
 * @param {Stage} stage
 * @param {Strip} strip
 * @param {Region & { channel: number }} region
 */
export function outline(stage, strip, { channel, row, column, height, width }) {
  const [left, right] = [clamp(column, 0, stage.width), clamp(column + width, 0, stage.width)]
  const [top, bottom] = [clamp(row, 0, stage.height), clamp(row + height, 0, stage.height)]
  if (right <= left || bottom <= top) return null
  const { x, y } = corner(strip, channel)
  return {
    x: x + left * strip.cell[0],
    y: y + top * strip.cell[1],
    width: Math.max((right - left) * strip.cell[0], 3),
    height: Math.max((bottom - top) * strip.cell[1], 3),
  }
}
