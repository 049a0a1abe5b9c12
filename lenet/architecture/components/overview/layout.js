/** Where the blocks stand: in one row on a wide page, in two or three on a narrow one, as words in a text. */

/** @import { Block } from "./scene.js" */

const GAP = 38 // between two blocks: room for an arrow
const TALLEST = 190
const TEXT = 22 // height of the line above a block, and of that below it
const APART = 10 // between rows
const SCORES = { least: 150, most: 250 } // width of the classes with their bars
const PITCH = 14 // of the classes, at least

/**
 * @typedef {object} Place a block, or behind the last one the classes
 * @property {number} x
 * @property {number} y of the picture, below its line of text
 * @property {number} width
 * @property {number} height
 * @property {number} columns in which its maps stand
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {Place[]} places
 * @property {{ x: number, y: number }[]} arrows their middles
 */

/**
 * @param {Block[]} blocks
 * @param {number} classes how many there are
 * @param {number} width
 * @returns {Layout}
 */
export function layout(blocks, classes, width) {
  const rows = width >= 1000 ? 1 : width >= 560 ? 2 : 3
  const inRow = Math.ceil((blocks.length + 1) / rows)
  /** @type {Place[]} */
  const places = []
  /** @type {Layout["arrows"]} */
  const arrows = []
  let y = 0
  for (let first = 0; first <= blocks.length; first += inRow) {
    const row = blocks.slice(first, first + inRow)
    const hasScores = first + inRow > blocks.length
    const columns = row.map(({ shape: [maps] }) => columnsOf(maps, rows > 1))
    const aspects = row.map((block, i) => aspect(block, columns[i]))
    const indent = first ? GAP : 0
    const room = width - indent - GAP * (row.length - 1) - (hasScores ? GAP + SCORES.least : 0)
    const total = aspects.reduce((sum, one) => sum + one, 0)
    const least = hasScores ? PITCH * classes : 0
    const fitting = row.length ? Math.min(TALLEST, room / total) : least
    const high = Math.max(fitting, 0)
    const tall = Math.max(high, least)
    const scores = hasScores ? Math.min(SCORES.most, room - high * total + SCORES.least) : 0
    const widths = [...aspects.map((one) => one * high), ...(hasScores ? [scores] : [])]
    const used = widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1))
    let x = indent + Math.max(0, (width - indent - used) / 2)
    const top = y + TEXT
    widths.forEach((wide, i) => {
      const height = i < row.length ? high : tall
      if (first + i) arrows.push({ x: x - GAP / 2, y: top + tall / 2 })
      places.push({ x, y: top + (tall - height) / 2, width: wide, height, columns: columns[i] ?? 1 })
      x += wide + GAP
    })
    y = top + tall + TEXT + APART
  }
  return { width, height: y - APART, places, arrows }
}

/**
 * In how many columns maps stand: rather high than wide in a single row, rather wide than high in several.
 * @param {number} maps
 * @param {boolean} isWide
 */
function columnsOf(maps, isWide) {
  const columns = Math.floor(Math.sqrt(maps))
  return isWide ? Math.ceil(maps / columns) : columns
}

/**
 * Width of a block by its height, gaps between its maps included.
 * @param {Block} block
 * @param {number} columns
 */
function aspect({ shape: [maps, height, width] }, columns) {
  const rows = Math.ceil(maps / columns)
  const gap = gapOf(height)
  return (columns * (width + gap) - gap) / (rows * (height + gap) - gap)
}

/**
 * Between two maps, in cells.
 * @param {number} height of a map
 */
const gapOf = (height) => Math.max(0.6, height / 12)

/**
 * Where the maps of a block stand.
 * @param {Block} block
 * @param {Place} place
 */
export function mapsOf({ shape: [maps, height, width] }, place) {
  const gap = gapOf(height)
  const cell = place.width / (place.columns * (width + gap) - gap)
  return Array.from({ length: maps }, (_, i) => ({
    x: place.x + (i % place.columns) * (width + gap) * cell,
    y: place.y + Math.floor(i / place.columns) * (height + gap) * cell,
    width: width * cell,
    height: height * cell,
  }))
}
