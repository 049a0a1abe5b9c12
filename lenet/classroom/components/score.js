/** The score of a kernel for a task: see lenet/classroom/contest.py, whose score counts. All sums are whole numbers, so that
 * both find the very same one. */

import { bytes } from "../../common/components/base64.js"
import { response } from "../../kernels/components/editor/weights.js"

/** @typedef {{ pixels: string, target: string }} SentPicture base64 of bytes: pixels, and marks as MARK has them */
/**
 * @typedef {object} Task
 * @property {"places" | "pictures"} compares
 * @property {number} side rows and columns of a picture
 * @property {number} size rows and columns of a kernel
 * @property {SentPicture[]} pictures
 */
/** @typedef {{ pixels: Float64Array, target: Uint8Array }} Picture */

/** What a place of a picture is. */
export const MARK = { other: 0, nothing: 1, wanted: 2 }

/**
 * @param {Task} task
 * @returns {Picture[]}
 */
export const picturesOf = ({ pictures }) =>
  pictures.map(({ pixels, target }) => ({ pixels: Float64Array.from(bytes(pixels)), target: bytes(target) }))

/**
 * The weighted sums at all places of a picture.
 * @param {Picture} picture
 * @param {Pick<Task, "side" | "size">} task
 * @param {number[]} weights in hundredths
 */
export const sumsOf = ({ pixels }, { side, size }, weights) => response(pixels, side, weights, size).sums

/**
 * How strongly a kernel responds to a whole picture: the sum of its positive responses, within what is marked.
 * @param {Float64Array} sums
 * @param {Uint8Array} target
 */
export function strength(sums, target) {
  let total = 0
  for (let i = 0; i < sums.length; i++) if (target[i] !== MARK.nothing) total += Math.max(sums[i], 0)
  return total
}

/**
 * The score, from 0 to 100, of what a kernel responds to the pictures.
 * @param {Task["compares"]} compares
 * @param {Picture[]} pictures
 * @param {Float64Array[]} sums of each picture
 */
export function score(compares, pictures, sums) {
  /** @type {number[]} */
  const wanted = []
  /** @type {number[]} */
  const other = []
  pictures.forEach(({ target }, n) => {
    if (compares === "pictures") {
      const side = target.includes(MARK.wanted) ? wanted : other
      side.push(strength(sums[n], target))
      return
    }
    for (let i = 0; i < target.length; i++) {
      if (target[i] === MARK.wanted) wanted.push(sums[n][i])
      else if (target[i] === MARK.other) other.push(sums[n][i])
    }
  })
  return perMille(points(wanted, other), wanted.length * other.length) / 10
}

/**
 * Of all pairs: 2 for each in which the wanted one is larger, 1 for each in which they are equal.
 * @param {number[]} wanted
 * @param {number[]} other
 */
export function points(wanted, other) {
  const ascending = (/** @type {number} */ a, /** @type {number} */ b) => a - b
  wanted.sort(ascending)
  other.sort(ascending)
  let [found, smaller, notLarger] = [0, 0, 0]
  for (const one of wanted) {
    while (smaller < other.length && other[smaller] < one) smaller++
    while (notLarger < other.length && other[notLarger] <= one) notLarger++
    found += smaller + notLarger
  }
  return found
}

/**
 * 1000 · (2·s − 1), rounded to a whole number, where s = points / (2 · pairs); 0 where that is negative.
 * @param {number} found
 * @param {number} pairs
 */
export const perMille = (found, pairs) => Math.max(0, Math.floor((2000 * (found - pairs) + pairs) / (2 * pairs)))
