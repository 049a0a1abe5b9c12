/** Fingers on a figure: drawn sideways they move something in it, up and down they scroll the page. Where that is wanted
 * the style sheet says `touch-action: pan-y`. */

const SLACK = 8 // CSS pixels that a finger moves while it taps

/**
 * Follow a finger that is drawn sideways over an element. A tap is a click, as of a mouse.
 * @param {EventTarget} element
 * @param {(event: PointerEvent) => void} follow
 */
export function followFinger(element, follow) {
  /** @type {PointerEvent | null} where it came down */
  let start = null
  let isSideways = false
  element.addEventListener("pointerdown", (event) => {
    start = event instanceof PointerEvent && isFinger(event) && event.isPrimary ? event : null
    isSideways = false
  })
  element.addEventListener("pointermove", (event) => {
    if (!(event instanceof PointerEvent) || start?.pointerId !== event.pointerId) return
    isSideways ||= isAcross(event.clientX - start.clientX, event.clientY - start.clientY)
    if (isSideways) follow(event)
  })
  // A finger that scrolls the page is the browser's: it ends here with "pointercancel".
  const end = () => {
    start = null
  }
  element.addEventListener("pointerup", end)
  element.addEventListener("pointercancel", end)
}

/**
 * Whether a way is more than a tap's, and more sideways than up or down.
 * @param {number} x
 * @param {number} y
 */
export const isAcross = (x, y) => Math.abs(x) > SLACK && Math.abs(x) > Math.abs(y)

/** @param {PointerEvent} event */
export const isFinger = (event) => event.pointerType === "touch"

/** Whether this device is used with fingers rather than with a mouse and keys. */
export const hasFingers = () => matchMedia("(hover: none), (pointer: coarse)").matches
