/** A reader's progress: which exercises were answered right at the first attempt. Kept by this browser, and as a file. */

/** The first answers to exercises: by kind and seed 1 for a right one, 0 for a wrong one.
 * @typedef {Record<string, Record<string, 0 | 1>>} Answers */

/** @typedef {{ right: number, all: number }} Count */

export const FORMAT = 1
export const MAX_BYTES = 2_000_000
const NAME = /^[a-z][a-z0-9-]{0,40}$/
const SEED = /^(0|[1-9]\d{0,8})$/

/**
 * The answers with one more; the first answer to an exercise counts.
 * @param {Answers} answers
 * @param {string} kind
 * @param {number} seed
 * @param {boolean} right
 * @returns {Answers}
 */
export function withAnswer(answers, kind, seed, right) {
  return merged({ [kind]: { [seed]: right ? 1 : 0 } }, answers)
}

/**
 * Two readers' answers, or one's from two places; where both have one, that of `kept` counts.
 * @param {Answers} added
 * @param {Answers} kept
 * @returns {Answers}
 */
export function merged(added, kept) {
  /** @type {Answers} */
  const found = {}
  for (const kind of new Set([...Object.keys(kept), ...Object.keys(added)]))
    found[kind] = { ...added[kind], ...kept[kind] }
  return found
}

/**
 * How many exercises of a kind were answered, and how many right.
 * @param {Answers} answers
 * @param {string} kind
 * @returns {Count}
 */
export function countOf(answers, kind) {
  const given = Object.values(answers[kind] ?? {})
  return { right: given.filter((one) => one === 1).length, all: given.length }
}

/**
 * @param {Answers} answers
 * @returns {number}
 */
export const total = (answers) => Object.values(answers).reduce((sum, seeds) => sum + Object.keys(seeds).length, 0)

/**
 * As a text that `parse` reads back.
 * @param {Answers} answers
 */
export const toText = (answers) => JSON.stringify({ format: FORMAT, answers })

/**
 * The answers of a text that `toText` wrote; null for any other.
 * @param {string} text
 * @returns {Answers | null}
 */
export function parse(text) {
  if (text.length > MAX_BYTES) return null
  /** @type {unknown} */
  let read
  try {
    read = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(read) || read.format !== FORMAT || !isRecord(read.answers)) return null
  /** @type {Answers} */
  const answers = {}
  for (const [kind, seeds] of Object.entries(read.answers)) {
    if (!NAME.test(kind) || !isRecord(seeds)) return null
    answers[kind] = {}
    for (const [seed, right] of Object.entries(seeds)) {
      if (!SEED.test(seed) || (right !== 0 && right !== 1)) return null
      answers[kind][seed] = right
    }
  }
  return answers
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value)
