/**
 * Numbers as people type and paste them: with decimal commas, full-width digits, typographic minus signs.
 * `lenet/common/numbers.py` reads them in the same way; tests/common/numbers.json is the table of cases for both.
 */

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g
const SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g
const MINUS = /[\u2010-\u2015\u2212\ufe58\ufe63]/g
const POINT = /[\u3002\uff61]/g // the full stop of Chinese and Japanese: what the key of the point types there
const FULL_WIDTH = /[\uff01-\uff0b\uff0d-\uff1a\uff1c-\uff5e]/g // but for “，” and “；”, which stand between numbers

const WITH_POINT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const WITH_COMMA = /^[+-]?(\d+(,\d*)?|,\d+)(e[+-]?\d+)?$/i // “1,” is “1,5” before its last digit
const WITH_GROUPS = /^[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d*)?(e[+-]?\d+)?$/i

/**
 * The text in ASCII as far as numbers are concerned, and without characters that nobody sees.
 * @param {string} text
 */
export const plain = (text) =>
  text
    .replace(INVISIBLE, "")
    .replace(SPACE, " ")
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(MINUS, "-")
    .replace(POINT, ".")

/**
 * What a text of one number can mean: nothing for “x”, 1.5 for “1,5”, two numbers for “1,234”.
 * @param {string} text
 * @returns {number[]}
 */
export function meanings(text) {
  const typed = plain(text).trim()
  /** @type {Set<number>} */
  const found = new Set()
  if (WITH_POINT.test(typed)) found.add(Number(typed))
  if (WITH_COMMA.test(typed)) found.add(Number(typed.replace(",", ".")))
  if (WITH_GROUPS.test(typed)) found.add(Number(typed.replaceAll(",", "")))
  return [...found].map((number) => number + 0)
}
