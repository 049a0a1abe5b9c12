/** What is shown: the scene, the snapshot, and what the reader has set. Nothing here draws. */

import { clamp } from "../../../common/components/math.js"
import { Kernels } from "./kernels.js"
import { orderOf } from "./layout.js"
import { fromQuery, toQuery } from "./query.js"
import { stepWords, Timeline } from "./timeline.js"

/** @import { Scene } from "./scene.js" */

/**
 * A moment of training.
 * @typedef {object} Moment
 * @property {Float64Array} weights
 * @property {number} limit the end of the colour scale
 * @property {string} where in words
 * @property {number | null} epoch
 * @property {boolean} own each kernel has its own scale
 * @property {boolean} values numbers are shown
 */

/** What a view remembers of its run when it is closed. @typedef {{ run: string, query: string }} Remembered */

export class State {
  /**
   * @param {Scene} scene
   * @param {Remembered | null} remembered what was set before; without it the link's wishes count
   * @param {URLSearchParams} link
   */
  constructor(scene, remembered, link = new URLSearchParams(scene.asked)) {
    const { settings, step } = fromQuery(remembered ? new URLSearchParams(remembered.query) : link)
    this.scene = scene
    this.settings = settings
    this.timeline = new Timeline(scene)
    this.kernels = unpacked(scene)
    this.index = this.timeline.last // the snapshot
    // A step is one of the run that it was set for.
    if (step !== null && (!remembered || remembered.run === scene.run)) this.index = this.timeline.nearest(step)
  }

  /**
   * Go on with another scene. A history that grows does not move the reader: one at its end stays there, one at a step
   * stays at that step. Another run opens at its end.
   * @param {Scene} scene
   */
  take(scene) {
    const isAtEnd = this.index === this.timeline.last || this.scene.run !== scene.run
    const { step } = this
    this.scene = scene
    this.timeline = new Timeline(scene)
    this.kernels = unpacked(scene)
    this.index = isAtEnd ? this.timeline.last : this.timeline.nearest(step)
  }

  /** @param {number} index */
  moveTo(index) {
    this.index = clamp(index, 0, this.timeline.last)
  }

  get isAtEnd() {
    return this.index === this.timeline.last
  }

  /** Whether the second layer is shown, at the end of training. */
  get isSecond() {
    return this.settings.layer === 2 && this.kernels.second !== null
  }

  /** Whether the kernels are tiles of colour. */
  get isColour() {
    return this.settings.colour && !this.isSecond && Boolean(this.kernels.first?.isColour)
  }

  /** Whether the wall has all the room: neither a curve nor the note's kernels belong to it. */
  get isAlone() {
    return this.isSecond || (this.scene.still && (this.kernels.first?.channels ?? 1) > 1)
  }

  /** Whether there are no snapshots to go through. */
  get isStill() {
    return this.isSecond || this.scene.still
  }

  /** Whether the kernels are shown alone, as large as the screen. */
  get isPresented() {
    return this.settings.presenting && this.kernels.first !== null
  }

  /** The kernels of the layer that is shown. */
  get layer() {
    return this.isSecond ? this.kernels.second : this.kernels.first
  }

  /** The kernels in their order, as far as they are shown; `order[place]` is the one that stands there. */
  get order() {
    const { scene, settings, isSecond, kernel, layer } = this
    if (kernel !== null) return [kernel]
    const { orders } = isSecond && scene.second ? scene.second : scene
    return orderOf(orders[settings.sort], layer?.out ?? 0)
  }

  /** The kernel that is presented alone, if there is such a one. */
  get kernel() {
    const { settings, isPresented, layer } = this
    return isPresented && settings.kernel !== null && settings.kernel < (layer?.out ?? 0) ? settings.kernel : null
  }

  get step() {
    return this.timeline.steps[this.index]
  }

  get epoch() {
    return this.timeline.epoch(this.step)
  }

  /** The snapshot in words. */
  get where() {
    if (this.isSecond) return this.scene.words.second
    if (this.scene.still) return this.scene.label
    return stepWords(this.scene.words, this.step, this.epoch)
  }

  /**
   * What keys do now, or fingers.
   * @param {boolean} hasFingers
   */
  hint(hasFingers) {
    const { words } = this.scene
    if (this.settings.presenting) {
      if (hasFingers) return words.hint_present_touch
      return this.isStill ? words.hint_present_still : words.hint_present
    }
    if (hasFingers) return this.isStill ? words.hint_touch_still : words.hint_touch
    return this.isStill ? words.hint_still : words.hint
  }

  /** @returns {Moment} */
  get moment() {
    const { scene, kernels, where, epoch } = this
    const { own, values } = this.settings
    const look = { where, epoch, own: own || this.isColour, values }
    if (this.isSecond && kernels.second && scene.second) {
      return { weights: kernels.second.at(0), limit: scene.second.limit, ...look }
    }
    return { weights: kernels.first?.at(this.index) ?? new Float64Array(), limit: scene.limit, ...look }
  }

  /** The query that says all this; the end of training goes without saying. */
  get query() {
    return toQuery(this.settings, this.isAtEnd ? null : this.step)
  }

  /** What files and sheets of these kernels are called. */
  get fileName() {
    const { scene } = this
    return `kernels-${scene.still ? scene.label.replace(/[^\p{L}\p{N}.-]+/gu, "-") : scene.run}`
  }

  /** What the name of a file says of the moment. */
  get fileMoment() {
    if (this.isSecond) return "-layer-2"
    return this.scene.still ? "" : `-step-${this.step}`
  }
}

/** @param {Scene} scene */
function unpacked({ wall, second, note }) {
  return { first: wall && new Kernels(wall), second: second && new Kernels(second), note: new Kernels(note) }
}
