/** What a mouse and fingers do to the view. A tap says what hovering says, and holds it. */

import { Drag } from "./drag.js"
import { cellUnder } from "./zone.js"

/** @import { GridView } from "./view.js" */
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
    picture.ondblclick = (event) => cellUnder(event)?.zone === "in" && this.view.edit(null)
  }

  /** @param {Target | null} target */
  hover(target) {
    const { view } = this
    const hovered = target?.zone === "out" ? target.index : null
    const pointed = target?.zone === "in" && !view.player.isPlaying ? target.index : null
    if (hovered === view.hovered && pointed === view.pointed) return
    if (hovered !== null && view.player.isPlaying) view.pause() // play goes on from here
    view.hovered = hovered
    view.pointed = pointed
    view.show()
  }

  /** @param {Target | null} target */
  click(target) {
    const { view } = this
    if (!target) return
    if (target.zone === "out") {
      if (target.index > view.step) view.isFilling = false
      view.go(target.index)
    } else {
      view.selected = { channel: target.channel, index: target.index }
      const containing = view.windows.containing(target.index)
      if (containing.length && !containing.includes(view.step)) view.step = containing[0]
      view.show()
    }
    view.focus(target.zone)
  }

  /**
   * A second tap on a cell of the input changes it; one beside the cells releases what is held.
   * @param {Target | null} target
   */
  tap(target) {
    const { view } = this
    const { selected } = view
    if (!target) return view.select(null)
    if (target.zone === "out") return this.click(target)
    view.player.stop()
    const isHeld = selected?.index === target.index && selected.channel === target.channel && view.pointed !== null
    view.select({ channel: target.channel, index: target.index })
    if (isHeld) view.edit(null)
    else view.focus("in")
  }
}
