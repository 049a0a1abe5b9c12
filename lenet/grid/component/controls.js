/** The controls below the picture: they move the window, and say where it is. */

import { button, html, setName, setOptions } from "../../common/components/dom.js"
import { Scrubber } from "../../common/components/scrubber.js"
import { fill } from "../../common/components/text.js"

/** @import { Scene } from "./scene.js" */

/**
 * What the reader wants.
 * @typedef {object} Intents
 * @property {(step: number) => void} go
 * @property {() => void} togglePlay
 * @property {() => void} showAll
 * @property {(perSecond: number) => void} setSpeed
 * @property {() => void} save
 */

const SPEEDS = [1, 2, 5, 15, 60] // windows per second

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Intents} intents
   */
  constructor(root, intents) {
    const controls = html("div", { class: "controls" }, root)
    const bar = html("div", { class: "bar" }, controls)
    const more = html("div", { class: "more" }, controls)
    this.scrubber = new Scrubber(bar, intents, { className: "step", first: 1 })
    this.count = html("span", { class: "count" }, bar)
    this.all = button("all", "", more, intents.showAll)
    this.speeds = html("select", { class: "speed" }, more)
    this.speeds.onchange = () => intents.setSpeed(Number(this.speeds.value))
    this.formula = html("span", { class: "formula" }, more)
    this.save = button("save", "", more, intents.save)
    this.hint = html("div", { class: "hint" }, root)
  }

  /**
   * @param {Scene} scene
   * @param {number} speed
   */
  setScene({ words, back, mode, formula }, speed) {
    this.scrubber.setWords(words)
    this.all.title = words.all
    setName(this.speeds, words.speed)
    this.save.textContent = words.save
    this.all.hidden = Boolean(back) && mode !== "conv"
    this.all.textContent = words.all_short
    const hasMouse = window.matchMedia("(hover: hover)").matches
    this.hint.textContent = hasMouse ? words.hint : words.hint_touch
    setOptions(
      this.speeds,
      SPEEDS.map((n) => [n, fill(words.per_second, { n })]),
    )
    this.speeds.value = String(speed)
    this.formula.replaceChildren(...formula.map((line) => html("span", {}, null, line)))
  }

  /**
   * @param {Scene} scene
   * @param {{ step: number, total: number, isPlaying: boolean, isPart: boolean }} state `isPart`: not all is shown
   */
  show({ words }, { step, total, isPlaying, isPart }) {
    const text = fill(words.step, { n: step + 1, total })
    this.scrubber.show({ index: step, last: total - 1, text, isPlaying })
    this.all.disabled = !isPart
    this.count.textContent = `${step + 1} / ${total}`
  }
}
