/** The form in which an answer is given. A cell is chosen in the figure itself. */

import { html } from "../../common/components/dom.js"
import { drawPanel } from "./panels.js"

/** @import { Scene } from "./scene.js" */

/** What the reader has answered, as Python reads it; null while nothing is.
 * @typedef {string[] | number | number[] | null} Value */

export class AnswerForm {
  /**
   * @param {HTMLElement} parent
   * @param {Scene} scene
   * @param {{ before: Value, cell: () => number[] | null, send: (value: Value) => void }} around what was typed before a
   *   refusal, the cell that is chosen in the figure, and what to do with an answer
   */
  constructor(parent, scene, { before, cell, send }) {
    const { form, verdict, words, refusal } = scene
    this.scene = scene
    this.cell = cell
    this.root = html("form", { class: "answer", novalidate: true, autocomplete: "off" }, parent)
    this.root.onsubmit = (event) => {
      event.preventDefault()
      send(this.value)
    }
    /** @type {HTMLInputElement[]} */
    this.inputs = []
    if (form.type === "number" || form.type === "shape")
      this.drawFields(Array.isArray(before) ? before.map(String) : [])
    if (form.type === "choice") this.drawOptions(before)
    if (!verdict) {
      this.button = html("button", { class: "check", type: "submit" }, this.root, words.check)
      html("div", { class: "remark", id: "remark" }, this.root, form.remark)
    }
    if (refusal) html("div", { class: "refusal", role: "alert" }, this.root, refusal)
    for (const input of this.inputs) input.disabled = Boolean(verdict)
  }

  /** @param {string[]} before */
  drawFields(before) {
    const { form, verdict } = this.scene
    form.labels.forEach((label, n) => {
      const field = html("label", { class: "field" }, this.root, label)
      const input = html("input", { type: "text", maxlength: 40, "aria-describedby": "remark" }, field)
      // The keys for numbers of some phones have no minus, which the numbers of a shape never need.
      if (form.type === "shape") input.inputMode = "numeric"
      input.value = verdict ? String(verdict.given[n]) : (before[n] ?? "")
      this.inputs.push(input)
    })
  }

  /** @param {Value} before */
  drawOptions(before) {
    const { form, verdict, words } = this.scene
    const group = html("fieldset", { class: form.pictures.length ? "options pictures" : "options" }, this.root)
    html("legend", { class: "live" }, group, words.choose)
    form.options.forEach((option, n) => {
      const label = html("label", { class: "option" }, group)
      const input = html("input", { type: "radio", name: "option", value: n }, label)
      this.inputs.push(input)
      if (form.pictures[n]) drawPanel(label, form.pictures[n], words)
      else html("span", {}, label, option)
      input.checked = before === n
      if (!verdict) return
      input.checked = verdict.given[0] === n
      if (verdict.answer[0] === n) label.classList.add("right")
      else if (input.checked) label.classList.add("wrong")
    })
  }

  /** @returns {Value} */
  get value() {
    const { type } = this.scene.form
    if (type === "cell") return this.cell()
    if (type !== "choice") return this.inputs.map((input) => input.value)
    const chosen = this.inputs.findIndex((input) => input.checked)
    return chosen < 0 ? null : chosen
  }
}
