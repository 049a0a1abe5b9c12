/** The task, the learning rate, and buttons that step, play and begin again. */

import { button, html, setName, setOptions } from "../../../common/components/dom.js"

/** @import { Scene } from "./scene.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} Intents
 * @property {(key: string) => void} use a task
 * @property {(rate: number) => void} setRate
 * @property {() => void} step
 * @property {() => void} togglePlay
 * @property {() => void} reset
 * @property {() => void} toggleReveal
 */

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Intents} intents
   */
  constructor(root, intents) {
    const bar = html("div", { class: "bar" }, root)
    this.tasks = html("select", { class: "tasks" }, bar)
    this.tasks.onchange = () => intents.use(this.tasks.value)
    this.step = button("step", "", bar, intents.step)
    this.play = button("play", "", bar, intents.togglePlay)
    this.reset = button("reset", "", bar, intents.reset)
    const label = html("label", { class: "rate" }, bar)
    this.rateName = html("span", {}, label)
    this.slider = html("input", { type: "range", min: 0, step: 1 }, label)
    this.slider.oninput = () => intents.setRate(this.rates[Number(this.slider.value)])
    this.reveal = button("reveal", "", bar, intents.toggleReveal)
    /** @type {number[]} */
    this.rates = []
  }

  /** @param {Scene} scene */
  setScene({ tasks, rates, words }) {
    this.words = words
    this.rates = rates
    setOptions(
      this.tasks,
      tasks.map(({ key, name }) => [key, name]),
    )
    setName(this.tasks, words.task)
    this.step.textContent = words.step
    this.reset.textContent = words.reset
    this.reveal.textContent = words.reveal
    this.slider.max = String(rates.length - 1)
  }

  /**
   * @param {State} state
   * @param {{ isPlaying: boolean, isRevealed: boolean }} now
   */
  show({ task, rate, steps, isAtEnd, hasDiverged }, { isPlaying, isRevealed }) {
    const { words } = this
    if (!words) return
    this.tasks.value = task.key
    this.slider.value = String(this.rates.indexOf(rate))
    this.slider.setAttribute("aria-valuetext", String(rate))
    this.rateName.textContent = `${words.rate} ${rate}`
    this.play.textContent = isPlaying ? `❚❚ ${words.pause}` : `▶ ${words.play}`
    this.play.disabled = isAtEnd && !isPlaying
    this.step.disabled = hasDiverged
    this.reset.disabled = steps === 0
    this.reveal.setAttribute("aria-pressed", String(isRevealed))
  }
}
