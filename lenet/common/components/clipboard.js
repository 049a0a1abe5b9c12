/** Copying: over plain http, as on a phone in the Wi-Fi of a laptop, browsers have no `navigator.clipboard`. */

/**
 * Copy a text; false where the browser does not let us.
 * @param {string} text
 * @param {Element} place where a field may stand for a moment
 */
export async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text, place)
  }
}

/**
 * The older way: select the text in a field, and have the browser copy what is selected.
 * @param {string} text
 * @param {Element} place
 */
function copySelected(text, place) {
  const field = document.createElement("textarea")
  field.value = text
  field.readOnly = true // no keyboard comes up on a phone
  field.style.cssText = "position: fixed; opacity: 0"
  place.append(field)
  field.select()
  const isCopied = document.execCommand("copy")
  field.remove()
  return isCopied
}
