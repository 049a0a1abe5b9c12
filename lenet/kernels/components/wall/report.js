/** The server is told which moment the wall shows when the reader turns to the rest of the page, whose files are of this
 * moment. While the wall is in use the server hears nothing. */

/** @import { Host } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

const DELAY = 100 // milliseconds

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
  // What is clicked may run the page, and Streamlit sends what changes at the same time as one: with a part of the page among
  // it, that part alone would run. So the report comes after.
  let timer = 0
  const reportSoon = () => {
    clearTimeout(timer)
    timer = window.setTimeout(report, DELAY)
  }
  let isPressed = false
  const isElsewhere = (/** @type {EventTarget | null} */ target) => target instanceof Node && !root.contains(target)
  const press = (/** @type {boolean} */ value) => () => {
    isPressed = value
  }
  window.addEventListener("pointerdown", press(true), { signal, capture: true })
  for (const end of ["pointerup", "pointercancel"])
    window.addEventListener(end, press(false), { signal, capture: true })
  window.addEventListener("click", (event) => event.composedPath().includes(root) || reportSoon(), { signal })
  root.addEventListener("focusout", (event) => isPressed || (isElsewhere(event.relatedTarget) && reportSoon()), {
    signal,
  })
  signal.addEventListener("abort", () => clearTimeout(timer))
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
