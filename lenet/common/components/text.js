/** Numbers and sentences as a reader sees them. */

/**
 * Put values into a sentence of Python's: "{n} of {total}".
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all))

/**
 * A number's text with a true minus sign.
 * @param {string} text
 */
export const minus = (text) => text.replace("-", "−")

/**
 * A number with as many decimals; with an exponent from a thousand on. Never "−0".
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  if (!Number.isFinite(value)) return "–"
  const text = Math.abs(value) < 1000 ? value.toFixed(decimals) : value.toExponential(1)
  return Number(text) === 0 ? text.replace("-", "") : minus(text)
}

/**
 * A number with as many decimals, or with an exponent where they would not show it, or where it is too long.
 * @param {number} value
 * @param {number} [decimals]
 */
export function significant(value, decimals = 3) {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  const isShown = size === 0 || (size >= 10 ** -decimals && size < 1e5)
  return minus(isShown ? value.toFixed(decimals) : value.toExponential(1))
}

/**
 * A text in lines that fit into `room`. Chinese may break anywhere; a word that is longer than a line stays whole.
 * @param {string} text
 * @param {number} room
 * @param {(text: string) => number} measure
 */
export function lines(text, room, measure) {
  /** @type {string[]} */
  const found = []
  for (const part of text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? []) {
    const longer = (found.at(-1) ?? "") + part
    if (found.length && measure(longer.trimEnd()) <= room) found[found.length - 1] = longer
    else found.push(part)
  }
  return found.map((line) => line.trimEnd())
}
