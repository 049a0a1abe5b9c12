/** What is shown: the scene, the snapshot, and what the reader has set. Nothing here draws. */

import { clamp } from "../../../common/components/math.js"
import { Kernels } from "./kernels.js"
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

  get order() {
    const { orders } = this.isSecond && this.scene.second ? this.scene.second : this.scene
    return orders[this.settings.sort]
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

  /** What keys do now. */
  get hint() {
    const { hint, hint_still, hint_present, hint_present_still } = this.scene.words
    if (this.settings.presenting) return this.isStill ? hint_present_still : hint_present
    return this.isStill ? hint_still : hint
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
