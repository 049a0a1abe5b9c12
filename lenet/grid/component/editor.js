/** A field over a cell of the input or the kernel, for its new number. */

import { html, setName } from "../../common/components/dom.js"
import { clamp } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { cellBox } from "./layout.js"

/** @import { Layout } from "./layout.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Edited } from "./scene.js" */
/** @import { Place } from "./windows.js" */

const SMALLEST = { width: 64, height: 30 }
const NEXT = new Set(["Enter", "Tab"])

/** @typedef {{ channel: number, row: number, column: number, text: string }} Edit the new text of a cell */
/** @typedef {Place & { zone: Edited }} Chosen a cell that keys act on */
/** @typedef {"after" | "before" | "below"} Direction */

export class CellEditor {
  /**
   * @param {HTMLElement} holder of the picture
   * @param {object} intents
   * @param {(zone: Edited, edit: Edit, before: string) => void} intents.commit
   * @param {(zone: Edited) => void} intents.leave the keys go back to the grid
   * @param {(by: Direction) => void} intents.next another cell is to be edited
   */
  constructor(holder, intents) {
    this.holder = holder
    this.intents = intents
  }

  /**
   * Open the field; what was open before is dropped.
   * @param {Picture} picture
   * @param {Chosen} cell
   * @param {string | null} typed what it begins with; null: with the cell's own number
   */
  open({ windows, layer, layout }, { zone, channel, index }, typed) {
    this.close()
    const { words } = windows.scene
    const [row, column] = windows.cell(zone, index)
    const shown = windows.cells(zone).texts[channel][index]
    const before = shown.replaceAll("−", "-")
    // No `inputmode`: the keys for numbers of some phones have no minus.
    const keyboard = { autocomplete: "off", autocapitalize: "off", enterkeyhint: "next" }
    const field = html("input", { class: "field", type: "text", maxlength: 40, ...keyboard }, this.holder)
    this.field = field
    this.cell = { zone, channel, row, column }
    const name = zone === "in" ? words.edit : (layer.kernel?.edit ?? "")
    setName(field, fill(name, { row: row + 1, column: column + 1 }))
    field.value = typed ?? before
    this.place(layout)
    const commit = () => {
      const text = field.value
      this.close()
      if (text !== before) this.intents.commit(zone, { channel, row, column, text }, shown)
    }
    field.onkeydown = (event) => {
      event.stopPropagation()
      if (event.isComposing || (event.key !== "Escape" && !NEXT.has(event.key))) return
      event.preventDefault()
      if (event.key === "Escape") {
        this.close()
        this.intents.leave(zone)
        return
      }
      commit()
      this.intents.next(event.key === "Enter" ? "below" : event.shiftKey ? "before" : "after")
    }
    field.onblur = commit
    field.focus({ preventScroll: true })
    if (typed === null) field.select()
  }

  /**
   * Put the field, if one is open, over its cell.
   * @param {Layout} layout
   */
  place(layout) {
    const { field } = this
    if (!field || !this.cell) return
    const cell = cellBox(layout, this.cell.zone, this.cell.channel, this.cell.row, this.cell.column)
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
