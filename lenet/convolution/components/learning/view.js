/** The view: the state, the parts that draw it, and what the reader wants of it. */

import { linkedQuery, ownKeys, writeQuery } from "../../../common/components/address.js"
import { html } from "../../../common/components/dom.js"
import { hasFingers } from "../../../common/components/fingers.js"
import { wantsStillness } from "../../../common/components/motion.js"
import { Player } from "../../../common/components/player.js"
import { fill, minus } from "../../../common/components/text.js"
import { Controls } from "./controls.js"
import { drawCurve } from "./curve.js"
import { Explanation } from "./explanation.js"
import { ownerOf } from "./following.js"
import { Picture } from "./picture.js"
import { KEYS, State } from "./state.js"

/** @import { View } from "../../../common/components/component.js" */
/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Scene } from "./scene.js" */

const PACE = 160 // milliseconds between two steps
const BEFORE_WRITING = 300 // milliseconds after the last change: a browser allows only so many changes of its address

/**
 * A loss with three digits that count, however small it is.
 * @param {number} loss
 */
const threeDigits = (loss) =>
  minus(loss >= 1e-4 && loss < 1e5 ? String(Number(loss.toPrecision(3))) : loss.toExponential(2))

/** @type {State | null} for as long as the page lives */
let remembered = null
/** The lesson that the state began with, for as long as the page lives. */
let begun = ""

