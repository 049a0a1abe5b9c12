/** The title of the wall: the moment that it shows. */

import { fill } from "../../../common/components/text.js"

/** @import { Scene } from "./scene.js" */

/**
 * How wide the title becomes at most, whatever the step.
 * @param {{ scene: Scene, isSecond: boolean }} contents
 * @param {(text: string) => number} measure
 */
export function titleWidth({ scene: { words, wall }, isSecond }, measure) {
  const last = wall?.steps[wall.steps.length - 1] ?? 0
  const titles = isSecond ? [words.second] : [words.initial, fill(words.step_epoch, { step: last, epoch: "0.00" })]
  return Math.max(...titles.map(measure))
}

/**
 * Put words into a text of the picture, shortened to `room`.
 * @param {SVGTextElement} node
 * @param {string} text
 * @param {number} room
 */
export function shorten(node, text, room) {
  node.textContent = text
  for (let n = text.length - 1; n > 0 && node.getComputedTextLength() > room; n--)
    node.textContent = `${text.slice(0, n)}…`
}
