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
  const above = isPresented
    ? element.getBoundingClientRect().top - root.getBoundingClientRect().top + AROUND
    : pageTop(element) + BELOW
  return Math.max(LEAST, window.innerHeight - above)
}

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
