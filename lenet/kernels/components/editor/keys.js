/** Keys in the grid of fields. */

/** @typedef {{ start: number | null, end: number | null, length: number }} Selection in the text of a field */

/**
 * The field to which a key leads from field `i`: up, down and Enter go through the rows, left and right only from the
 * ends of a text. Null where the key belongs to the text; what lies outside the grid is no field.
 * @param {string} key
 * @param {number} i
 * @param {number} size
 * @param {Selection} selection
 */
export function fieldAfter(key, i, size, { start, end, length }) {
  const isAll = start === 0 && end === length
  switch (key) {
    case "ArrowUp":
      return i - size
    case "ArrowDown":
    case "Enter":
      return i + size
    case "ArrowLeft":
      return isAll || end === 0 ? i - 1 : null
    case "ArrowRight":
      return isAll || start === length ? i + 1 : null
    default:
      return null
  }
}

/**
 * By how much Shift and an arrow change a weight; 0: not at all.
 * @param {KeyboardEvent} event
 */
export function nudge({ shiftKey, key }) {
  if (!shiftKey) return 0
  return key === "ArrowUp" ? 0.1 : key === "ArrowDown" ? -0.1 : 0
}
