/** The steps of training at which kernels were kept. */

import { clamp } from "../../../common/components/math.js"
import { fill, fixed } from "../../../common/components/text.js"

/** @import { Scene, Words } from "./scene.js" */

export class Timeline {
  /** @param {Scene} scene */
  constructor(scene) {
    this.steps = scene.wall?.steps ?? [0]
    this.perEpoch = scene.per_epoch
  }

  /** The index of the last snapshot. */
  get last() {
    return this.steps.length - 1
  }

  /**
   * The index of the snapshot nearest to a step.
   * @param {number} step
   */
  nearest(step) {
    let best = 0
    this.steps.forEach((other, i) => {
      if (Math.abs(other - step) < Math.abs(this.steps[best] - step)) best = i
    })
    return best
  }

  /**
   * Epochs of training at a step; null where the length of an epoch is not known.
   * @param {number} step
   */
  epoch(step) {
    return this.perEpoch ? step / this.perEpoch : null
  }

  /**
   * The index of the snapshot at the end of the next epoch, or of the one before. Where the length of an epoch is not
   * known, ten snapshots are one.
   * @param {number} index
   * @param {1 | -1} by
   */
  turned(index, by) {
    if (!this.perEpoch) return clamp(index + 10 * by, 0, this.last)
    const epochs = this.steps[index] / this.perEpoch
    const next = by > 0 ? Math.floor(epochs) + 1 : Math.ceil(epochs) - 1
    const found = this.nearest(next * this.perEpoch)
    // Of an epoch without a snapshot of its own the nearest may be this one.
    return clamp(found === index ? index + by : found, 0, this.last)
  }

  /** Milliseconds between two snapshots: the whole history in eight seconds, a short one slowly enough to see. */
  get pace() {
    return clamp(8000 / this.steps.length, 50, 200)
  }
}

/**
 * A step in words. A fraction of an epoch only where it says something: the first steps would all read 0.0.
 * @param {Words} words
 * @param {number} step
 * @param {number | null} epoch
 */
export function stepWords(words, step, epoch) {
  if (step === 0) return words.initial
  if (epoch === null) return fill(words.step, { step })
  const decimals = epoch < 0.1 ? 3 : Number.isInteger(epoch) ? 0 : 2
  return fill(words.step_epoch, { step, epoch: fixed(epoch, decimals) })
}
