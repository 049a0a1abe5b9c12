/** Scenes for tests of the wall. */

/** @import { Packed, Shape } from "../../../lenet/kernels/components/wall/kernels.js" */
/** @import { Scene, Words } from "../../../lenet/kernels/components/wall/scene.js" */

/** Words that a test does not look at are their own names. */
export const WORDS = new Proxy(/** @type {Words} */ ({}), {
  get: (_words, name) =>
    ({ step: "step {step}", step_epoch: "step {step} · epoch {epoch}" })[String(name)] ?? String(name),
})

/**
 * Kernels as Python packs them, in halves.
 * @param {Shape} shape
 * @param {number[]} halves
 * @returns {Packed}
 */
export function packed(shape, halves) {
  return { shape, unit: 0.5, values: Buffer.from(new Int16Array(halves).buffer).toString("base64") }
}

/**
 * A run of one kernel with one weight.
 * @param {Partial<Scene> & { steps?: number[] }} [changes]
 * @returns {Scene}
 */
export function scene({ steps = [0, 10, 20, 30], ...changes } = {}) {
  const one = packed([1, 1, 1, 1], steps)
  return {
    run: "a",
    label: "run a",
    still: false,
    wall: { ...one, steps },
    second: null,
    note: { ...packed([1, 1, 1, 1], [1]), limit: 1 },
    orders: {},
    limit: 1,
    curve: null,
    epochs: 3,
    per_epoch: 10,
    asked: {},
    share: null,
    scale: [],
    colors: { loss: "", test: "", train: "", mark: "" },
    words: WORDS,
    ...changes,
  }
}
