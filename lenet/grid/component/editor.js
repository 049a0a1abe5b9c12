/** A field over a cell of the input, for its new number. */

import { html, setName } from "../../common/components/dom.js"
import { clamp } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { cellBox } from "./layout.js"

/** @import { Picture } from "./picture.js" */

const SMALLEST = { width: 64, height: 30 }

/** @typedef {{ channel: number, row: number, column: number, text: string }} Edit the new text of a cell */

export class CellEditor {
  /**
   * @param {HTMLElement} holder of the picture
   * @param {{ commit: (edit: Edit) => void, leave: () => void }} intents `leave`: the keys go back to the grid
   */
  constructor(holder, intents) {
    this.holder = holder
    this.intents = intents
  }

  /**
   * Open the field; what was open before is dropped.
   * @param {Picture} picture
   * @param {{ channel: number, index: number }} cell
   * @param {string | null} typed what it begins with; null: with the cell's own number
   */
  open({ windows, layout }, { channel, index }, typed) {
    this.close()
    const { scene } = windows
    const [row, column] = windows.cell("in", index)
    const before = scene.input.texts[channel][index].replace("−", "-")
    const field = html("input", { class: "field", type: "text", inputmode: "decimal", maxlength: 40 }, this.holder)
    this.field = field
    setName(field, fill(scene.words.edit, { row: row + 1, column: column + 1 }))
    field.value = typed ?? before
    this.place(field, cellBox(layout, "in", channel, row, column))
    const commit = () => {
      const text = field.value
      this.close()
      if (text !== before) this.intents.commit({ channel, row, column, text })
    }
    field.onkeydown = (event) => {
      event.stopPropagation()
      if (event.key === "Enter") commit()
      else if (event.key === "Escape") this.close()
      else return
      event.preventDefault()
      this.intents.leave()
    }
    field.onblur = commit
    field.focus({ preventScroll: true })
    if (typed === null) field.select()
  }

  /**
   * @param {HTMLElement} field
   * @param {import("./layout.js").Box} cell
   */
  place(field, cell) {
    const [width, height] = [Math.max(cell.width, SMALLEST.width), Math.max(cell.height, SMALLEST.height)]
    const left = clamp(cell.x + (cell.width - width) / 2, 0, this.holder.clientWidth - width)
    const top = cell.y + (cell.height - height) / 2
    Object.assign(field.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` })
  }

  close() {
    const { field } = this
    if (!field) return
    this.field = undefined
    field.onblur = null
    field.remove()
  }
}
