/** A field over a cell of the input, for its new number. */

import { html, setName } from "../../common/components/dom.js"
import { clamp } from "../../common/components/math.js"

/** @import { Box } from "./layout.js" */

const SMALLEST = { width: 64, height: 30 }

export class CellEditor {
  /** @param {HTMLElement} holder of the picture */
  constructor(holder) {
    this.holder = holder
  }

  /**
   * Open the field; what was open before is dropped.
   * @param {Box} box of the cell
   * @param {{ text: string, typed: string | null, label: string }} content the cell's own number, and what was typed
   *   in its place
   * @param {{ commit: (text: string) => void, leave: () => void }} then `leave`: the keys go back to the grid
   */
  open({ x, y, width, height }, { text, typed, label }, then) {
    this.close()
    const field = html("input", { class: "field", type: "text", inputmode: "decimal", maxlength: 40 }, this.holder)
    this.field = field
    setName(field, label)
    field.value = typed ?? text
    const size = { width: Math.max(width, SMALLEST.width), height: Math.max(height, SMALLEST.height) }
    const left = clamp(x + (width - size.width) / 2, 0, this.holder.clientWidth - size.width)
    Object.assign(field.style, {
      left: `${left}px`,
      top: `${y + (height - size.height) / 2}px`,
      width: `${size.width}px`,
      height: `${size.height}px`,
    })
    const commit = () => {
      const value = field.value
      this.close()
      if (value !== text) then.commit(value)
    }
    field.onkeydown = (event) => {
      event.stopPropagation()
      if (event.key === "Enter") commit()
      else if (event.key === "Escape") this.close()
      else return
      event.preventDefault()
      then.leave()
    }
    field.onblur = commit
    field.focus({ preventScroll: true })
    if (typed === null) field.select()
  }

  close() {
    const { field } = this
    if (!field) return
    this.field = undefined
    field.onblur = null
    field.remove()
  }
}
