/** The view: the layer that is chosen, the one in the frame of the keys, and what pointer, finger and keys do to them. */

import { focused, followWidth, html, setAttributes, svg, textWidth } from "../../../common/components/dom.js"
import { isChord } from "../../../common/components/keys.js"
import { SaveMenu } from "../../../common/components/saving.js"
import { layerAfter, layout } from "./layout.js"
import { draw, drawField } from "./picture.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Option } from "./picture.js" */
/** @import { Scene, Stage } from "./scene.js" */

/** @implements {View<Scene>} */
export class FlowView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.host = host
    this.scene = scene
    this.selected = scene.selected ?? -1
    this.at = this.selected // the layer in the frame
    /** @type {Option[]} */
    this.options = []
    /** @type {SVGGElement[]} */
    this.names = []
    this.list = html("div", { class: "list", tabindex: 0, role: "listbox", "aria-orientation": "horizontal" }, root)
    this.svg = svg("svg", { role: "presentation" }, this.list)
    const bar = html("div", { class: "below" }, root)
    this.words = html("div", { class: "words", "aria-hidden": "true" }, bar)
    this.menu = new SaveMenu(bar, () => ({ picture: this.svg, root, name: "lenet" }))
    this.live = html("div", { class: "live", role: "status" }, root)
    this.list.onkeydown = (event) => this.key(event)
    this.list.onfocus = () => this.move(Math.max(0, this.selected))
    this.unfollow = followWidth(
      this.list,
      () => this.layout?.width,
      () => this.draw(),
    )
  }

  close() {
    this.unfollow()
  }

  get width() {
    return this.list.clientWidth
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.selected = scene.selected ?? -1
    this.list.setAttribute("aria-label", scene.words.label)
    this.menu.setWords(scene.words)
    this.draw()
    if (focused(this.list) !== this.list) this.at = this.selected
  }

  /** Draw the network anew, for the room that there is. */
  draw() {
    if (!this.width) return
    const { image, layers, broken } = this.scene
    const family = getComputedStyle(this.list).fontFamily
    const measure = (/** @type {string} */ text, /** @type {number} */ size) =>
      textWidth(text, `600 ${size}px ${family}`)
    /** @type {Stage[]} */
    const missing = broken ? [{ name: broken.name, size: broken.why, shape: [], color: "" }] : []
    const at = layout([image, ...layers, ...missing], { width: this.width, measure })
    this.layout = at
    setAttributes(this.svg, { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` })
    this.svg.replaceChildren()
    const { options, words } = draw(this.svg, this.scene, at)
    this.options = options
    this.names = words
    this.field = svg("g", { "aria-hidden": "true", "pointer-events": "none" }, this.svg)
    this.options.forEach((option, i) => {
      option.onpointerenter = () => this.point(i)
      option.onpointerleave = () => this.point(this.selected)
      option.onclick = () => this.choose(i)
    })
    this.move(Math.min(this.at, layers.length - 1))
    this.mark()
  }

  /** Show which layer is chosen. */
  mark() {
    this.options.forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === this.selected))
      this.names[i].classList.toggle("chosen", i === this.selected)
    })
    this.point(this.selected)
  }

  /**
   * Tell of a layer under the pointer or in the frame, and show what it sees of the image.
   * @param {number} i
   */
  point(i) {
    const layer = this.scene.layers[i]
    this.words.textContent = layer?.words ?? ""
    this.field?.replaceChildren()
    if (!layer?.field || !this.field || !this.layout) return
    drawField(this.field, layer.field, this.layout.places[0], this.scene.colors.mark)
  }

  /**
   * Have the page explain a layer. Beside a broken network it explains none.
   * @param {number} i
   */
  choose(i) {
    if (this.scene.selected === undefined) return this.point(i)
    this.at = this.selected = i
    this.mark()
    this.live.textContent = this.scene.layers[i].words
    this.move(i)
    this.host.setTriggerValue("open", i)
  }

  /**
   * Set the frame around a layer.
   * @param {number} i
   */
  move(i) {
    this.at = i
    this.options.forEach((option, n) => {
      option.classList.toggle("focused", n === i)
    })
    if (this.options[i]) this.list.setAttribute("aria-activedescendant", this.options[i].id)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isChord(event) || !this.layout) return
    const layer = layerAfter(event.key, this.at, this.options.length, this.layout.columns)
    if (layer !== null) {
      this.move(layer)
      this.point(layer)
    } else if (event.key === "Enter" || event.key === " ") this.choose(this.at)
    else return
    event.preventDefault()
  }
}