/** @implements {View<Scene>} */
export class LearningView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.scene = scene
    this.state = remembered ?? new State(scene, linkedQuery(KEYS, scene.asked))
    remembered = this.state
    this.isRevealed = false
    /** @type {Pair | null} the place under the pointer */
    this.hovered = null
    this.player = new Player(() => this.advance())

    const parts = html("div", { class: "parts" }, html("div", { class: "learning" }, root))
    this.parts = parts
    this.controls = new Controls(parts, {
      use: (key) => this.use(key),
      setRate: (rate) => this.setRate(rate),
      step: () => this.step(),
      togglePlay: () => this.togglePlay(),
      reset: () => this.reset(),
      toggleReveal: () => this.toggleReveal(),
    })
    this.remark = html("div", { class: "remark" }, parts)
    this.holder = html("div", { class: "holder" }, parts)
    this.told = html("div", { class: "told", "aria-live": "polite" }, parts)
    this.picture = new Picture(this.holder, {
      chooseWeight: (weight) => this.chooseWeight(weight),
      hover: (place) => this.hover(place),
      pin: (place) => this.pin(place),
    })
    const below = html("div", { class: "below" }, parts)
    this.explanation = new Explanation(html("div", { class: "explanation" }, below))
    const loss = html("div", { class: "loss" }, below)
    this.reading = html("p", { class: "reading", "aria-live": "polite" }, loss)
    this.curve = html("div", { class: "holder" }, loss)
    this.hint = html("div", { class: "hint" }, parts)
    this.resizer = new ResizeObserver(() => this.width !== this.picture.width && this.draw())
    this.resizer.observe(this.holder)
    this.disown = ownKeys(ownerOf(this))
  }

  close() {
    this.player.stop()
    this.disown()
    this.resizer.disconnect()
    clearTimeout(this.writing)
  }

  /** Streamlit may have written a query of its own. */
  again() {
    this.remember()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { task } = this.state
    const known = scene.tasks.find(({ key }) => key === task.key)
    if (known)
      this.state.task = known // in the reader's language
    else this.state.use(scene.tasks[0])
    this.follow(scene)
    this.parts.classList.toggle("covered", scene.covered)
    this.controls.setScene(scene)
    this.hint.textContent = hasFingers() ? scene.words.hint_touch : scene.words.hint
    this.draw()
    this.remember()
  }

  /**
   * Begin a lesson that is new; one that was answered before a link was made keeps what the link says.
   * @param {Scene} scene
   */
  follow(scene) {
    const { lesson, covered, asked } = scene
    if (!lesson || lesson.id === begun) return
    const isLinked = begun === "" && !covered && KEYS.some((key) => linkedQuery(KEYS, asked).has(key))
    begun = lesson.id
    if (isLinked) return
    this.pause()
    this.picture.place = this.hovered = null
    this.state.follow(scene, lesson)
  }

  get width() {
    return Math.floor(this.holder.clientWidth)
  }

  /** The place whose term is told. */
  get place() {
    return this.hovered ?? this.picture.place
  }

  // ---- what the reader wants ----

  /** @param {string} key */
  use(key) {
    this.pause()
    this.state.use(this.scene.tasks.find((task) => task.key === key) ?? this.scene.tasks[0])
    this.picture.place = this.hovered = null
    this.draw()
    this.remember()
  }

  /** @param {number} rate */
  setRate(rate) {
    this.state.rate = rate
    this.show()
    this.remember()
  }

  step() {
    this.pause()
    this.state.step()
    this.draw()
  }

  reset() {
    this.pause()
    this.state.begin()
    this.draw()
  }

  toggleReveal() {
    this.isRevealed = !this.isRevealed
    this.draw()
  }

  togglePlay() {
    if (this.player.isPlaying) {
      this.pause()
      this.show()
    } else if (wantsStillness()) this.step()
    else {
      this.player.start(PACE)
      this.advance()
    }
  }

  advance() {
    this.state.step()
    if (this.state.isAtEnd) this.pause()
    this.draw()
  }

  pause() {
    this.player.stop()
  }

  /** @param {Pair} weight */
  chooseWeight(weight) {
    if (this.scene.covered) return
    this.state.weight = weight
    this.show()
    this.remember()
  }

  /** @param {Pair | null} place */
  hover(place) {
    if (this.scene.covered || String(place) === String(this.hovered)) return
    this.hovered = place
    this.show()
  }

  /** @param {Pair | null} place */
  pin(place) {
    if (this.scene.covered) return
    this.picture.place = String(place) === String(this.picture.place) ? null : place
    this.show()
  }

  /** Write what is chosen into the address, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.writing)
    this.writing = setTimeout(() => writeQuery(KEYS, this.state.query(this.scene)), BEFORE_WRITING)
  }

  // ---- drawing ----

  /** Draw the picture anew, for the room that there is. */
  draw() {
    if (!this.width) return
    this.picture.draw(this.scene, this.state, this.width, this.isRevealed)
    this.show()
  }

  /** What changes without another picture. */
  show() {
    const { scene, state, place } = this
    if (scene.covered) return this.picture.mark(scene, state, null)
    this.remark.textContent = state.task.remark
    this.controls.show(state, { isPlaying: this.player.isPlaying, isRevealed: this.isRevealed })
    this.picture.mark(scene, state, place)
    this.explanation.show(scene, state, place)
    this.told.replaceChildren(...Explanation.told(scene, state, place).map((text) => html("span", {}, null, text)))
    // Nobody listens to six losses in a second.
    for (const part of [this.told, this.reading])
      part.setAttribute("aria-live", this.player.isPlaying ? "off" : "polite")
    this.reading.textContent = this.words().join(scene.space)
    drawCurve(this.curve, scene, state, Math.floor(this.curve.clientWidth))
  }

  /** What there is to say of the loss. */
  words() {
    const { words } = this.scene
    const { state } = this
    const found = [fill(words.loss, { n: state.steps, loss: threeDigits(state.loss) })]
    if (state.hasDiverged) found.push(words.diverged)
    else if (state.isDone) found.push(words.done)
    else {
      found.push(fill(words.ahead, { rate: state.rate, loss: threeDigits(state.ahead) }))
      if (state.ahead > state.loss) found.push(words.worse)
    }
    if (state.rate > state.task.largest) found.push(fill(words.too_large, { largest: state.task.largest.toFixed(2) }))
    return found
  }
}
