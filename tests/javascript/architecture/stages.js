/** Layers for tests. */

import { Stage } from "../../../lenet/architecture/components/activations/stage.js"

/** @import { Layer } from "../../../lenet/architecture/components/activations/scene.js" */

/** @param {number[]} numbers */
export const packed = (numbers) => Buffer.from(new Float32Array(numbers).buffer).toString("base64")

/**
 * @param {string} type
 * @param {number[]} shape
 * @param {number[]} values
 * @param {Partial<Layer>} [more]
 * @returns {Layer}
 */
export function layer(type, shape, values, more = {}) {
  const scale = { stops: /** @type {[number, string][]} */ ([]), low: 0, high: 1 }
  return { title: type || "Input", type, shape, values: packed(values), range: "", label: "", scale, ...more }
}

const counting = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i)

/**
 * The same for rows and columns.
 * @param {[number, number][]} pairs
 */
const pairs = (...pairs) => ({ rows: pairs, columns: pairs })

/** An image of two channels 0…8 and 9…17. */
export const image = new Stage(layer("", [2, 3, 3], counting(18)), null)

/** One kernel of 2×2 on it: all ones on the first channel, −1 on the second, and bias 0.5. */
export const convolution = new Stage(
  layer("Conv2d", [1, 2, 2], [-35.5, -35.5, -35.5, -35.5], {
    ...{ source: "window", sum: "", kernel: [2, 2], stride: [1, 1], padding: [0, 0] },
    ...{ weights: packed([1, 1, 1, 1, -1, -1, -1, -1]), bias: packed([0.5]) },
    field: pairs([0, 2], [1, 3]),
  }),
  image,
)

export const pool = new Stage(
  layer("MaxPool2d", [2, 2, 2], counting(8), {
    ...{ source: "window", sum: "largest = {output}", kernel: [2, 2], stride: [2, 2], padding: [1, 1] },
  }),
  image,
)

export const flat = new Stage(layer("Flatten", [18], counting(18), { source: "moved", sum: "the same" }), image)

/** Of a network that does not use the last row and column of the image. */
export const partial = new Stage(
  layer("Linear", [7], counting(7), { source: "all", sum: "", field: pairs([0, 2]) }),
  flat,
)

/** Its first and last row and column look at nothing but padding. */
export const padded = new Stage(
  layer("Conv2d", [1, 3, 3], counting(9), { field: pairs([0, 0], [0, 3], [0, 0]) }),
  image,
)

export const linear = new Stage(layer("Linear", [2], [7, -1], { source: "all", sum: "", bias: packed([1, 1]) }), flat)
