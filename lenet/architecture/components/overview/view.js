/** The view: blocks of maps with arrows between them, and the classes with their scores as bars. */

import { bytes } from "../../../common/components/base64.js"
import { mix } from "../../../common/components/color.js"
import { followWidth, paint, svg, textWidth } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { layout, mapsOf } from "./layout.js"

/** @import { View } from "../../../common/components/component.js" */
/** @import { Place } from "./layout.js" */
/** @import { Block, Scene } from "./scene.js" */

const TEXT = 12.5
const SMALL = 11 // of names that have no room else

/** @implements {View<Scene>} */
export class OverviewView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.root = root
    this.scene = scene
    this.unfollow = followWidth(
      root,
      () => this.width,
      () => this.draw(),
    )
  }

  close() {
    this.unfollow()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.draw()
  }

  draw() {
    this.width = this.root.clientWidth
    if (!this.width) return
    const { blocks, classes, dense, words } = this.scene
    const at = layout(blocks, classes.length, this.width)
    const size = { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` }
    const picture = svg("svg", { ...size, role: "img", "aria-label": words.alt })
    for (const { x, y } of at.arrows) svg("path", { class: "arrow", d: `M${x - 7},${y}h14m-5,-5l5,5l-5,5` }, picture)
    blocks.forEach((block, i) => {
      drawMaps(picture, block, at.places[i])
      this.drawWords(picture, at.places[i], block.size, block.name)
    })
    const place = at.places[blocks.length]
    this.drawScores(picture, place)
    this.drawWords(picture, place, dense, words.dense)
    this.root.replaceChildren(picture)
  }

  /**
   * The line above a block and the one below it, in smaller letters where they would reach into its neighbour's.
   * @param {SVGElement} picture
   * @param {Place} place
   * @param {string} size
   * @param {string} name
   */
  drawWords(picture, { x, y, width, height }, size, name) {
    const middle = x + width / 2
    const measure = (/** @type {number} */ font) =>
      textWidth(name, `${font}px ${getComputedStyle(this.root).fontFamily}`)
    const font = measure(TEXT) > width + 20 ? SMALL : TEXT
    const half = measure(font) / 2 + 1
    const inside = clamp(middle, half, Math.max(half, (this.width ?? 0) - half))
    svg("text", { class: "size", x: middle, y: y - 8, "font-size": TEXT }, picture, size)
    svg("text", { class: "name", x: inside, y: y + height + 16, "font-size": font }, picture, name)
  }

  /**
   * The classes, one below the other, each with a bar as long as its score.
   * @param {SVGElement} picture
   * @param {Place} place
   */
  drawScores(picture, { x, y, width, height }) {
    const { classes, colors } = this.scene
    const pitch = height / classes.length
    const font = Math.min(TEXT, pitch * 0.9)
    const family = getComputedStyle(this.root).fontFamily
    const names = Math.max(...classes.map(({ name }) => textWidth(name, `600 ${font}px ${family}`)))
    const room = Math.max(20, width - names - 8)
    const best = classes.reduce((most, { score }, i) => (score > classes[most].score ? i : most), 0)
    classes.forEach(({ name, score }, i) => {
      const middle = y + (i + 0.5) * pitch
      const bar = { x, y: middle - pitch * 0.36, width: 2 + (room - 2) * score, height: pitch * 0.72 }
      svg("rect", { ...bar, fill: i === best ? colors.most : colors.other }, picture)
      const words = { class: i === best ? "class best" : "class", x: x + room + 6, y: middle, "font-size": font }
      svg("text", words, picture, name)
    })
  }
}

/**
 * @param {SVGElement} picture
 * @param {Block} block
 * @param {Place} place
 */
function drawMaps(picture, block, place) {
  const [, height, width] = block.shape
  const shades = bytes(block.shades)
  mapsOf(block, place).forEach((box, n) => {
    const map = shades.subarray(n * height * width, (n + 1) * height * width)
    const href = paint(width, height, (i) => mix(block.scale, map[i] / 255)).toDataURL()
    svg("image", { href, ...box, preserveAspectRatio: "none" }, picture)
  })
}
