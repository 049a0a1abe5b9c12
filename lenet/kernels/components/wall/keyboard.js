/** The keys of the page, of the controls, and of a presentation. */

import { isChord } from "../../../common/components/keys.js"
import { presentationKey, scrubKey } from "./keys.js"
import { keepsKey, stayWithin } from "./presentation.js"

/** @import { Asked, Command } from "./keys.js" */
/** @import { SideName } from "./picture.js" */

/**
 * What the view does with keys.
 * @typedef {object} Keys
 * @property {() => boolean} isPresented
 * @property {() => boolean} isSharing
 * @property {EventTarget[]} scrubber the controls on which keys move through training
 * @property {HTMLElement} play the button for which Space is
 * @property {() => HTMLElement} front what is on screen in a presentation
 * @property {() => boolean} isBlank the screen of a presentation
 * @property {(by: number) => void} move by so many snapshots
 * @property {(by: 1 | -1) => void} turn a page of a presentation
 * @property {(kernel: number | null) => void} enlarge a kernel, as an index; null: show all
 * @property {Record<Command, () => void>} commands
 * @property {(side: SideName, key: string) => boolean} point from weight to weight; false for another key
 * @property {() => void} closeShare
 */

/**
 * @param {HTMLElement} root
 * @param {Keys} keys
 * @param {AbortSignal} signal ends the listening
 */
export function listenToKeys(root, keys, signal) {
  root.addEventListener("keydown", (event) => onPage(event, keys), { signal })
  window.addEventListener("keydown", (event) => keys.isPresented() && inPresentation(event, keys), { signal })
}

/**
 * @param {KeyboardEvent} event
 * @param {Keys} keys
 */
function onPage(event, keys) {
  if (keys.isPresented() || isChord(event)) return
  const { target } = event
  const side = sideOf(target)
  if (side) {
    const isTaken = keys.point(side, event.key) || (event.key === " " && obey({ command: "play" }, keys))
    if (isTaken) event.preventDefault()
  } else if (target && keys.scrubber.includes(target) && obey(scrubKey(event.key), keys)) event.preventDefault()
}

/**
 * @param {KeyboardEvent} event
 * @param {Keys} keys
 */
function inPresentation(event, keys) {
  if (isChord(event)) return
  const [target] = event.composedPath()
  if (event.key === "Tab") return stayWithin(event, keys.front())
  const side = sideOf(target)
  const isPointing = side !== null && event.key !== "Escape"
  if (keys.isBlank()) keys.commands.blank()
  else if (keys.isSharing()) {
    if (!["Escape", "l", "L"].includes(event.key)) return
    keys.closeShare()
  } else if (!isPointing || !keys.point(side, event.key)) {
    if (target !== keys.play && keepsKey(target, event.key)) return
    if (!obey(presentationKey(event.key), keys)) return
  }
  event.preventDefault()
  event.stopPropagation()
}

/**
 * The kernels that have the keys.
 * @param {EventTarget | null | undefined} target
 * @returns {SideName | null}
 */
function sideOf(target) {
  const side = target instanceof SVGElement ? target.getAttribute("data-side") : null
  return side === "wall" || side === "note" ? side : null
}

/**
 * Returns whether anything was asked.
 * @param {Asked} asked
 * @param {Keys} keys
 */
function obey(asked, keys) {
  if (!asked) return false
  if ("by" in asked) keys.move(asked.by)
  else if ("page" in asked) keys.turn(asked.page)
  else if ("kernel" in asked) keys.enlarge(asked.kernel)
  else keys.commands[asked.command]()
  return true
}
