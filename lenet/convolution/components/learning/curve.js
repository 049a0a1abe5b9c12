/** The loss after each step, on a logarithmic scale. */

import { svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"

/** @import { Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

const HEIGHT = 170
const LEFT = 38
const FOOT = 34
const FEWEST = 20 // steps that the axis has room for at first
const LOWEST = 1e-7 // a loss of 0 has no logarithm

/**
 * Powers of ten between which all losses lie, at least two.
 * @param {number[]} losses
 * @returns {[low: number, high: number]}
 */
export function decades(losses) {
  const logs = losses.filter(Number.isFinite).map((loss) => Math.log10(Math.max(loss, LOWEST)))
  const high = Math.ceil(Math.max(...logs))
  return [Math.min(Math.floor(Math.min(...logs)), high - 2), high]
}

/**
 * A power of ten as a reader writes it: 100, 0.1, 10⁻⁶.
 * @param {number} exponent
 */
export function power(exponent) {
  if (exponent >= -2 && exponent <= 3) return String(10 ** exponent)
  return `10${[...String(exponent)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("")}`
}

/**
 * @param {HTMLElement} holder
 * @param {Scene} scene
 * @param {State} state
 * @param {number} width
 */
export function drawCurve(holder, { words, color }, state, width) {
  const { losses, steps } = state
  const last = Math.max(FEWEST, steps + 1)
  const [low, high] = decades([...losses, ...(Number.isFinite(state.ahead) ? [state.ahead] : [])])
  const right = width - 12
  const bottom = HEIGHT - FOOT
  const x = (/** @type {number} */ step) => LEFT + (step / last) * (right - LEFT)
  const y = (/** @type {number} */ loss) =>
    8 + (bottom - 8) * (1 - (clamp(Math.log10(Math.max(loss, LOWEST)), low, high) - low) / (high - low))
  const size = { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` }
  const picture = svg("svg", { ...size, class: "curve", role: "img", "aria-label": words.alt_curve })
  const every = Math.ceil((high - low) / 4)
  for (let exponent = high; exponent >= low; exponent -= every) {
    svg("path", { class: "grid", d: `M${LEFT} ${y(10 ** exponent)}H${right}` }, picture)
    svg("text", { class: "end", x: LEFT - 5, y: y(10 ** exponent) + 4 }, picture, power(exponent))
  }
  for (const step of [0, last / 2, last])
    if (Number.isInteger(step)) svg("text", { class: "centre", x: x(step), y: bottom + 14 }, picture, String(step))
  svg("text", { class: "centre", x: (LEFT + right) / 2, y: HEIGHT - 4 }, picture, words.steps)
  const path = losses.map((loss, step) => `${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join("L")
  svg("path", { class: "line", d: `M${path}`, stroke: color }, picture)
  svg("circle", { cx: x(steps), cy: y(state.loss), r: 4, fill: color }, picture)
  if (!state.hasDiverged && Number.isFinite(state.ahead)) {
    const [x1, y1, x2, y2] = [x(steps), y(state.loss), x(steps + 1), y(state.ahead)]
    svg("path", { class: "line", d: `M${x1} ${y1}L${x2} ${y2}`, stroke: color, "stroke-dasharray": "3 3" }, picture)
    svg("circle", { class: "ahead", cx: x2, cy: y2, r: 4, stroke: color }, picture)
  }
  holder.replaceChildren(picture)
}
