/** Where the browser keeps a reader's progress. A browser may refuse to: then it lasts as long as the page is open. */

import { parse, toText } from "./progress.js"

/** @import { Answers } from "./progress.js" */

const KEY = "lenet-exercises"

/** @type {Answers} */
let remembered = {}

/** @returns {Answers} */
export function readAnswers() {
  try {
    return parse(localStorage.getItem(KEY) ?? "") ?? remembered
  } catch {
    return remembered
  }
}

/**
 * @param {Answers} answers
 * @returns {boolean} whether the browser has kept them
 */
export function keepAnswers(answers) {
  remembered = answers
  try {
    localStorage.setItem(KEY, toText(answers))
    return true
  } catch {
    return false
  }
}
