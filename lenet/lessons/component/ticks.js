/**
 * The ticks behind the titles of lessons that a reader has answered: this browser keeps them, with the progress of the
 * exercises.
 */

import { lessonsOf, withLessons } from "../../exercises/component/progress.js"
import { KEY, keepProgress, readProgress } from "../../exercises/component/storage.js"

/**
 * @typedef {object} List the lessons of a page, as Python writes it: see lenet/ui/lesson_ticks.py
 * @property {string} page
 * @property {string[]} names of its lessons, in the order of their buttons
 * @property {string[]} answered those that were answered since the page was loaded
 * @property {string} word what the tick says to who hears it
 */

/** @type {List | null} */
let shown = null
/** @type {HTMLStyleElement | null} */
let style = null

/**
 * Keep what was answered, and tick all that ever was.
 * @param {List} list
 */
export function tick(list) {
  const known = lessonsOf(readProgress(), list.page)
  const added = list.answered.filter((name) => !known.includes(name))
  if (added.length) keepProgress(withLessons(readProgress(), list.page, added))
  if (!style) {
    style = document.head.appendChild(document.createElement("style"))
    window.addEventListener("storage", ({ key }) => (key === KEY || key === null) && draw())
  }
  shown = list
  draw()
}

function draw() {
  if (style && shown) style.textContent = rules(shown, lessonsOf(readProgress(), shown.page))
}

/**
 * The buttons are Streamlit's: a rule of style does not get into its way.
 * @param {List} list
 * @param {string[]} answered
 */
export function rules({ names, word }, answered) {
  const places = [...names.keys()].filter((at) => answered.includes(names[at]))
  const buttons = places.map((at) => `.st-key-chosen button:nth-of-type(${at + 1}) p::after`)
  return buttons.length ? `${buttons.join(",\n")} { content: " ✓" / ${JSON.stringify(` ${word}`)}; }` : ""
}
