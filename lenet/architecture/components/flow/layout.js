/** Where the stages of a network stand: in one row while there is room for their names, else in several, as words in a
 * text. */

import { clamp } from "../../../common/components/math.js"

/** @import { Stage } from "./scene.js" */

const SIZES = [13, 12, 11] // of the text: the largest with which all stand in one row
const WRAPPED = 12 // of the text in several rows
const APART = 8 // between two names
const FEWEST = 9 // columns that fill the width: a network of few layers is not drawn larger
const LINE = 1.25 // height of a line of text, by its size
const TALL = { one: 150, several: 84 } // height of a row's pictures
const GAP = 14 // between rows
const MAP = { largest: 64, share: 0.58 } // side of the largest map, and of the width of its column
const DEPTH = { most: 26, share: 0.22 } // how far a stack of maps reaches back
const PLANES = 16 // maps of a stack that are drawn, at most: its size tells how many there are
const BAR = 14 // width of a vector
const SMALLEST = 4
const MARGIN = 12 // between the longest vector and its texts, above and below together

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A stage: its column in a row, with its name above and its size below its picture, a front map or a bar.
 * @typedef {object} Place
 * @property {number} row
 * @property {Box} box
 * @property {string[]} name in lines
 * @property {Box} front
 * @property {number} planes how many maps are drawn
 * @property {number} back how far right and up the last of them lies
 * @property {number} cell side of a number of a map; 0 for a bar
 * @property {number} middle the height at which lines arrive and leave
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} columns
 * @property {number} font size of the text
 * @property {number} line height of a line of text
 * @property {Place[]} places
 */

/**
 * @param {Stage[]} stages the image first; a stage without a shape is a layer that cannot be built
 * @param {{ width: number, measure: (text: string, size: number) => number }} room
 * @returns {Layout}
 */
export function layout(stages, { width, measure }) {
  const names = stages.map(({ name }) => inLines(name))
  const widest = (/** @type {number} */ size) =>
    APART + Math.max(...stages.flatMap((stage, i) => [stage.size, ...names[i]]).map((text) => measure(text, size)))
  const n = stages.length
  const font = SIZES.find((size) => n * widest(size) <= width) ?? WRAPPED
  const most = clamp(Math.floor(width / widest(font)), 1, n)
  const rows = Math.ceil(n / most)
  const columns = Math.ceil(n / rows)
  const column = rows > 1 ? width / columns : Math.max(width / Math.max(n, FEWEST), widest(font))
  const line = Math.round(font * LINE)
  const head = line * (1 + Math.max(...names.map((lines) => lines.length))) + 4
  const tall = rows > 1 ? TALL.several : TALL.one
  const high = head + tall + line + 6
  const sized = pictures(stages, column, tall)
  const places = stages.map((_, i) => {
    const row = Math.floor(i / columns)
    const box = { x: (i % columns) * column, y: row * (high + GAP), width: column, height: high }
    const middle = box.y + head + tall / 2
    const { size, back, ...rest } = sized[i]
    const front = {
      x: box.x + (column - size[0] - back) / 2,
      y: middle + back - (size[1] + back) / 2,
      width: size[0],
      height: size[1],
    }
    return { row, box, name: names[i], front, back, middle, ...rest }
  })
  return { width, height: rows * (high + GAP) - GAP, columns, font, line, places }
}

/**
 * The pictures to scale: maps by their height, vectors by the square root of their length.
 * @param {Stage[]} stages
 * @param {number} column
 * @param {number} tall
 * @returns {{ size: [width: number, height: number], planes: number, back: number, cell: number }[]}
 */
function pictures(stages, column, tall) {
  const shapes = stages.map(({ shape }) => shape)
  const largest = Math.max(1, ...shapes.filter((shape) => shape.length === 3).map(([, h, w]) => Math.max(h, w)))
  const longest = Math.max(1, ...shapes.filter((shape) => shape.length === 1).map(([length]) => length))
  const depth = Math.min(DEPTH.most, DEPTH.share * column)
  const side = Math.min(MAP.largest, MAP.share * column, tall - depth)
  return shapes.map((shape) => {
    if (shape.length === 3) {
      const [channels, height, width] = shape
      const high = Math.max(SMALLEST, (side * height) / largest)
      const wide = Math.max(SMALLEST, (side * width) / largest)
      const planes = Math.min(channels, PLANES)
      const back = depth * Math.min(1, (planes - 1) / 8)
      return { size: [wide, high], planes, back, cell: Math.min(high / height, wide / width) }
    }
    if (shape.length === 0) return { size: [side, side], planes: 0, back: 0, cell: 0 }
    return {
      size: [BAR, Math.max(SMALLEST, (tall - MARGIN) * Math.sqrt(shape[0] / longest))],
      planes: 1,
      back: 0,
      cell: 0,
    }
  })
}

/**
 * The name of a layer as it fits over its column: AdaptiveAvgPool2d on two lines.
 * @param {string} name
 */
const inLines = (name) => (name.length <= 11 ? [name] : name.replace(/([a-z])([A-Z])/, "$1 $2").split(" "))

/**
 * A part of a map of so many rows and columns, to scale. Smaller ones lie inside larger ones.
 * @param {Place} place
 * @param {[rows: number, columns: number]} size
 * @param {[row: number, column: number] | null} [start] its corner; without one it lies near the right, as in a window
 * @returns {Box}
 */
export function part({ front, cell }, [rows, columns], start = null) {
  const height = Math.min(rows * cell, front.height)
  const width = Math.min(columns * cell, front.width)
  if (start) return { x: front.x + start[1] * cell, y: front.y + start[0] * cell, width, height }
  const x = front.x + 0.88 * (front.width - width)
  return { x, y: front.y + 0.8 * (front.height - height), width, height }
}

/**
 * The layer to which a key leads from layer `at` of `n`; null for a key that does not move. Up and down go from row to
 * row, where there are several.
 * @param {string} key
 * @param {number} at
 * @param {number} n
 * @param {number} columns
 */
export function layerAfter(key, at, n, columns) {
  const down = columns > n ? 1 : columns
  switch (key) {
    case "ArrowLeft":
      return Math.max(at - 1, 0)
    case "ArrowRight":
      return Math.min(at + 1, n - 1)
    case "ArrowUp":
      return at - down < 0 ? (down === 1 ? 0 : at) : at - down
    case "ArrowDown":
      return at + down >= n ? (down === 1 ? n - 1 : at) : at + down
    case "Home":
      return 0
    case "End":
      return n - 1
    default:
      return null
  }
}
