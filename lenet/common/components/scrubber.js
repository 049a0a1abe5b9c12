/** Buttons and a slider that move through steps, and play them. */

import { button, html, setName } from "./dom.js"
import { wantsStillness } from "./motion.js"

/** @typedef {{ go: (index: number) => void, togglePlay: () => void }} Intents */
/**
 * `play_still`: what Play does for a reader who wants little motion, a step for each press; else as `play`.
 * @typedef {Record<"previous" | "next" | "slider" | "play" | "pause", string> & { play_still?: string }} Words
 */

export class Scrubber {
  /**
   * @param {HTMLElement} bar
   * @param {Intents} intents
   * @param {{ className: string, first: number }} slider its class, and what it reads at the first step
   */
  constructor(bar, intents, { className, first }) {
    this.first = first
    this.index = 0
    this.previous = button("previous", "◀", bar, () => intents.go(this.index - 1))
    this.play = button("play", "▶", bar, intents.togglePlay)
    this.next = button("next", "▶|", bar, () => intents.go(this.index + 1))
    this.slider = html("input", { class: className, type: "range", min: first, value: first }, bar)
    this.slider.oninput = () => intents.go(Number(this.slider.value) - first)
    this.parts = [this.previous, this.play, this.next, this.slider]
  }

  /** @param {Words} words */
  setWords(words) {
    this.words = words
    setName(this.previous, words.previous)
    setName(this.next, words.next)
    this.slider.setAttribute("aria-label", words.slider)
  }

  /**
   * @param {object} state
   * @param {number} state.index of the step
   * @param {number} state.last
   * @param {string} state.text the step in words
   * @param {boolean} state.isPlaying
   * @param {boolean} [state.isStill] there is nothing to move through
   */
  show({ index, last, text, isPlaying, isStill = false }) {
    this.index = index
    this.play.textContent = isPlaying ? "❚❚" : "▶"
    if (this.words) setName(this.play, isPlaying ? this.words.pause : playing(this.words))
    this.previous.disabled = isStill || index === 0
    this.next.disabled = isStill || index === last
    this.play.disabled = this.slider.disabled = isStill
    this.slider.max = String(last + this.first)
    this.slider.value = String(index + this.first)
    this.slider.setAttribute("aria-valuetext", text)
  }

  focus() {
    this.slider.focus({ preventScroll: true })
  }
}

/** @param {Words} words */
const playing = ({ play, play_still = play }) => (wantsStillness() ? play_still : play)
