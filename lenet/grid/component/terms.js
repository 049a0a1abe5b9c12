/** Arithmetic in words, and where these break into lines. */

/**
 * A word of arithmetic, with what stands before and after it. It is never broken across lines.
 * @typedef {object} Term
 * @property {string} text
 * @property {string} [before]
 * @property {string} [after]
 * @property {string} [class] how it looks
 * @property {boolean} [begins] it begins a line
 */

const MOST = 40 // numbers; a longer list is cut
const SHOWN_OF_MORE = MOST - 8

/** @param {Term} term */
export const plain = (term) => (term.before ?? "") + term.text + (term.after ?? "")

/** @param {string} text */
export const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text)

/**
 * The numbers of a list, and in place of those that are too many one term.
 * @param {Term[]} numbers
 * @param {string} more what stands for the others
 * @returns {Term[]}
 */
export const cut = (numbers, more) =>
  numbers.length <= MOST ? numbers : [...numbers.slice(0, SHOWN_OF_MORE), { text: more, class: "muted" }]

/**
 * Numbers that are added: `1 + (−2) + 3`.
 * @param {Term[]} numbers
 * @returns {Term[]}
 */
export const added = (numbers) =>
  numbers.map((term, n) => ({
    ...term,
    text: n > 0 ? bracketed(term.text) : term.text,
    after: n < numbers.length - 1 ? " +" : "",
  }))

/**
 * Terms in lines that fit a width.
 * @param {Term[]} terms
 * @param {number} width
 * @param {(text: string, isBold: boolean) => number} measure how wide a text becomes
 */
export function lines(terms, width, measure) {
  /** @type {Term[][]} */
  const lines = [[]]
  let used = 0
  for (const term of terms) {
    const isBold = term.class === "result" || term.class === "winner"
    const wide = measure((used ? " " : "") + plain(term), isBold)
    if ((term.begins || used + wide > width) && lines[lines.length - 1].length > 0) {
      lines.push([])
      used = 0
    }
    lines[lines.length - 1].push(term)
    used += wide
  }
  return lines
}

// Chinese has no spaces: a line may end before any of its characters, but punctuation stays with its word.
const WORD = /[（“]?(?:[^\s\u3000-\u9fff\uff00-\uffef]+|[\u3000-\u9fff\uff00-\uffef])[，。：；、）”]*\s*/g

/**
 * A sentence in lines that fit a width.
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure
 */
export function sentenceLines(text, width, measure) {
  const lines = [""]
  for (const word of text.match(WORD) ?? []) {
    const longer = lines[lines.length - 1] + word
    if (lines[lines.length - 1] && measure(longer) > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
