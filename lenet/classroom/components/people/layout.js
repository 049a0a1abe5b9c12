/** How the front of a class fills its room: the QR code, the letters of the class, and a tile for each place. */

import { clamp } from "../../../common/components/math.js"

/** @typedef {{ width: number, height: number }} Size in CSS pixels */
/**
 * @typedef {object} Layout
 * @property {boolean} isWide the code stands beside the rest, not above it
 * @property {number} qr the side of the QR code
 * @property {number} code font size of the four letters
 * @property {number} text font size of the words
 * @property {number} address font size of the address
 * @property {number} columns of tiles
 * @property {Size} tile
 */

export const GAP = 8 // between tiles
const WIDE = 720 // from which the code stands beside the rest
const BETWEEN = 32 // the QR code and what stands beside it
const QR = 400 // its side, from which it is read from the back of a room
const CODE_WIDTH = 3.8 // of four wide letters, in font sizes
const LETTER_WIDTH = 0.56 // of a letter of the address, on average
const LINE = 1.3 // of a line of text, in font sizes
const TILE = { aspect: 1.9, low: 26, high: 72 } // its width by its height, and limits of that

const PLACES = [12, 24, 40, 60, 80, 100]

/**
 * The number of places that are drawn for so many people: some stay free until the class has come.
 * @param {number} people
 */
export const places = (people) => PLACES.find((n) => n >= people) ?? people

/**
 * @param {Size} room
 * @param {number} letters of the address
 * @param {number} count of places
 * @returns {Layout}
 */
export function layout(room, letters, count) {
  const isWide = room.width >= WIDE
  const side = isWide
    ? Math.max(Math.min(room.height, 0.46 * room.width), Math.min(QR, 0.5 * room.width))
    : room.width
  const qr = Math.floor(isWide ? side : Math.min(side, QR))
  const width = isWide ? room.width - qr - BETWEEN : room.width
  const most = isWide ? 0.3 * room.height : 120
  const code = Math.floor(Math.max(Math.min(width / CODE_WIDTH, most), 48))
  const text = Math.round(clamp(room.width / 72, 15, 26))
  const address = Math.floor(clamp(width / (LETTER_WIDTH * Math.max(letters, 1)), 15, 2.2 * text))
  const taken = code * 1.05 + address * LINE + 2 * text * LINE + 4 * GAP
  const tiles = isWide
    ? fit(width, Math.max(qr, room.height) - taken, count)
    : fit(width, Number.POSITIVE_INFINITY, count, 38)
  return { isWide, qr, code, text, address, ...tiles }
}

/**
 * The largest tiles of which so many fit; in too little height they are as small as can be read, and there is more below.
 * @param {number} width
 * @param {number} height
 * @param {number} count
 * @param {number} high the highest tile
 */
function fit(width, height, count, high = TILE.high) {
  let best = { columns: 1, tile: { width: 0, height: 0 } }
  for (let columns = 1; columns <= count; columns++) {
    const across = (width - GAP * (columns - 1)) / columns
    const rows = Math.ceil(count / columns)
    const down = Math.min(across / TILE.aspect, (height - GAP * (rows - 1)) / rows, high)
    if (down > best.tile.height) best = { columns, tile: { width: across, height: down } }
  }
  if (best.tile.height < TILE.low) {
    const columns = Math.max(1, Math.floor((width + GAP) / (TILE.low * TILE.aspect + GAP)))
    best = { columns, tile: { width: (width - GAP * (columns - 1)) / columns, height: TILE.low } }
  }
  // Where tiles are limited by their height, as many stand in a row as have room.
  const { height: down } = best.tile
  const columns = Math.max(best.columns, Math.floor((width + GAP) / (down * TILE.aspect + GAP)))
  const across = Math.floor((width - GAP * (columns - 1)) / columns)
  return { columns, tile: { width: Math.min(across, Math.floor(2.4 * down)), height: Math.floor(down) } }
}
