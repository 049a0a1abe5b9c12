/** A convolution of one channel, its loss and its gradients, as `lenet/convolution/learning.py` computes them. */

import { sum } from "../../../common/components/math.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Grid } from "./scene.js" */

/**
 * One place's share of the gradient of a weight.
 * @typedef {object} Term
 * @property {Pair} place of the output
 * @property {Pair} cell of the input that the weight met there
 * @property {number} value of that cell
 * @property {number} arriving
 * @property {number} product
 */

/**
 * Without padding, with stride 1.
 * @param {Grid} input
 * @param {Grid} kernel
 * @returns {Grid}
 */
export function convolved(input, kernel) {
  const [height, width] = kernel.size
  const size = /** @type {Pair} */ ([input.size[0] - height + 1, input.size[1] - width + 1])
  const values = each(size, ([i, j]) =>
    sum(each(kernel.size, ([a, b]) => at(input, [i + a, j + b]) * at(kernel, [a, b]))),
  )
  return { size, values }
}

/**
 * @param {Grid} output
 * @param {Grid} target
 */
export const meanSquaredError = (output, target) =>
  sum(output.values.map((value, i) => (value - target.values[i]) ** 2)) / output.values.length

/**
 * The gradient of the loss with respect to the output: what arrives at each place.
 * @param {Grid} output
 * @param {Grid} target
 * @returns {Grid}
 */
export function errorGradient({ size, values }, target) {
  return { size, values: values.map((value, i) => (2 * (value - target.values[i])) / values.length) }
}

/**
 * What the gradient of a weight is the sum of, place by place.
 * @param {Grid} input
 * @param {Grid} arriving
 * @param {Pair} weight its row and column in the kernel
 * @returns {Term[]}
 */
export function terms(input, arriving, [a, b]) {
  return each(arriving.size, (place) => {
    const cell = /** @type {Pair} */ ([place[0] + a, place[1] + b])
    const [value, here] = [at(input, cell), at(arriving, place)]
    return { place, cell, value, arriving: here, product: value * here }
  })
}

/**
 * The gradient of each weight.
 * @param {Grid} input
 * @param {Grid} arriving
 * @param {Pair} size of the kernel
 */
export const gradients = (input, arriving, size) =>
  each(size, (weight) => sum(terms(input, arriving, weight).map(({ product }) => product)))

/**
 * @param {Grid} grid
 * @param {Pair} cell
 */
export const at = ({ size, values }, [row, column]) => values[row * size[1] + column]

/**
 * @template T
 * @param {Pair} size
 * @param {(cell: Pair) => T} make
 * @returns {T[]}
 */
export const each = ([height, width], make) =>
  Array.from({ length: height * width }, (_, n) => make([Math.floor(n / width), n % width]))
