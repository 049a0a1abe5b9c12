/** What is said of the weight under the pointer or the keys, beside it. */

import { html } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"

const GAP = 8

export class Tip {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder
    this.box = html("div", { class: "tip", "aria-hidden": "true" }, holder)
    this.hide()
  }

  hide() {
    this.box.style.display = "none"
  }

  /**
   * @param {string[]} lines
   * @param {{ x: number, y: number }} cell its corner
   * @param {number} size of the cell
   */
  show(lines, cell, size) {
    this.box.style.display = ""
    this.box.replaceChildren(...lines.map((line) => html("div", {}, null, line)))
    const { offsetWidth, offsetHeight } = this.box
    const right = Math.max(0, Math.floor(this.holder.clientWidth) - offsetWidth)
    const above = cell.y - offsetHeight - GAP
    this.box.style.left = `${clamp(cell.x + size / 2 - offsetWidth / 2, 0, right)}px`
    this.box.style.top = `${above < 0 ? cell.y + size + GAP : above}px`
  }
}
