/** How high what is shown at the front may be. */

import { pageTop } from "../../../common/components/dom.js"

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
