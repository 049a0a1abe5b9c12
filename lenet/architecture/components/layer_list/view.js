import { html } from "../../../common/components/dom.js"
import { isChord } from "../../../common/components/keys.js"
import { columns, layerAfter } from "./layout.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Scene } from "./layout.js" */

/** @implements {View<Scene>} */
export class LayerList {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.host = host
    this.scene = scene
    this.at = scene.selected // the layer in the frame
    /** @type {HTMLElement[]} */
    this.options = []
    this.list = html("div", { class: "list", tabindex: 0, role: "listbox", "aria-orientation": "horizontal" }, root)
    this.list.onkeydown = (event) => this.key(event)
    this.list.onfocus = () => this.move(this.scene.selected)
    this.resizer = new ResizeObserver(() => this.place())
    this.resizer.observe(this.list)
  }

  close() {
    this.resizer.disconnect()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.list.style.height = `${scene.height}px`
    this.list.setAttribute("aria-label", scene.label)
    this.list.replaceChildren()
    this.options = scene.layers.map(({ name }, i) => {
      const state = { "aria-label": name, "aria-selected": i === scene.selected }
      const style = `border-color:${scene.mark}`
      return html("div", { id: `layer-${i}`, role: "option", style, ...state }, this.list)
    })
    this.place()
    this.move(scene.selected)
  }

  place() {
    columns(this.scene, this.list.clientWidth).forEach(({ left, width }, i) => {
      Object.assign(this.options[i].style, { left: `${left}px`, width: `${width}px` })
    })
  }

  /** @param {number} layer */
  move(layer) {
    this.at = layer
    this.options.forEach((option, i) => {
      option.classList.toggle("here", i === layer)
    })
    this.list.setAttribute("aria-activedescendant", this.options[layer].id)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isChord(event)) return
    const layer = layerAfter(event.key, this.at, this.options.length)
    if (layer !== null) this.move(layer)
    else if (event.key === "Enter" || event.key === " ") this.host.setTriggerValue("open", this.at)
    else return
    event.preventDefault()
  }
}
