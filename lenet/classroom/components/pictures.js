/** The pictures of a task, what is wanted in them, and what a kernel responds to them. */

import { signed } from "../../common/components/color.js"
import { html, paint, setAttributes, svg } from "../../common/components/dom.js"
import { largest } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { MARK, picturesOf, score, strength, sumsOf } from "./score.js"

/** @import { Color, Scale } from "../../common/components/color.js" */
/** @import { Picture, Task } from "./score.js" */
/** @typedef {"wanted" | "unwanted" | "picture" | "response"} PictureWord */
/** @typedef {{ task: Task, scale: Scale, mark: string, words: Record<PictureWord, string> }} PicturesScene */

/**
 * The edge of what is marked in a picture, as the path of an SVG whose unit is a pixel: of what is wanted, if anything is.
 * @param {Uint8Array} target
 * @param {number} side
 */
export function outline(target, side) {
  const counted = target.includes(MARK.wanted) ? MARK.wanted : MARK.other
  const has = (/** @type {number} */ y, /** @type {number} */ x) =>
    x >= 0 && y >= 0 && x < side && y < side && target[y * side + x] === counted
  let path = ""
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (!has(y, x)) continue
      if (!has(y - 1, x)) path += `M${x} ${y}h1`
      if (!has(y + 1, x)) path += `M${x} ${y + 1}h1`
      if (!has(y, x - 1)) path += `M${x} ${y}v1`
      if (!has(y, x + 1)) path += `M${x + 1} ${y}v1`
    }
  }
  return path
}

/**
 * Paint responses, all on one scale.
 * @param {HTMLCanvasElement[]} canvases
 * @param {Float64Array[]} sums
 * @param {number} side
 * @param {Scale} scale
 */
export function paintResponses(canvases, sums, side, scale) {
  const limit = Math.max(...sums.map(largest)) || 1
  canvases.forEach((canvas, n) => {
    paint(side, side, (i) => signed(scale, sums[n][i], limit), canvas)
  })
}

/**
 * Paint a kernel, as strong as its own largest weight.
 * @param {number[]} weights
 * @param {number} size
 * @param {Scale} scale
 * @param {HTMLCanvasElement} [canvas]
 */
export function paintKernel(weights, size, scale, canvas) {
  const limit = largest(weights) || 1
  return paint(size, size, (i) => signed(scale, weights[i], limit), canvas)
}

/** Pictures and responses one below the other; of pictures that are told apart also how strong each response is. */
export class Pictures {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = html("div", { class: "pictures" }, parent)
    /** @type {Picture[]} */
    this.pictures = []
    /** @type {HTMLCanvasElement[]} */
    this.responses = []
    /** @type {HTMLElement[]} */
    this.strengths = []
  }

  /** @param {PicturesScene} scene */
  setScene(scene) {
    this.scene = scene
    const { task, mark, words } = scene
    this.pictures = picturesOf(task)
    this.responses = []
    this.strengths = []
    this.root.replaceChildren()
    this.root.style.setProperty("--mark", mark)
    const groups = /** @type {[string, number][]} */ (
      task.compares === "places"
        ? [["", -1]]
        : [
            [words.wanted, MARK.wanted],
            [words.unwanted, MARK.other],
          ]
    )
    for (const [name, wanted] of groups) {
      const group = html("div", { class: "picture-group" }, this.root)
      if (name) html("div", { class: "group-name" }, group, name)
      const row = html("div", { class: "picture-row" }, group)
      this.pictures.forEach((picture, n) => {
        if (wanted < 0 || picture.target.includes(wanted)) this.add(row, picture, n)
      })
      row.style.setProperty("--columns", String(row.childElementCount))
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {Picture} picture
   * @param {number} n
   */
  add(row, { pixels, target }, n) {
    if (!this.scene) return
    const { task, words } = this.scene
    const { side } = task
    const column = html("div", { class: "picture" }, row)
    const path = outline(target, side)
    const framed = (/** @type {string} */ words) => {
      const frame = html("div", { class: "picture-frame" }, column)
      const canvas = html("canvas", { role: "img", "aria-label": fill(words, { n: n + 1 }) }, frame)
      const box = { viewBox: `0 0 ${side} ${side}`, class: "outline", "aria-hidden": true }
      if (path) setAttributes(svg("path", { d: path }, svg("svg", box, frame)), { fill: "none" })
      return canvas
    }
    paint(side, side, (i) => grey(pixels[i]), framed(words.picture))
    this.responses[n] = framed(words.response)
    if (task.compares === "pictures") {
      const track = html("div", { class: "strength", "aria-hidden": true }, column)
      this.strengths[n] = html("div", {}, track)
    }
  }

  /**
   * Show what a kernel responds.
   * @param {number[]} weights in hundredths
   * @returns {number} its score
   */
  show(weights) {
    if (!this.scene) return 0
    const { task, scale } = this.scene
    const sums = this.pictures.map((picture) => sumsOf(picture, task, weights))
    paintResponses(this.responses, sums, task.side, scale)
    if (this.strengths.length) {
      const strengths = this.pictures.map(({ target }, n) => strength(sums[n], target))
      const most = Math.max(...strengths) || 1
      this.strengths.forEach((bar, n) => {
        bar.style.width = `${(100 * strengths[n]) / most}%`
      })
    }
    return score(task.compares, this.pictures, sums)
  }
}

/**
 * @param {number} level
 * @returns {Color}
 */
const grey = (level) => [level, level, level]
