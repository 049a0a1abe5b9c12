/** Colours: scales of stops, what lies between them, and the ink that reads on a colour. */

import { clamp } from "./math.js"

/** @typedef {[red: number, green: number, blue: number]} Color each from 0 to 255 */
/** @typedef {[place: number, hex: string][]} Scale stops from place 0 to place 1, colours as "#rrggbb" */
/** @typedef {{ fill: string, ink: string }} Paint a CSS colour, and one for text on it */

/**
 * "#rrggbb" as red, green and blue.
 * @param {string} hex
 * @returns {Color}
 */
export function rgb(hex) {
  const part = (/** @type {number} */ at) => Number.parseInt(hex.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}

/** @param {Color} color */
export const css = (color) => `rgb(${color.join(",")})`

/**
 * The colour at `place`, from 0 to 1, of a scale.
 * @param {Scale} scale
 * @param {number} place
 * @returns {Color}
 */
export function mix(scale, place) {
  const after = scale.findIndex(([stop]) => stop >= place)
  const at = Math.max(1, after)
  const [[low, from], [high, to]] = [scale[at - 1], scale[at]]
  const share = (place - low) / (high - low)
  const [start, end] = [rgb(from), rgb(to)]
  const between = (/** @type {number} */ i) => Math.round(start[i] + (end[i] - start[i]) * share)
  return [between(0), between(1), between(2)]
}

/**
 * How light a colour is to the eye, from 0 to 1: the relative luminance of WCAG.
 * @param {Color} color
 */
export function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const WHITE = "#ffffff"
const DARK = "#0f172a"
const DARK_LUMINANCE = luminance(rgb(DARK))

/**
 * The ink that reads on a colour: white or dark, whichever has the greater contrast (4.2 : 1 at least).
 * @param {Color} color
 */
export function ink(color) {
  const light = luminance(color) + 0.05
  return 1.05 / light > light / (DARK_LUMINANCE + 0.05) ? WHITE : DARK
}

/**
 * Fill and ink of a cell whose value lies at `shade`, from 0 to 100, on a scale. No fill for null: not a finite number.
 * @param {Scale} scale
 * @param {number | null} shade
 * @returns {Paint}
 */
export function paintOf(scale, shade) {
  return shade === null ? { fill: "none", ink: "currentColor" } : paint(mix(scale, shade / 100))
}

/**
 * `n` colours along a scale, each with the ink that reads on it.
 * @param {Scale} scale
 * @param {number} n
 * @returns {Paint[]}
 */
export function palette(scale, n) {
  return Array.from({ length: n }, (_, i) => paint(mix(scale, i / (n - 1))))
}

/**
 * The colour of a signed value on a diverging scale whose ends are −limit and +limit.
 * @param {Scale} scale
 * @param {number} value
 * @param {number} limit
 */
export const signed = (scale, value, limit) => mix(scale, clamp((value / limit + 1) / 2, 0, 1))

/**
 * @param {Color} color
 * @returns {Paint}
 */
const paint = (color) => ({ fill: css(color), ink: ink(color) })
