/** Copying. Browsers have the clipboard only where the page came over https; elsewhere a text is selected and copied as by keys. */

import { html } from "./dom.js"

/**
 * Copy a text; false where the browser does not let us.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

/** @param {string} text */
function copySelected(text) {
  const before = document.activeElement
  const inner = before?.shadowRoot?.activeElement ?? before
  const field = html("textarea", { readonly: true }, document.body) // no keyboard comes up on a phone
  field.value = text
  Object.assign(field.style, { position: "fixed", top: "0", opacity: "0" })
  field.select()
  const isDone = document.execCommand("copy")
  field.remove()
  if (inner instanceof HTMLElement) inner.focus({ preventScroll: true })
  return isDone
}
