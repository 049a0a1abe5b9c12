/** The weights as a grid of fields. */

import { css, ink, signed } from "../../../common/components/color.js"
import { focused, html } from "../../../common/components/dom.js"
import { largest } from "../../../common/components/math.js"
import { fill, minus } from "../../../common/components/text.js"
import { fieldAfter, nudge } from "./keys.js"
import { parse, tidy } from "./weights.js"

/** @import { Scene } from "./scene.js" */

/**
 * What the reader wants.
 * @typedef {object} Intents
 * @property {(i: number, weight: number) => void} type a weight
 * @property {(text: string) => void} refuse what was typed: it is no weight
 * @property {(i: number, by: number) => void} nudge a weight
 * @property {() => void} leave a field
 */

export class Cells {
  /**
   * @param {HTMLElement} parent
   * @param {Intents} intents
   */
  constructor(parent, intents) {
    this.grid = html("div", { class: "grid", role: "group" }, parent)
    this.intents = intents
    this.size = 0
    this.limit = 0
    /** @type {HTMLInputElement[]} */
    this.fields = []
  }

  /** @param {Scene} scene */
  setScene({ size, limit, words }) {
    this.size = size
    this.limit = limit
    this.grid.style.gridTemplateColumns = `repeat(${size}, 1fr)`
    this.grid.style.setProperty("--columns", String(size))
    this.grid.replaceChildren()
    this.fields = Array.from({ length: size * size }, (_, i) => {
      const label = fill(words.cell, { row: Math.floor(i / size) + 1, column: (i % size) + 1 })
      // No `inputmode`: the keys for numbers of some phones have no minus.
      const attributes = { type: "text", "aria-label": label, autocomplete: "off" }
      const field = html("input", { class: "cell", ...attributes }, this.grid)
      field.oninput = () => this.typed(i)
      field.onblur = this.intents.leave
      field.onkeydown = (event) => this.key(event, i)
      return field
    })
  }

  /**
   * Put the weights into their fields.
   * @param {number[]} weights
   */
  write(weights) {
    this.fields.forEach((field, i) => {
      field.value = minus(tidy(weights[i]))
      field.setAttribute("aria-invalid", "false")
    })
  }

  /**
   * Colour the fields.
   * @param {number[]} weights
   * @param {Scene["scale"]} scale
   */
  paint(weights, scale) {
    const limit = largest(weights) || 1
    this.fields.forEach((field, i) => {
      const color = signed(scale, weights[i], limit)
      Object.assign(field.style, { background: css(color), color: ink(color) })
    })
  }

  /**
   * Take a field's text as a weight at once; where it is none the old weight stays.
   * @param {number} i
   */
  typed(i) {
    const text = this.fields[i].value
    const weight = parse(text)
    const isGood = Math.abs(weight) <= this.limit
    this.fields[i].setAttribute("aria-invalid", String(!isGood))
    if (isGood) this.intents.type(i, weight)
    else this.intents.refuse(text)
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  key(event, i) {
    const { selectionStart: start, selectionEnd: end, value } = this.fields[i]
    const by = nudge(event)
    const next = fieldAfter(event.key, i, this.size, { start, end, length: value.length })
    if (by) this.intents.nudge(i, by)
    else if (next !== null) this.fields[next]?.focus()
    else return
    event.preventDefault()
    const inFocus = focused(this.grid)
    if (inFocus instanceof HTMLInputElement && this.fields.includes(inFocus)) inFocus.select()
  }
}
