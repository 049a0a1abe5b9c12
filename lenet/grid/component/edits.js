/**
 * Edits on their way to the server. A message that follows another one before the server has read that replaces it, so
 * each carries the edits before it that are not in the scene yet.
 */

/** @import { Edit } from "./editor.js" */
/** @import { Cells } from "./scene.js" */

const PATIENCE = 3000 // milliseconds, after which the server has refused an edit

export class Edits {
  /** @param {(edits: Edit[]) => void} send */
  constructor(send) {
    this.send = send
    /** @type {{ edit: Edit, before: string, until: number }[]} */
    this.pending = []
  }

  /**
   * @param {Edit} edit
   * @param {string} before the text of the cell
   * @param {number} now
   */
  add(edit, before, now) {
    this.pending = this.pending.filter(({ until }) => until > now)
    this.pending.push({ edit, before, until: now + PATIENCE })
    this.send(this.pending.map(({ edit }) => edit))
  }

  /**
   * Drop those that a new scene shows.
   * @param {Cells} cells as they are now
   * @param {number} width of their grid
   */
  settle({ texts }, width) {
    const text = (/** @type {Edit} */ { channel, row, column }) => texts[channel]?.[row * width + column]
    this.pending = this.pending.filter(({ edit, before }) => text(edit) === before)
  }
}
