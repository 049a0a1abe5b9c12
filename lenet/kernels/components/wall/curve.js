/** Loss and accuracy of the run over its epochs, with a mark at the step shown; dragging it moves through training. */

import { svg } from "../../../common/components/dom.js"
import { followFinger, isFinger } from "../../../common/components/fingers.js"
import { clamp } from "../../../common/components/math.js"
import { fixed } from "../../../common/components/text.js"
import { tickStep } from "./layout.js"

/** @import { Points, Scene } from "./scene.js" */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * @typedef {object} Line
 * @property {"loss" | "test" | "train"} name
 * @property {Points} points
 * @property {Points} [dots] where they are not the points themselves
 * @property {string} color
 * @property {string} [dash]
 */

const MOST_DOTS = 30

export class Curve {
  /**
   * @param {SVGElement} picture
   * @param {Scene & { curve: NonNullable<Scene["curve"]> }} scene
   * @param {Box} box
   * @param {number} zoom
   * @param {(epoch: number) => void} seek
   */
  constructor(picture, scene, box, zoom, seek) {
    this.scene = scene
    this.zoom = zoom
    this.box = box
    const axis = 38 * zoom // room for the numbers on the left
    this.foot = 18 * zoom
    this.title = 19 * zoom
    this.left = box.x + axis
    this.width = box.width - axis - 8
    this.group = svg("g", { class: "plot", role: "img", "aria-label": scene.words.alt_curve }, picture)
    svg("rect", { ...box, fill: "transparent" }, this.group)
    this.readings = { loss: svg("text"), test: svg("text"), train: svg("text") }
    this.drawLoss()
    this.drawAccuracy()
    this.drawEpochs()
    this.mark = svg("path", { class: "mark" }, this.group)
    this.listen(picture, seek)
  }

  /** @param {number} epoch */
  x(epoch) {
    return this.left + (epoch / this.scene.epochs) * this.width
  }

  drawLoss() {
    const { curve, colors } = this.scene
    const highest = Math.max(0.1, ...curve.loss.map(([, loss]) => loss))
    const step = tickStep(highest, 2)
    const ticks = [0, step, 2 * step].filter((value) => value <= highest)
    const decimals = step < 1 ? clamp(Math.ceil(-Math.log10(step)), 1, 3) : 0
    this.drawPanel(0, highest, ticks, (value) => fixed(value, decimals), [
      { name: "loss", points: curve.loss, dots: curve.mean, color: colors.loss },
    ])
  }

  drawAccuracy() {
    const { curve, colors } = this.scene
    this.drawPanel(1, 1, [0, 0.5, 1], (value) => `${value * 100}%`, [
      { name: "test", points: curve.test, color: colors.test },
      { name: "train", points: curve.train, color: colors.train, dash: "3 3" },
    ])
  }

  /**
   * @param {number} n 0 above, 1 below
   * @param {number} end of its axis
   * @param {number[]} ticks
   * @param {(value: number) => string} format
   * @param {Line[]} lines
   */
  drawPanel(n, end, ticks, format, lines) {
    const { zoom, group, left, width } = this
    const each = (this.box.height - this.foot) / 2
    const top = this.box.y + n * each + this.title
    const tall = each - this.title - 4
    const y = (/** @type {number} */ value) => top + tall * (1 - clamp(value / end, 0, 1))
    for (const value of ticks) {
      svg("path", { class: value ? "grid" : "axis", d: `M${left} ${y(value)}h${width}` }, group)
      const place = { x: left - 5, y: y(value) + 4 * zoom, "font-size": 11 * zoom }
      svg("text", { class: "end", ...place }, group, format(value))
    }
    lines.forEach(({ name, points, dots = points, color, dash }, i) => {
      const look = { stroke: color, ...(dash ? { "stroke-dasharray": dash } : {}) }
      const path = points.map(([epoch, value]) => `${this.x(epoch).toFixed(1)} ${y(value).toFixed(1)}`).join("L")
      if (path) svg("path", { class: "line", d: `M${path}`, ...look }, group)
      if (dots.length <= MOST_DOTS) {
        for (const [epoch, value] of dots)
          svg("circle", { cx: this.x(epoch), cy: y(value), r: 2.5, fill: color }, group)
      }
      const key = left + (i * width) / 2
      svg("path", { class: "line", d: `M${key} ${top - 10 * zoom}h18`, ...look }, group)
      this.readings[name] = svg("text", { x: key + 23, y: top - 6 * zoom, "font-size": 12.5 * zoom }, group)
    })
  }

  drawEpochs() {
    const { epochs, words } = this.scene
    const step = Math.max(1, tickStep(epochs, 10 / this.zoom))
    const y = this.box.y + this.box.height - 4
    for (let epoch = 0; epoch <= epochs; epoch += step) {
      const text = epoch === 0 ? `${words.epoch} 0` : String(epoch)
      svg("text", { class: "centre", x: this.x(epoch), y, "font-size": 11 * this.zoom }, this.group, text)
    }
  }

  /**
   * Move the mark to an epoch and read the curves there; null: the length of an epoch is not known.
   * @param {number | null} epoch
   */
  show(epoch) {
    const { curve, words, epochs } = this.scene
    const each = (this.box.height - this.foot) / 2
    const part = (/** @type {number} */ n) =>
      epoch === null
        ? ""
        : `M${this.x(Math.min(epoch, epochs))} ${this.box.y + n * each + this.title - 2}v${each - this.title - 2}`
    this.mark.setAttribute("d", part(0) + part(1)) // not through the words between the panels
    const { loss, mean, test, train } = readings(curve, epoch ?? Infinity)
    this.readings.loss.textContent = `${words.loss} ${three(loss)} · ${words.mean} ${three(mean)}`
    this.readings.test.textContent = `${words.test} ${percent(test)}`
    this.readings.train.textContent = `${words.train} ${percent(train)}`
  }

  /**
   * @param {SVGElement} picture
   * @param {(epoch: number) => void} seek
   */
  listen(picture, seek) {
    const { group } = this
    const seekTo = (/** @type {MouseEvent} */ event) => {
      const x = event.clientX - picture.getBoundingClientRect().left
      seek(((x - this.left) / this.width) * this.scene.epochs)
    }
    group.onpointerdown = (event) => {
      if (isFinger(event)) return // it may be about to scroll the page
      group.setPointerCapture(event.pointerId)
      seekTo(event)
    }
    group.onpointermove = (event) => {
      if (!isFinger(event) && event.buttons & 1 && group.hasPointerCapture(event.pointerId)) seekTo(event)
    }
    group.onclick = (event) => {
      event.stopPropagation() // it is about no weight
      seekTo(event)
    }
    followFinger(group, seekTo)
  }
}

/**
 * What the curves read at an epoch: the loss of the step nearest to it, all else after the last finished epoch.
 * @param {NonNullable<Scene["curve"]>} curve
 * @param {number} epoch
 */
export function readings({ loss, mean, test, train }, epoch) {
  const before = (/** @type {Points} */ points) => points.filter(([e]) => e <= epoch + 1e-6).pop()?.[1]
  const after = loss.find(([e]) => e >= epoch - 1e-6) ?? loss[loss.length - 1]
  return { loss: after?.[1], mean: before(mean), test: before(test), train: before(train) }
}

/** @param {number | undefined} value */
const three = (value) => (value === undefined ? "–" : fixed(value, 3))

/** @param {number | undefined} value */
const percent = (value) => (value === undefined ? "–" : `${fixed(value * 100, 1)}%`)
