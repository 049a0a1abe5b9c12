/** Lines in the font of code, as they are, with a button that copies them. */

import { copy } from "../clipboard.js"
import { button, html, setName, svg } from "../dom.js"

/** @import { Component, View } from "../component.js" */

const SHEETS = "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" // one behind the other

/**
 * @typedef {object} Scene
 * @property {string} text
 * @property {number} height in CSS pixels, beyond which the lines are scrolled; 0 for all of them
 * @property {string} words what the lines are, for those who listen
 * @property {{ copy: string, copied: string, refused: string }} labels
 */

/** @implements {View<Scene>} */
class PlainText {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.lines = html("pre", { tabindex: 0, role: "region" }, root)
    this.button = button("copy", "", root, () => this.copy())
    const picture = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true }, this.button)
    svg("path", { d: SHEETS, fill: "none", stroke: "currentColor", "stroke-width": 1.4 }, picture)
    this.told = html("div", { class: "told", role: "status" }, root)
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.lines.textContent = scene.text
    this.lines.setAttribute("aria-label", scene.words)
    this.lines.style.maxHeight = scene.height ? `${scene.height}px` : "none"
    setName(this.button, scene.labels.copy)
  }

  async copy() {
    if (!this.scene) return
    const { text, labels } = this.scene
    const isCopied = await copy(text, this.root)
    this.button.focus()
    this.told.textContent = isCopied ? labels.copied : labels.refused
    setTimeout(() => this.told.replaceChildren(), 3000)
  }
}

/** @type {Component<Scene>} */
export default (root) => new PlainText(root)
