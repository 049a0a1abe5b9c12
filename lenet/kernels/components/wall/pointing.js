/** The weight that is pointed at, by the pointer or by keys: a frame around it, and a tip beside it. */

import { ARROWS } from "../../../common/components/keys.js"
import { neighbour } from "./keys.js"
import { Tip } from "./tip.js"

/** @import { Weight } from "./keys.js" */
/** @import { Picture, SideName } from "./picture.js" */

/** @typedef {Weight & { side: SideName }} Place of a weight in the picture */

export class Pointing {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.tip = new Tip(holder)
    /** @type {Picture | null} */
    this.picture = null
    /** @type {Place | null} the weight that is told */
    this.place = null
    /** @type {Place | null} where keys are; it stays while the pointer is elsewhere */
    this.cursor = null
  }

  forget() {
    this.place = this.cursor = null
  }

  /**
   * Go on with another picture; what was pointed at is shown again by `show`.
   * @param {Picture} picture
   */
  moveTo(picture) {
    this.picture = picture
    this.tip.hide()
  }

  /** @param {Place | null} place */
  point(place) {
    this.place = place
    this.show()
  }

  /** Say again what is pointed at: its weight has changed. */
  show() {
    const { place, picture } = this
    picture?.side("wall")?.point(null)
    picture?.side("note")?.point(null)
    const wall = place && picture?.side(place.side)
    const cell = wall?.point(place)
    if (place && wall && cell) this.tip.show(wall.explain(place.kernel, place.i), cell, wall.layout.cell)
    else this.tip.hide()
  }

  /**
   * With a wall in focus arrows go from weight to weight, and Escape lets go. Returns what there is to say; null for
   * another key.
   * @param {SideName} side
   * @param {string} key
   */
  key(side, key) {
    const wall = this.picture?.side(side)
    if (!wall) return null
    if (key === "Escape") this.cursor = null
    else if (!(key in ARROWS)) return null
    else if (this.cursor?.side !== side) this.cursor = { side, kernel: wall.order[0], i: 0 }
    else {
      const table = { kernels: wall.grid, order: wall.order, columns: wall.layout.columns }
      this.cursor = { side, ...neighbour(key, this.cursor, table) }
    }
    this.point(this.cursor)
    return this.cursor ? wall.explain(this.cursor.kernel, this.cursor.i).join(". ") : ""
  }
}

/**
 * The weight under the pointer.
 * @param {Event} event
 * @returns {Place | null}
 */
export function placeUnder({ target }) {
  if (!(target instanceof SVGElement) || target.dataset.cell === undefined) return null
  const side = target.closest(".wall")?.getAttribute("data-side") === "note" ? "note" : "wall"
  return { side, kernel: Number(target.dataset.kernel), i: Number(target.dataset.cell) }
}
