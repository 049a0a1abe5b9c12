/**
 * The field for the code of a class, for those who cannot scan it. To Python goes the trigger `join`, what was typed: the
 * server reads it, and says what is wrong with it. What was typed stays.
 */

import { button, html } from "../../../common/components/dom.js"

/** @import { Component } from "../../../common/components/component.js" */

/**
 * @typedef {object} Scene see lenet/classroom/people.py
 * @property {string} typed what was sent last, or stands in the link
 * @property {string} refusal what is wrong with it; "" if nothing
 * @property {number} letters of a code
 * @property {Record<"label" | "hint" | "join", string>} words
 */

/** @type {Component<Scene>} */
export default function codeField(root, host, first) {
  const form = html("form", { class: "field" }, root)
  const label = html("label", {}, form)
  const name = html("span", {}, label)
  const field = html(
    "input",
    { type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: false },
    label,
  )
  field.setAttribute("maxlength", "20")
  field.value = first.typed
  const join = button("play", "", form, () => {})
  join.type = "submit"
  const said = html("p", { class: "said", id: "said", role: "status" }, form)
  form.onsubmit = (event) => {
    event.preventDefault()
    if (field.value.trim()) host.setTriggerValue("join", field.value)
    else field.focus()
  }
  return {
    update({ refusal, letters, words }) {
      name.textContent = words.label
      join.textContent = words.join
      field.size = letters + 1
      said.textContent = refusal || words.hint
      said.classList.toggle("refusal", Boolean(refusal))
      field.setAttribute("aria-invalid", String(Boolean(refusal)))
      field.setAttribute("aria-describedby", "said")
      if (refusal) field.select()
    },
  }
}
