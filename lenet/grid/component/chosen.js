/** The chosen output cell in the address of the page: `cell=2,3`, its row and column counted from 1. */

import { linkedQuery, writeQuery } from "../../common/components/address.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Scene } from "./scene.js" */

const KEYS = ["cell"]
const BEFORE_WRITING = 300 // milliseconds after the last change: a browser allows only so many changes of its address

/** @type {{ page: string, cell: string }} what was chosen last: another figure of the page begins with it */
let remembered = { page: "", cell: "" }

/**
 * The step that the reader's link asks for, or that was chosen in another figure of this page; null: none.
 * @param {Scene} scene
 * @returns {number | null}
 */
export function chosenStep({ asked, out_size }) {
  if (!asked) return null
  const isHere = remembered.page === location.pathname
  const cell = isHere ? remembered.cell : (linkedQuery(KEYS, asked).get("cell") ?? "")
  remembered = { page: location.pathname, cell }
  return stepOf(cell, out_size)
}

/**
 * The step of a cell in the address; null: there is no such cell.
 * @param {string} text
 * @param {Pair} size of the output
 */
export function stepOf(text, [height, width]) {
  const [, row, column] = /^(\d+),(\d+)$/.exec(text)?.map(Number) ?? []
  return row >= 1 && row <= height && column >= 1 && column <= width ? (row - 1) * width + column - 1 : null
}

/**
 * A cell as the address has it.
 * @param {Pair} cell
 */
export const cellOf = ([row, column]) => `${row + 1},${column + 1}`

export class CellAddress {
  /**
   * Write the cell into the address soon, or again: Streamlit may have written a query of its own.
   * @param {Pair | null} cell row and column; null: none is chosen
   */
  write(cell) {
    remembered = { page: location.pathname, cell: cell ? cellOf(cell) : "" }
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const query = new URLSearchParams(remembered.cell ? { cell: remembered.cell } : {})
      if (remembered.page === location.pathname) writeQuery(KEYS, query)
    }, BEFORE_WRITING)
  }

  close() {
    clearTimeout(this.timer)
  }
}
