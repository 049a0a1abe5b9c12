/** The gradient of the chosen weight in words and numbers: a sum over all places, row by row. */

import { html } from "../../../common/components/dom.js"
import { sum } from "../../../common/components/math.js"
import { fill, fixed } from "../../../common/components/text.js"
import { at, terms } from "./arithmetic.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Term } from "./arithmetic.js" */
/** @import { Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

export class Explanation {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.weight = html("h2", {}, parent)
    this.sum = html("p", {}, parent)
    this.rows = html("div", { class: "rows" }, parent)
    this.total = html("p", { class: "total" }, parent)
    this.next = html("p", { class: "total" }, parent)
  }

  /**
   * @param {Scene} scene
   * @param {State} state
   * @param {Pair | null} place
   */
  show({ words }, state, place) {
    const { weight, task, arriving, kernel } = state
    const found = terms(task.input, arriving, weight)
    const [height, width] = arriving.size
    const rows = Array.from({ length: height }, (_, i) => found.slice(i * width, (i + 1) * width))
    const sums = rows.map((row) => sum(row.map(({ product }) => product)))
    const gradient = sum(sums)
    const told = { row: weight[0] + 1, column: weight[1] + 1, value: fixed(at(kernel, weight), 3) }
    this.weight.textContent = fill(words.weight, told)
    this.sum.textContent = fill(words.sum, { n: found.length })
    this.rows.replaceChildren(
      ...rows.map((row, n) => {
        const line = html("div", { class: place?.[0] === n ? "row chosen" : "row" })
        html("span", { class: "name" }, line, fill(words.row, { row: n + 1 }))
        const list = html("span", { class: "terms" }, line)
        row.forEach((term, j) => {
          if (j) list.append(" + ")
          html("span", { class: place?.[0] === n && place[1] === j ? "term chosen" : "term" }, list, product(term))
        })
        html("span", { class: "sum" }, line, `= ${fixed(sums[n], 3)}`)
        return line
      }),
    )
    this.total.textContent = fill(words.total, {
      total: `${sums.map(signedText).join(" + ")} = ${fixed(gradient, 3)}`,
    })
    this.next.textContent = fill(words.next, change(state))
  }

  /**
   * What is chosen, in one or two sentences: what a place contributes, or what becomes of the weight.
   * @param {Scene} scene
   * @param {State} state
   * @param {Pair | null} place
   */
  static told({ words }, state, place) {
    const { task, arriving, output, weight } = state
    if (!place) return [fill(words.chosen, { row: weight[0] + 1, column: weight[1] + 1, ...change(state) })]
    const term = terms(task.input, arriving, weight)[place[0] * arriving.size[1] + place[1]]
    const values = { row: place[0] + 1, column: place[1] + 1, product: fixed(term.product, 3) }
    const numbers = { value: String(term.value), arriving: signedText(term.arriving) }
    const error = { output: fixed(at(output, place), 3), target: signedText(at(task.target, place)) }
    return [
      fill(words.place, { ...values, ...numbers }),
      fill(words.arrives, { ...error, n: arriving.values.length }),
    ]
  }
}

/**
 * What a step makes of the chosen weight.
 * @param {State} state
 */
function change({ weight, kernel, gradients, next, rate }) {
  const at = weight[0] * kernel.size[1] + weight[1]
  const numbers = [kernel.values[at], next[at]].map((value) => fixed(value, 3))
  return { old: numbers[0], rate, gradient: signedText(gradients[at]), new: numbers[1] }
}

/** @param {Term} term */
const product = ({ value, arriving }) => `${value}·${signedText(arriving)}`

/**
 * A number as it stands behind a sign: negative ones in brackets.
 * @param {number} value
 */
const signedText = (value) => {
  const text = fixed(value, 3)
  return text.startsWith("−") ? `(${text})` : text
}
