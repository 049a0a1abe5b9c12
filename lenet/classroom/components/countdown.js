/** The time that is left, counted down in the browser: the server says how many seconds were left when it last spoke. */

import { html } from "../../common/components/dom.js"

/**
 * Seconds as a clock shows them: 1:05.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
}

const BEAT = 200 // milliseconds
const HURRY = 10 // seconds

export class Countdown {
  /**
   * @param {HTMLElement} parent
   * @param {() => void} over what to do when the time is up
   */
  constructor(parent, over) {
    this.root = html("div", { class: "countdown", role: "timer", "aria-live": "off", hidden: "" }, parent)
    this.over = over
    this.end = 0
  }

  /** @param {number | null} left seconds; null: nobody counts */
  set(left) {
    clearInterval(this.timer)
    this.root.hidden = left === null
    if (left === null) return
    // The clock of the day goes on while a phone sleeps.
    this.end = Date.now() + 1000 * left
    this.timer = setInterval(() => this.show(), BEAT)
    this.show(true)
  }

  /** @param {boolean} [isFirst] */
  show(isFirst = false) {
    const left = (this.end - Date.now()) / 1000
    this.root.textContent = clock(left)
    this.root.classList.toggle("hurry", left <= HURRY)
    if (left > 0) return
    clearInterval(this.timer)
    if (!isFirst) this.over()
  }

  close() {
    clearInterval(this.timer)
  }
}
