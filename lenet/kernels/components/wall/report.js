/** The server is told which moment the wall shows when the reader turns to the rest of the page, whose files are of this
 * moment. While the wall is in use the server hears nothing. */

/** @import { Host } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

/** @type {string | null} what the server knows, for as long as the page lives */
let known = null

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Host} host
 * @param {AbortSignal} signal ends it
 */
export function reportMoments(root, state, host, signal) {
  known ??= JSON.stringify(momentOfLink(state.scene))
  const report = () => {
    if (state.scene.still || !state.scene.wall) return
    const moment = momentOf(state)
    if (JSON.stringify(moment) === known) return
    known = JSON.stringify(moment)
    host.setStateValue("moment", moment)
  }
  const isElsewhere = (/** @type {EventTarget | null} */ target) => target instanceof Node && !root.contains(target)
  window.addEventListener("click", (event) => event.composedPath().includes(root) || report(), { signal })
  root.addEventListener("focusout", (event) => isElsewhere(event.relatedTarget) && report(), { signal })
}

/**
 * What is shown; without a step: the end of training.
 * @param {State} state
 */
export function momentOf({ scene, isAtEnd, isSecond, step }) {
  return { run: scene.run, step: isAtEnd ? null : step, layer: isSecond ? 2 : 1 }
}

/**
 * What the reader's link says, which the server has read.
 * @param {Scene} scene
 */
export function momentOfLink({ run, asked }) {
  return { run, step: asked.step === undefined ? null : Number(asked.step), layer: asked.layer === "2" ? 2 : 1 }
}
