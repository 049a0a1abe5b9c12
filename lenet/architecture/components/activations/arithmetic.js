/** How a number was made: in words, and from what. */

import { sum } from "../../../common/components/math.js"
import { fill, significant } from "../../../common/components/text.js"

/** @import { Cell, Words } from "./scene.js" */
/** @import { Region, Stage } from "./stage.js" */

/** @typedef {Region & { channel: number }} MapRegion */

/**
 * @typedef {object} Explanation
 * @property {string[]} lines
 * @property {MapRegion[]} from what it was made from, on the layer before
 * @property {MapRegion} [patch] of that, what is shown in numbers
 * @property {Float32Array} [kernel] the weights that the patch is multiplied with
 */

/**
 * @param {Stage} stage
 * @param {Cell} cell
 * @param {Words} words
 * @returns {Explanation}
 */
export function explain(stage, cell, words) {
  const { before, layer } = stage
  if (!before) return { lines: [], from: [] }
  const from = source(stage, before, cell)
  if (layer.source === "window" && stage.weights) return convolution(stage, before, cell, from, words)
  const { channel, row, column } = cell
  const value = stage.at(channel, row, column)
  const input = significant(before.at(from.channel, from.row, from.column), 4)
  const output = significant(value, 4)
  if (layer.sum) {
    const patch = layer.source === "window" ? { patch: from } : {}
    return { lines: [fill(layer.sum, { input, output })], from: [from], ...patch }
  }
  if (layer.source === "all") {
    const bias = stage.summand(column)
    const products = fill(words.products, { n: before.width, sum: significant(value - bias) })
    return { lines: [products, ...end(words, bias, value)], from: [from] }
  }
  const [factor] = stage.kernel(channel, 0, 1)
  const product = `${significant(factor, 4)} × ${input} + ${significant(stage.summand(channel), 4)}`
  return { lines: [product, `= ${output}`], from: [from] }
}

/**
 * What a number was made from: of a convolution its window on the same map, of others all of it.
 * @param {Stage} stage
 * @param {Stage} before
 * @param {Cell} cell
 * @returns {MapRegion}
 */
function source(stage, before, { channel, row, column }) {
  const whole = { row: 0, column: 0, height: before.height, width: before.width }
  switch (stage.layer.source) {
    case "window":
      return { channel, ...(stage.window(row, column) ?? whole) }
    case "moved": {
      const [y, x] = stage.origin(row, column)
      return { channel: Math.floor(column / (before.height * before.width)), row: y, column: x, height: 1, width: 1 }
    }
    case "map":
      return { channel, ...whole }
    case "all":
      return { channel: 0, ...whole }
    default:
      return { channel, row, column, height: 1, width: 1 }
  }
}

/**
 * The sum over the window on every map; in numbers the map that gives most of it.
 * @param {Stage} stage
 * @param {Stage} before
 * @param {Cell} cell
 * @param {MapRegion} window
 * @param {Words} words
 * @returns {Explanation}
 */
function convolution(stage, before, { channel, row, column }, window, words) {
  const n = window.height * window.width
  const from = Array.from({ length: before.channels }, (_, map) => ({ ...window, channel: map }))
  const kernels = from.map((_, map) => stage.kernel(channel, map, n))
  const sums = from.map((region, map) => products(before, region, kernels[map]))
  const most = sums.reduce((best, sum, map) => (Math.abs(sum) > Math.abs(sums[best]) ? map : best), 0)
  const others = significant(sum(sums) - sums[most])
  const parts =
    before.channels > 1
      ? [
          fill(words.shown, { n: most + 1, sum: significant(sums[most]) }),
          fill(words.others, { n: before.channels - 1, sum: others }),
        ]
      : [fill(words.products, { n, sum: significant(sums[0]) })]
  const lines = [...parts, ...end(words, stage.summand(channel), stage.at(channel, row, column))]
  return { lines, from, patch: from[most], kernel: kernels[most] }
}

/**
 * @param {Stage} before
 * @param {MapRegion} region
 * @param {Float32Array} kernel
 */
function products(before, { channel, row, column, height, width }, kernel) {
  let total = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) total += kernel[y * width + x] * before.at(channel, row + y, column + x)
  return total
}

/**
 * The end of a weighted sum: the bias, and what comes of all.
 * @param {Words} words
 * @param {number} bias
 * @param {number} value
 */
const end = (words, bias, value) => [fill(words.bias, { bias: significant(bias) }), `= ${significant(value, 4)}`]
