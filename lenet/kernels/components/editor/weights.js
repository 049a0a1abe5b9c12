/** The weights of a kernel: as people type them, in the address, and at work on an image. */

import { meanings, plain } from "../../../common/components/numbers.js"

/** @import { Scene } from "./scene.js" */

const HALF_A_DIGIT = 5e-4 // weights are typed and told with three decimals

/** @param {number} weight */
export const tidy = (weight) => String(Number(weight.toFixed(3)))

const WITH_EXPONENT = /e/i

/**
 * A weight as people type it, or NaN: "−1.5", "-1,5", "．５". A comma is a decimal comma: no weight has thousands.
 * @param {string} text
 */
export function parse(text) {
  const [weight] = WITH_EXPONENT.test(plain(text)) ? [] : meanings(text)
  return weight ?? Number.NaN
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
export const areAlike = (a, b) => a.every((weight, i) => Math.abs(weight - b[i]) < HALF_A_DIGIT)

/**
 * The kernel turned by 90°, against the clock.
 * @param {number[]} weights
 * @param {number} size
 */
export function turned(weights, size) {
  return weights.map((_, i) => weights[(i % size) * size + (size - 1 - Math.floor(i / size))])
}

/**
 * What Conv2d computes with one kernel on one square image: zero padding of half a kernel, no bias.
 * @param {Float64Array} pixels
 * @param {number} side
 * @param {number[]} weights
 * @param {number} size
 * @returns {{ sums: Float64Array, side: number }} the response and its side
 */
export function response(pixels, side, weights, size) {
  const padding = Math.floor(size / 2)
  const out = side + 2 * padding - size + 1
  const sums = new Float64Array(out * out)
  for (let y = 0; y < out; y++) {
    for (let x = 0; x < out; x++) {
      let sum = 0
      for (let r = 0; r < size; r++) {
        const row = y + r - padding
        if (row < 0 || row >= side) continue
        for (let c = 0; c < size; c++) {
          const column = x + c - padding
          if (column >= 0 && column < side) sum += weights[r * size + c] * pixels[row * side + column]
        }
      }
      sums[y * out + x] = sum
    }
  }
  return { sums, side: out }
}

/** The keys that this component keeps in the address. */
export const KEYS = ["own", "on"]

/**
 * Weights and image of a query; what cannot be used gives way to the first preset and the first image.
 * @param {URLSearchParams} query
 * @param {Scene} scene
 */
export function fromQuery(query, { size, limit, presets, images }) {
  const given = (query.get("own") ?? "").split(",").map(parse)
  const isUsable = given.length === size * size && given.every((weight) => Math.abs(weight) <= limit)
  const image = Number(query.get("on") ?? 0)
  return {
    weights: isUsable ? given : [...presets[0].values],
    image: Number.isInteger(image) && images[image] ? image : 0,
  }
}

/**
 * @param {{ weights: number[], image: number }} edited
 * @param {Scene} scene
 */
export function toQuery({ weights, image }, { presets }) {
  const query = new URLSearchParams()
  if (!areAlike(presets[0].values, weights)) query.set("own", weights.map(tidy).join(","))
  if (image) query.set("on", String(image))
  return query
}
