/** The weight that is pointed at, by the pointer or by keys: a frame around it, and a tip beside it. */

import { followFinger, isFinger } from "../../../common/components/fingers.js"
import { ARROWS } from "../../../common/components/keys.js"
import { neighbour } from "./keys.js"
import { Tip } from "./tip.js"

/** @import { Weight } from "./keys.js" */
/** @import { Picture, SideName } from "./picture.js" */

/** @typedef {Weight & { side: SideName }} Place of a weight in the picture */

const NEAR = 24 // CSS pixels from a cell: a finger that is further away means none

export class Pointing {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.tip = new Tip(holder)
    /** @type {Picture | null} */
    this.picture = null
    /** @type {Place | null} the weight that is told */
    this.place = null
    /** @type {Place | null} the weight that is told while the pointer is elsewhere */
    this.pinned = null
    /** @type {Place | null} where keys are; it stays while the pointer is elsewhere */
    this.cursor = null
  }

  forget() {
    this.place = this.pinned = this.cursor = null
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
    this.place = place ?? this.pinned
    this.show()
  }

  /**
   * Keep telling a weight, until it or no weight is pinned again. Returns what there is to say.
   * @param {Place | null} place
   */
  pin(place) {
    this.pinned = place && isSame(place, this.pinned) ? null : place
    if (this.pinned) this.cursor = this.pinned
    this.place = this.pinned
    this.show()
    return this.pinned ? this.words(this.pinned) : ""
  }

  /**
   * Pin a weight while a finger looks for it.
   * @param {Place} place
   */
  keep(place) {
    this.place = this.pinned = this.cursor = place
    this.show()
  }

  /** @param {Place} place */
  words({ side, kernel, i }) {
    return this.picture?.side(side)?.explain(kernel, i).join(". ") ?? ""
  }

  /** Say again what is pointed at: its weight has changed. */
  show() {
    const { place, picture } = this
    picture?.side("wall")?.point(null)
    picture?.side("note")?.point(null)
    const wall = place && picture?.side(place.side)
    const cell = wall?.point(place, isSame(place, this.pinned))
    if (place && wall && cell) this.tip.show(wall.explain(place.kernel, place.i), cell, wall.layout.cell)
    else this.tip.hide()
  }

  /**
   * With a wall in focus arrows go from weight to weight, Enter pins one, and Escape lets go. Returns what there is to
   * say; null for another key.
   * @param {SideName} side
   * @param {string} key
   */
  key(side, key) {
    const wall = this.picture?.side(side)
    if (!wall) return null
    if (key === "Escape") this.cursor = this.pinned = null
    else if (key === "Enter" && this.cursor?.side === side) return this.pin(this.cursor)
    else if (!(key in ARROWS)) return null
    else if (this.cursor?.side !== side) this.cursor = { side, kernel: wall.order[0], i: 0 }
    else {
      const table = { kernels: wall.grid, order: wall.order, columns: wall.layout.columns }
      this.cursor = { side, ...neighbour(key, this.cursor, table) }
    }
    this.point(this.cursor)
    return this.cursor ? this.words(this.cursor) : ""
  }

  /**
   * The weight under a pointer, or the nearest one.
   * @param {MouseEvent} event
   * @returns {Place | null}
   */
  near(event) {
    const { picture } = this
    const found = placeUnder(event)
    if (found || !picture) return found
    const { left, top } = picture.svg.getBoundingClientRect()
    const at = { x: event.clientX - left, y: event.clientY - top }
    const sides = /** @type {const} */ (["wall", "note"]).flatMap((side) => {
      const wall = picture.side(side)
      const best = wall && nearestCell(wall.cells, wall.layout.cell, at)
      if (!wall || !best) return []
      const { size } = wall.grid
      return [{ side, kernel: Math.floor(best.n / size), i: best.n % size, distance: best.distance }]
    })
    const [best] = sides.sort((a, b) => a.distance - b.distance)
    return best ? { side: best.side, kernel: best.kernel, i: best.i } : null
  }
}

/**
 * A mouse tells the weight under it, and a click or tap pins it; a finger that is drawn sideways looks for its weight.
 * @param {SVGSVGElement} picture
 * @param {Pointing} pointing
 * @param {{ focus: () => void, tell: (words: string) => void }} then `focus`: give the keys to the slider, not to what was
 *   clicked
 */
export function listenToPointer(picture, pointing, { focus, tell }) {
  picture.onpointermove = (event) => isFinger(event) || pointing.point(placeUnder(event))
  picture.onpointerleave = (event) => isFinger(event) || pointing.point(null)
  picture.onpointerdown = (event) => {
    if (isFinger(event)) return
    event.preventDefault()
    focus()
  }
  picture.onclick = (event) => tell(pointing.pin(pointing.near(event)))
  followFinger(picture, (event) => {
    const place = pointing.near(event)
    if (place) pointing.keep(place)
  })
}

/**
 * The weight under the pointer. A finger that is followed keeps the cell where it came down as the event's target.
 * @param {MouseEvent} event
 * @returns {Place | null}
 */
export function placeUnder(event) {
  const { clientX, clientY } = event
  const [first] = event.composedPath()
  const tree = first instanceof Node ? first.getRootNode() : document
  const target = tree instanceof ShadowRoot ? tree.elementFromPoint(clientX, clientY) : first
  if (!(target instanceof SVGElement) || target.dataset.cell === undefined) return null
  const side = target.closest(".wall")?.getAttribute("data-side") === "note" ? "note" : "wall"
  return { side, kernel: Number(target.dataset.kernel), i: Number(target.dataset.cell) }
}

/**
 * The cell nearest to a point, if one is near, with its distance.
 * @param {{ x: number, y: number }[]} cells their corners
 * @param {number} size of a cell
 * @param {{ x: number, y: number }} point
 */
export function nearestCell(cells, size, { x, y }) {
  const beyond = (/** @type {number} */ at, /** @type {number} */ start) => Math.max(start - at, at - start - size, 0)
  /** @type {{ n: number, distance: number } | null} */
  let best = null
  for (const n of cells.keys()) {
    const corner = cells[n]
    const distance = corner ? Math.hypot(beyond(x, corner.x), beyond(y, corner.y)) : Infinity
    if (distance <= NEAR && (!best || distance < best.distance)) best = { n, distance }
  }
  return best
}

/**
 * @param {Place | null} a
 * @param {Place | null} b
 */
const isSame = (a, b) => a !== null && b !== null && a.side === b.side && a.kernel === b.kernel && a.i === b.i
