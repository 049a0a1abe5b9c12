/** Where the browser keeps a reader's progress. A browser may refuse to: then it lasts as long as the page is open. */

import { MAX_BYTES, NONE, parse, toText } from "./progress.js"

/** @import { Progress } from "./progress.js" */

export const KEY = "lenet-exercises"

/** What this page has come to know; the browser has it too, unless it would not keep it. */
let remembered = NONE
let isKept = true

/** @returns {Progress} */
export function readProgress() {
  if (!isKept) return remembered
  try {
    return parse(localStorage.getItem(KEY) ?? "") ?? remembered
  } catch {
    return remembered
  }
}

/**
 * @param {Progress} progress
 * @returns {boolean} whether the browser has kept it
 */
export function keepProgress(progress) {
  remembered = progress
  isKept = false
  const text = toText(progress)
  if (text.length > MAX_BYTES) return false // nobody could read it again
  try {
    localStorage.setItem(KEY, text)
    isKept = true
  } catch (error) {
    console.info("This browser keeps no progress:", error)
  }
  return isKept
}
