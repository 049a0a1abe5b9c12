/** How large what is shown at the front may be. */

import { followWidth, pageTop } from "../../common/components/dom.js"

const LEAST = 260
const BELOW = 16 // CSS pixels that stay free below
const AROUND = 40 // where it is presented: margins of the stage, and what stays free below

/**
 * What is left of the screen below the top of `element`, which lies in `root`.
 * @param {HTMLElement} element
 * @param {HTMLElement} root
 */
export function heightLeft(element, root) {
  const isPresented = document.documentElement.classList.contains("presenting")
  if (!isPresented) return Math.max(LEAST, window.innerHeight - pageTop(element) - BELOW)
  const [box, own] = [root.getBoundingClientRect(), element.getBoundingClientRect()]
  const scale = box.width / root.offsetWidth || 1 // what is presented may be enlarged
  return Math.max(LEAST, (window.innerHeight - (own.top - box.top)) / scale - AROUND)
}

/**
 * Give an element the first of these sizes, the largest first, with which it is no higher than `height` and nothing in it that
 * stands side by side breaks into another row; if that is none of them, the last.
 * @param {HTMLElement} element
 * @param {string} name of the custom property that holds the size in CSS pixels
 * @param {readonly number[]} sizes
 * @param {number} height 0: its style sheet says how large it is
 */
export function enlarge(element, name, sizes, height) {
  element.style.removeProperty(name)
  if (!height) return
  for (const size of sizes) {
    element.style.setProperty(name, `${size}px`)
    if (element.scrollHeight <= height && !isBroken(element)) return
  }
}

/** @param {HTMLElement} element */
function isBroken(element) {
  const rows = [...element.querySelectorAll(":scope > .figure, :scope > .votes")]
  const tables = [...element.querySelectorAll(".scrolled")]
  return (
    tables.some((table) => table.scrollWidth > table.clientWidth) ||
    rows.some((row) => breaks([...row.children].map((part) => /** @type {HTMLElement} */ (part).offsetLeft)))
  )
}

/**
 * Whether parts with these left edges stand in more than one row.
 * @param {readonly number[]} lefts
 */
export const breaks = (lefts) => lefts.some((left, i) => i > 0 && left <= lefts[i - 1])

const SCROLL_BAR = 24 // CSS pixels that one takes at most

/**
 * Lay out anew whenever an element has another width than it was laid out for. A scroll bar does not count: what was laid out
 * for the room beside it may do without one, and that would never end.
 * @param {HTMLElement} element
 * @param {() => number} laid the width for which it was laid out
 * @param {() => void} lay
 */
export const followRoom = (element, laid, lay) =>
  followWidth(
    element,
    () => (Math.abs(element.clientWidth - laid()) < SCROLL_BAR ? element.clientWidth : laid()),
    lay,
  )
