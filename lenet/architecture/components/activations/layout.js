/** Where the strips stand, and what lies under a point. */

import { clamp } from "../../../common/components/math.js"

/** @import { Region, Stage } from "./stage.js" */

export const NAMES = 128 // room for the names at the left
export const HEAD = 22 // room for a line above the image, the enlarged map and the arithmetic
const ABOVE = 252 // of the page, over this drawing: what is left of the window is for the strips
const NARROWEST = 420
const TILES = { smallest: 24, largest: 150 } // height of the largest maps: as much as fits on the screen
const UNIT = 40 // width of a number in a vector's strip, at most
const BAR = 12 // height of a vector's strip
const GAP = 2
const ROW = 22 // height of a strip, at least: two lines of text

/**
 * The maps of a layer side by side.
 * @typedef {object} Strip
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {number} pitch from one map to the next
 * @property {[width: number, height: number]} cell
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} side of the image, and of what stands beside it
 * @property {Strip[]} strips
 */

/**
 * @param {Stage[]} stages
 * @param {{ width: number, height: number }} room the width of the place, the height of the browser's window
 * @returns {Layout}
 */
export function layout(stages, room) {
  const width = Math.max(room.width, NARROWEST)
  const across = width - NAMES - 4
  const side = clamp(across / 4.6, 100, 230)
  const [image, ...layers] = stages
  const first = strip(image, { width: image.channels > 1 ? width / 4 : side, most: side, tallest: image.height })
  const tallest = Math.max(...stages.map((stage) => (stage.isMap ? stage.height : 0)))
  const begin = HEAD + side + 8
  const sized = (/** @type {number} */ most) => layers.map((stage) => strip(stage, { width: across, most, tallest }))
  const end = (/** @type {Strip[]} */ strips) =>
    strips.reduce((y, { height }) => y + Math.max(height, ROW) + GAP, begin)
  let most = TILES.largest
  let strips = sized(most)
  while (end(strips) > room.height - ABOVE && most > TILES.smallest) {
    most -= 1
    strips = sized(most)
  }
  Object.assign(first, { x: 4, y: HEAD })
  let y = begin
  for (const strip of strips) {
    Object.assign(strip, { x: NAMES, y: y + Math.max(0, (ROW - strip.height) / 2) })
    y += Math.max(strip.height, ROW) + GAP
  }
  return { width, height: y, side, strips: [first, ...strips] }
}

/**
 * A strip that still has no place: maps as high as `most` allows, smaller ones lower, and no wider than the room.
 * @param {Stage} stage
 * @param {{ width: number, most: number, tallest: number }} room
 * @returns {Strip}
 */
function strip(stage, { width, most, tallest }) {
  /** @type {[number, number]} */
  let cell = [Math.min(UNIT, width / stage.width), BAR]
  if (stage.isMap) {
    const high = most * (0.75 + (0.25 * stage.height) / tallest)
    const wide = width / stage.channels / (stage.channels > 1 ? 1.1 : 1)
    const scale = Math.min(high / stage.height, wide / stage.width)
    cell = [scale, scale]
  }
  const map = stage.width * cell[0]
  const pitch = map * 1.1
  return { x: 0, y: 0, width: (stage.channels - 1) * pitch + map, height: stage.height * cell[1], pitch, cell }
}

/**
 * The cell under a point of the drawing, or null.
 * @param {Stage} stage
 * @param {Strip} strip
 * @param {[x: number, y: number]} point
 */
export function hit(stage, strip, [px, py]) {
  const [x, y] = [px - strip.x, py - strip.y]
  if (x < 0 || y < -2 || y > strip.height + 2 || x > strip.width) return null
  const channel = stage.isMap && stage.channels > 1 ? Math.floor(x / strip.pitch) : 0
  const column = Math.floor((x - channel * strip.pitch) / strip.cell[0])
  if (column >= stage.width || channel >= stage.channels) return null
  return { channel, row: clamp(Math.floor(y / strip.cell[1]), 0, stage.height - 1), column }
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
  return {
    x: strip.x + channel * strip.pitch + left * strip.cell[0],
    y: strip.y + top * strip.cell[1],
    width: Math.max((right - left) * strip.cell[0], 3),
    height: Math.max((bottom - top) * strip.cell[1], 3),
  }
}
