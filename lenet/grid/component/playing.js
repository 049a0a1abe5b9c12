/** Play: the window moves by itself. */

import { wantsStillness } from "../../common/components/motion.js"
import { Player } from "../../common/components/player.js"

/** @import { GridView } from "./view.js" */

export class Playing {
  /** @param {GridView} view */
  constructor(view) {
    this.view = view
    /** @type {number | null} windows per second, once the reader has chosen */
    this.speed = null
    this.player = new Player(() => this.advance())
  }

  toggle() {
    if (this.player.isPlaying) this.pause()
    else this.play()
  }

  /**
   * Fill the output window by window, or add up what its cells send back; the gradient of a pooling is all there from the
   * start, and only the window moves. Where the reader wants no motion it is one window for each press.
   */
  play() {
    const { view } = this
    const fills = !view.scene.back || Boolean(view.layer.send)
    const begins = view.step === view.windows.total - 1 || (fills && !view.isFilling)
    if (wantsStillness() && !begins) return this.advance()
    if (begins) {
      view.step = 0
      view.isFilling = fills
      view.isAlone = false
    }
    view.hovered = view.pointed = view.weight = null
    if (!wantsStillness()) this.player.start(1000 / this.perSecond)
    view.show()
  }

  advance() {
    const { view } = this
    const last = view.windows.total - 1
    if (view.step < last) view.moveTo(view.step + 1)
    if (view.step === last) view.showAll()
  }

  pause() {
    this.player.stop()
    this.view.showControls()
  }

  get perSecond() {
    return this.speed ?? (this.view.windows.total > 36 ? 15 : 2)
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed
    if (this.player.isPlaying) this.player.start(1000 / speed)
  }
}
