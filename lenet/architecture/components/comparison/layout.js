/** Where the bars lie: a column for each measure on a wide page, one below the other on a narrow one. */

import { clamp } from "../../../common/components/math.js"

/** @import { Layer, Net } from "./scene.js" */

const STACKED = 700 // below this width there are no columns
const GAP = 24 // between columns
const TOTAL = 86 // room for a total behind the longest bar
const HEAD = 26 // above columns: what is measured
const WIDE = { bar: 36, pitch: 56 } // of bars in columns
const NARROW = { bar: 18, pitch: 38, name: 26, line: 16 } // of stacked ones: with a line of words above each
const NAMES = 0.24 // of the width, at most
const KEY = { line: 20, swatch: 10, gap: 16 } // of the legend: the height of a line, a square of colour, between entries

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A bar, of one measure of one network.
 * @typedef {object} Bar
 * @property {Box} box as long as its column
 * @property {number[]} edges where its segments begin, from its left, and the end of the last
 * @property {{ x: number, y: number }} total
 */

/**
 * @typedef {object} Row a network
 * @property {Box} box
 * @property {{ x: number, y: number }} name
 * @property {Bar[]} bars
 */

/** @typedef {{ swatch: Box, text: { x: number, y: number } }} Entry of the legend */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {boolean} isStacked
 * @property {number} names width of the names of networks in columns
 * @property {{ x: number, y: number }[]} measures where the words for each measure stand above its column
 * @property {Row[]} rows
 * @property {Entry[]} legend
 */

/**
 * @param {Net[]} nets
 * @param {number} measures how many there are
 * @param {{ width: number, names: number, legend: number[] }} room the width of the longest name, and of each word in the
 *   legend
 * @returns {Layout}
 */
export function layout(nets, measures, { width, names, legend }) {
  const isStacked = width < STACKED
  const across = isStacked ? 0 : Math.min(names + 16, width * NAMES)
  const column = isStacked ? width : (width - across - GAP * (measures - 1)) / measures
  const columns = Array.from({ length: measures }, (_, m) => (isStacked ? 0 : across + m * (column + GAP)))
  const longest = columns.map((_, m) => Math.max(1, ...nets.map((net) => sumOf(net.layers, m))))
  const long = isStacked ? column : column - TOTAL
  const pitch = isStacked ? NARROW.name + measures * NARROW.pitch + 6 : WIDE.pitch
  const top = isStacked ? 0 : HEAD
  const rows = nets.map((net, n) => {
    const y = top + n * pitch
    const bars = columns.map((x, m) => {
      const scale = long / longest[m]
      const at = isStacked ? y + NARROW.name + m * NARROW.pitch + NARROW.line : y + (WIDE.pitch - WIDE.bar) / 2
      const box = { x, y: at, width: long, height: isStacked ? NARROW.bar : WIDE.bar }
      const edges = [0]
      for (const { values } of net.layers) edges.push(edges[edges.length - 1] + values[m] * scale)
      const total = isStacked ? { x: 0, y: at - 4 } : { x: x + edges[edges.length - 1] + 8, y: at + WIDE.bar / 2 }
      return { box, edges, total }
    })
    return { box: { x: 0, y, width, height: pitch }, name: { x: 0, y: isStacked ? y + 17 : y + pitch / 2 }, bars }
  })
  const entries = entriesOf(legend, width, top + nets.length * pitch)
  return {
    width,
    height: entries.height,
    isStacked,
    names: across - 12,
    measures: columns.map((x) => ({ x, y: 15 })),
    rows,
    legend: entries.places,
  }
}

/**
 * The entries of a legend in lines below what they explain.
 * @param {number[]} widths of their words
 * @param {number} width of a line
 * @param {number} top
 */
function entriesOf(widths, width, top) {
  let [x, y] = [0, top + 4]
  const places = widths.map((words) => {
    const wide = KEY.swatch + 5 + words
    if (x && x + wide > width) [x, y] = [0, y + KEY.line]
    const swatch = { x, y: y + (KEY.line - KEY.swatch) / 2, width: KEY.swatch, height: KEY.swatch }
    const text = { x: x + KEY.swatch + 5, y: y + KEY.line / 2 }
    x += wide + KEY.gap
    return { swatch, text }
  })
  return { places, height: places.length ? y + KEY.line : top }
}

/**
 * @param {Layer[]} layers
 * @param {number} measure
 */
const sumOf = (layers, measure) => layers.reduce((sum, { values }) => sum + values[measure], 0)

/**
 * The layer whose segment is at a place of a bar, or nearest to it.
 * @param {number[]} edges
 * @param {number} x from the left of the bar
 */
export function layerAt(edges, x) {
  const inside = clamp(x, 0, edges[edges.length - 1] - 1e-6)
  const n = edges.findIndex((edge, i) => edge <= inside && inside < edges[i + 1])
  return Math.max(0, n)
}

/**
 * The layer of a network to which a key leads; null for a key that does not move.
 * @param {string} key
 * @param {{ net: number, layer: number }} from
 * @param {Net[]} nets
 */
export function moved(key, { net, layer }, nets) {
  const last = (/** @type {number} */ n) => nets[n].layers.length - 1
  switch (key) {
    case "ArrowLeft":
      return { net, layer: Math.max(0, layer - 1) }
    case "ArrowRight":
      return { net, layer: Math.min(last(net), layer + 1) }
    case "Home":
      return { net, layer: 0 }
    case "End":
      return { net, layer: last(net) }
    case "ArrowUp":
    case "ArrowDown": {
      const to = clamp(net + (key === "ArrowUp" ? -1 : 1), 0, nets.length - 1)
      return { net: to, layer: Math.min(layer, last(to)) }
    }
    default:
      return null
  }
}
