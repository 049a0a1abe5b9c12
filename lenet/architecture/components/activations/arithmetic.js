/** How a number was made: in words, and from what. */

import { sum } from "../../../common/components/math.js"
import { fill, significant } from "../../../common/components/text.js"

/** @import { Cell, Words } from "./scene.js" */
/** @import { Region, Stage } from "./stage.js" */

/**
 * @typedef {object} Explanation
 * @property {string[]} lines
 * @property {(Region & { channel: number })[]} from what it was made from, on the layer before
 * @property {Region & { channel: number }} [patch] of that, what is shown in numbers
 * @property {Float32Array} [kernel] the weights that the patch is multiplied with
 */

/**
 * @param {Stage} stage
 * @param {Cell} cell
 * @param {Words} words
 * @returns {Explanation}
 */
export function explain(stage, { channel, row, column }, words) {
  const { before, bias, weights } = stage
  const { type } = stage.layer
  if (!before) return { lines: [], from: [] }
  const result = significant(stage.at(channel, row, column), 4)
  const window = stage.window(row, column)
  if (window && weights && bias) return convolution(before, { weights, bias, channel, window, result }, words)
  if (window) {
    const name = type === "MaxPool2d" ? words.max : fill(words.mean, { n: window.height * window.width })
    return { lines: [`${name} = ${result}`], from: [{ channel, ...window }], patch: { channel, ...window } }
  }
  const whole = { row: 0, column: 0, height: before.height, width: before.width }
  const one = { row, column, height: 1, width: 1 }
  switch (type) {
    case "Flatten": {
      const [y, x] = stage.origin(row, column)
      const map = Math.floor(column / (before.height * before.width))
      return { lines: [words.copy], from: [{ channel: map, row: y, column: x, height: 1, width: 1 }] }
    }
    case "Linear": {
      const summand = bias ? bias[column] : 0
      const products = significant(stage.at(channel, row, column) - summand)
      const lines = [
        fill(words.products, { n: before.width, sum: products }),
        fill(words.bias, { bias: significant(summand) }),
        `= ${result}`,
      ]
      return { lines, from: [{ channel: 0, ...whole }] }
    }
    case "AdaptiveAvgPool2d": {
      const lines = [`${fill(words.mean, { n: before.height * before.width })} = ${result}`]
      return { lines, from: [{ channel, ...whole }] }
    }
    case "Dropout":
      return { lines: [words.copy], from: [{ channel, ...one }] }
  }
  const given = significant(before.at(channel, row, column), 4)
  if (type === "BatchNorm2d" && weights && bias) {
    const lines = [`${significant(weights[channel], 4)} × ${given} + ${significant(bias[channel], 4)}`, `= ${result}`]
    return { lines, from: [{ channel, ...one }] }
  }
  return { lines: [`${type}(${given}) = ${result}`], from: [{ channel, ...one }] }
}

/**
 * The sum over the window on every map; in numbers the map that gives most of it.
 * @param {Stage} before
 * @param {{ weights: Float32Array, bias: Float32Array, channel: number, window: Region, result: string }} number
 * @param {Words} words
 * @returns {Explanation}
 */
function convolution(before, { weights, bias, channel, window, result }, words) {
  const size = window.height * window.width
  const from = Array.from({ length: before.channels }, (_, map) => ({ channel: map, ...window }))
  const kernels = from.map((_, map) => {
    const start = (channel * before.channels + map) * size
    return weights.subarray(start, start + size)
  })
  const sums = from.map((region, map) => products(before, region, kernels[map]))
  const most = sums.reduce((best, sum, map) => (Math.abs(sum) > Math.abs(sums[best]) ? map : best), 0)
  const others = significant(sum(sums) - sums[most])
  const parts =
    before.channels > 1
      ? [
          fill(words.shown, { n: most + 1, sum: significant(sums[most]) }),
          fill(words.others, { n: before.channels - 1, sum: others }),
        ]
      : [fill(words.products, { n: size, sum: significant(sums[0]) })]
  const lines = [...parts, fill(words.bias, { bias: significant(bias[channel]) }), `= ${result}`]
  return { lines, from, patch: from[most], kernel: kernels[most] }
}

/**
 * @param {Stage} before
 * @param {Region & { channel: number }} region
 * @param {Float32Array} kernel
 */
function products(before, { channel, row, column, height, width }, kernel) {
  let total = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) total += kernel[y * width + x] * before.at(channel, row + y, column + x)
  return total
}
