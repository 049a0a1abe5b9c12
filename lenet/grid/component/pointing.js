/** What a mouse and fingers do to the view. A tap says what hovering says, and holds it. */

import { Drag } from "./drag.js"
import { cellUnder } from "./zone.js"

/** @import { GridView } from "./view.js" */
/** @import { Place } from "./windows.js" */
/** @import { Target } from "./zone.js" */

export class Pointing {
  /** @param {GridView} view */
  constructor(view) {
    this.view = view
    this.drag = new Drag({
      step: () => view.step,
      total: () => view.windows.total,
      go: (step) => view.go(step),
    })
  }

  /** @param {SVGSVGElement} picture */
  follow(picture) {
    this.drag.follow(picture)
    picture.onpointerover = (event) => event.pointerType === "touch" || this.hover(cellUnder(event))
    picture.onpointerleave = (event) => event.pointerType === "touch" || this.hover(null)
    picture.onclick = (event) => (this.drag.isTouch ? this.tap(cellUnder(event)) : this.click(cellUnder(event)))
    picture.ondblclick = (event) => (cellUnder(event)?.zone ?? "out") !== "out" && this.view.edit(null)
  }

  /** @param {Target | null} target */
  hover(target) {
    const { view } = this
    const hovered = target?.zone === "out" ? target.index : null
    const isSeen = target?.zone === "in" && view.windows.isSeen("in", target.channel)
    const pointed = isSeen && !view.player.isPlaying ? target.index : null
    const weight = target?.zone === "kernel" && !view.player.isPlaying ? target : null
    if (hovered === view.hovered && pointed === view.pointed && isSame(weight, view.weight)) return
    if (hovered !== null && view.player.isPlaying) view.playing.pause() // play goes on from here
    view.hovered = hovered
    view.pointed = pointed
    view.weight = weight
    view.show()
  }

  /** @param {Target | null} target */
  click(target) {
    const { view } = this
    if (!target) return
    const { zone, channel, index } = target
    if (zone === "out") {
      if (index > view.step) view.isFilling = false
      if (view.isAlone && index === view.step) view.showAll()
      else view.go(index)
    } else {
      view.selected = { zone, channel, index }
      const containing = zone === "in" ? view.windows.containing(index) : []
      if (containing.length && !containing.includes(view.step)) view.step = containing[0]
      view.show()
    }
    view.focus(zone)
  }

  /**
   * A second tap on a cell of the input or the kernel changes it; one beside the cells releases what is held.
   * @param {Target | null} target
   */
  tap(target) {
    const { view } = this
    const { selected } = view
    if (!target) return view.select(null)
    const { zone, channel, index } = target
    if (zone === "out") return this.click(target)
    view.player.stop()
    const isShown = view.pointed !== null || view.weight !== null
    const isHeld = isShown && selected?.zone === zone && isSame(selected, target)
    view.select({ zone, channel, index })
    if (isHeld) view.edit(null)
    else view.focus(zone)
  }
}

/**
 * @param {Place | null} one
 * @param {Place | null} other
 */
const isSame = (one, other) => one?.channel === other?.channel && one?.index === other?.index
