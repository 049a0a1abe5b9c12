/**
 * A reader's progress: which exercises were answered right at the first attempt, and which lessons were answered. Kept by
 * this browser, and as a file.
 */

/** The first answers to exercises: by kind and seed 1 for a right one, 0 for a wrong one.
 * @typedef {Record<string, Record<string, 0 | 1>>} Answers */

/** The names of the lessons of each page that were answered.
 * @typedef {Record<string, string[]>} Lessons */

/** @typedef {{ answers: Answers, lessons: Lessons }} Progress */
/** @typedef {{ right: number, all: number }} Count */

export const FORMAT = 1
export const MAX_BYTES = 2_000_000
const NAME = /^[a-z][a-z0-9-]{0,40}$/
const SEED = /^(0|[1-9]\d{0,8})$/

/** @type {Progress} */
export const NONE = { answers: {}, lessons: {} }

/**
 * With one more answer; the first answer to an exercise counts.
 * @param {Progress} progress
 * @param {string} kind
 * @param {number} seed
 * @param {boolean} right
 * @returns {Progress}
 */
export function withAnswer(progress, kind, seed, right) {
  return merged({ answers: { [kind]: { [seed]: right ? 1 : 0 } }, lessons: {} }, progress)
}

/**
 * With these lessons of a page as well.
 * @param {Progress} progress
 * @param {string} page
 * @param {string[]} names
 * @returns {Progress}
 */
export function withLessons(progress, page, names) {
  return names.length ? merged({ answers: {}, lessons: { [page]: names } }, progress) : progress
}

/**
 * The progress of two readers, or one's from two places; where both have an answer, that of `kept` counts.
 * @param {Progress} added
 * @param {Progress} kept
 * @returns {Progress}
 */
export function merged(added, kept) {
  /** @type {Progress} */
  const found = { answers: {}, lessons: {} }
  for (const kind of new Set([...Object.keys(kept.answers), ...Object.keys(added.answers)]))
    found.answers[kind] = { ...added.answers[kind], ...kept.answers[kind] }
  for (const page of new Set([...Object.keys(kept.lessons), ...Object.keys(added.lessons)]))
    found.lessons[page] = [...new Set([...lessonsOf(kept, page), ...lessonsOf(added, page)])]
  return found
}

/**
 * How many exercises of a kind were answered, and how many right.
 * @param {Progress} progress
 * @param {string} kind
 * @returns {Count}
 */
export function countOf({ answers }, kind) {
  const given = Object.values(answers[kind] ?? {})
  return { right: given.filter((one) => one === 1).length, all: given.length }
}

/**
 * The lessons of a page that were answered.
 * @param {Progress} progress
 * @param {string} page
 */
export const lessonsOf = ({ lessons }, page) => lessons[page] ?? []

/**
 * How many lessons were answered, of all pages.
 * @param {Progress} progress
 */
export const lessonCount = ({ lessons }) => Object.values(lessons).flat().length

/**
 * How many answers there are, to exercises and to lessons.
 * @param {Progress} progress
 * @returns {number}
 */
export const total = (progress) =>
  Object.values(progress.answers).reduce((sum, seeds) => sum + Object.keys(seeds).length, lessonCount(progress))

/**
 * As a text that `parse` reads back.
 * @param {Progress} progress
 */
export const toText = ({ answers, lessons }) => JSON.stringify({ format: FORMAT, answers, lessons })

/**
 * The progress in a text that `toText` wrote; null for any other. Without lessons it is an older one.
 * @param {string} text
 * @returns {Progress | null}
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
  if (!isRecord(read) || read.format !== FORMAT) return null
  const [answers, lessons] = [answersIn(read.answers), lessonsIn(read.lessons ?? {})]
  return answers && lessons && { answers, lessons }
}

/**
 * @param {unknown} read
 * @returns {Answers | null}
 */
function answersIn(read) {
  if (!isRecord(read)) return null
  /** @type {Answers} */
  const answers = {}
  for (const [kind, seeds] of Object.entries(read)) {
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
 * @param {unknown} read
 * @returns {Lessons | null}
 */
function lessonsIn(read) {
  if (!isRecord(read)) return null
  /** @type {Lessons} */
  const lessons = {}
  for (const [page, names] of Object.entries(read)) {
    const areNames = Array.isArray(names) && names.every((name) => typeof name === "string" && NAME.test(name))
    if (!NAME.test(page) || !areNames) return null
    lessons[page] = names
  }
  return lessons
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value)
