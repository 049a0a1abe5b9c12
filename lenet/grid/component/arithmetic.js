/** The arithmetic of a window in words, and where these break into lines. */

import { fill } from "../../common/components/text.js"
import { given, INPUT } from "./scene.js"

/** @import { Windows } from "./windows.js" */

/**
 * A word of arithmetic, with what stands before and after it. It is never broken across lines.
 * @typedef {object} Term
 * @property {string} text
 * @property {string} [before]
 * @property {string} [after]
 * @property {string} [class] how it looks
 */

const MOST = 40 // numbers; a longer list is cut
const SHOWN_OF_MORE = MOST - 8

/** @param {Term} term */
export const plain = (term) => (term.before ?? "") + term.text + (term.after ?? "")

/** @param {string} text */
const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text)

/**
 * What makes an output cell: its numbers, and what comes of them.
 * @param {Windows} windows
 * @param {number} channel
 * @param {number} step
 * @returns {Term[]}
 */
export function forward(windows, channel, step) {
  const { scene } = windows
  const isMax = scene.mode === "max"
  const numbers = cut(windowNumbers(windows, channel, step), scene.words.more_cells)
  const terms = numbers.map((term, n) => ({ ...term, after: n === numbers.length - 1 ? ")" : isMax ? "," : " +" }))
  terms[0] = { ...terms[0], before: isMax ? "max(" : "(" }
  /** @type {Term} */
  const result = { before: "= ", text: scene.output.texts[channel][step], class: "result" }
  if (windows.isWrong(channel, step)) {
    const { comma, not_value } = scene.words
    result.after = comma + fill(not_value, { value: given(scene.truth)[channel][step] })
  }
  if (isMax) return [...terms, result]
  const [sum, divisor] = [given(scene.sums)[channel][step], given(scene.divisors)[step]]
  return [...terms, { text: `/ ${divisor}` }, { before: "= ", text: `${sum} / ${divisor}` }, result]
}

/**
 * @param {Windows} windows
 * @param {number} channel
 * @param {number} step
 * @returns {Term[]}
 */
function windowNumbers(windows, channel, step) {
  const { scene } = windows
  const winner = windows.winner(channel, step)
  const [rows, columns] = windows.window(step)
  return rows.flatMap((row) =>
    columns
      .filter((column) => windows.counts(row, column))
      .map((column) => {
        const isInput = windows.kind(row, column) === INPUT
        const index = windows.index("in", [row, column])
        const text = isInput ? scene.input.texts[channel][index] : scene.padding_text
        const isWinner = winner !== null && row === winner[0] && column === winner[1]
        const look = isWinner ? "winner" : isInput ? "" : "muted"
        return { text: scene.mode === "max" ? text : bracketed(text), class: look }
      }),
  )
}

/**
 * @param {Term[]} numbers
 * @param {string} more the words for those that are left out
 * @returns {Term[]}
 */
function cut(numbers, more) {
  if (numbers.length <= MOST) return numbers
  return [...numbers.slice(0, SHOWN_OF_MORE), { text: fill(more, { n: numbers.length }), class: "muted" }]
}

/**
 * Where the gradient of an output cell goes.
 * @param {Windows} windows
 * @param {number} channel
 * @param {number} step
 * @returns {Term[]}
 */
export function backward(windows, channel, step) {
  const { scene } = windows
  const { words } = scene
  const arriving = scene.output.texts[channel][step]
  if (scene.mode === "avg") {
    const share = given(scene.shares).texts[channel][step]
    return [
      { text: arriving },
      { text: `/ ${given(scene.divisors)[step]}` },
      { before: "= ", text: share, class: "result" },
      { text: words.to_each, class: "small" },
    ]
  }
  const winner = windows.winner(channel, step)
  if (!winner) return [{ text: arriving }, { before: "→ ", text: words.to_none }]
  const place = fill(words.row_column, { row: winner[0] + 1, column: winner[1] + 1 })
  return [
    { text: arriving, class: "result" },
    { before: "→ ", text: place, class: "winner" },
  ]
}

/**
 * The gradient that an input cell receives: a number from each window that sends it one, and their sum.
 * @param {Windows} windows
 * @param {number} channel
 * @param {number} index
 * @returns {Term[]}
 */
export function received(windows, channel, index) {
  const { scene } = windows
  const containing = windows.containing(index)
  const senders =
    scene.mode === "max" ? containing.filter((step) => given(scene.winners)[channel][step] === index) : containing
  if (senders.length === 0) return [{ text: scene.words.received_none }]
  const texts = senders.map((step) => given(scene.shares).texts[channel][step])
  const shown = texts.length > MOST ? [...texts.slice(0, SHOWN_OF_MORE), "…"] : texts
  /** @type {Term[]} */
  const terms = shown.map((text, n) => ({
    text: n > 0 ? bracketed(text) : text,
    after: n < shown.length - 1 ? " +" : "",
  }))
  if (texts.length > 1) terms.push({ before: "= ", text: scene.input.texts[channel][index], class: "result" })
  return terms
}

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
    if (used + wide > width && lines[lines.length - 1].length > 0) {
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
