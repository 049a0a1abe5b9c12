/** The room that a picture has on the page or on the screen, measured. */

import { pageTop, textWidth } from "../../../common/components/dom.js"
import { hasFingers } from "../../../common/components/fingers.js"
import { measures } from "./layout.js"

/** @import { Room } from "./picture.js" */

const MARGIN = 12 // above what is presented; as in style.css
const FOOT = 4

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} holder
 * @param {{ isPresented: boolean, controls: HTMLElement }} look `controls`: what stays on screen where there are fingers
 * @returns {Room}
 */
export function measureRoom(root, holder, { isPresented, controls }) {
  const width = Math.floor(holder.clientWidth)
  const screen = { width: window.innerWidth, height: window.innerHeight }
  const { height, ...measured } = measures(screen, { width, top: pageTop(holder) }, isPresented)
  const taken = isPresented ? MARGIN + (hasFingers() ? controls.offsetHeight : FOOT) : 0
  const font = getComputedStyle(root).fontFamily
  const measure = (/** @type {string} */ text, /** @type {number} */ size, weight = 600) =>
    textWidth(text, `${weight} ${size}px ${font}`)
  return { width, height: height - taken, screen, measure, ...measured }
}
