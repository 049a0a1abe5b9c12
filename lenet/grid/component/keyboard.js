/** What keys do to the view. */

import { isChord, moved } from "../../common/components/keys.js"
import { clamp } from "../../common/components/math.js"
import { intent } from "./keys.js"
import { zoneIn } from "./zone.js"

/** @import { Edited } from "./scene.js" */
/** @import { GridView } from "./view.js" */

export class Keyboard {
  /** @param {GridView} view */
  constructor(view) {
    this.view = view
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { view } = this
    const zone = zoneIn(event.target)
    if (!zone || isChord(event)) return
    if (event.key === "Escape" && view.isAlone) return view.showAll()
    const asked = intent(zone, event.key)
    switch (asked?.do) {
      case "move":
        if (zone === "out") this.moveWindow(event.key)
        else this.moveSelection(zone, event.key)
        break
      case "channel":
        if (zone !== "out") this.changeChannel(zone, asked.by ?? 0)
        break
      case "play":
        view.playing.toggle()
        break
      case "edit":
        view.edit(asked.typed ?? null)
        break
      case "release":
        view.select(null)
        break
      default:
        return
    }
    event.preventDefault()
  }

  /** @param {string} key */
  moveWindow(key) {
    const { windows, step, scene } = this.view
    const cell = moved(key, windows.cell("out", step), scene.out_size)
    if (cell) this.view.go(windows.index("out", cell))
  }

  /**
   * @param {Edited} zone
   * @param {string} key
   */
  moveSelection(zone, key) {
    const { windows, selected } = this.view
    const before = selected?.zone === zone ? selected : null
    const cell = before ? moved(key, windows.cell(zone, before.index), windows.size(zone)) : windows.cell(zone, 0)
    if (cell) this.view.select({ zone, channel: before?.channel ?? 0, index: windows.index(zone, cell) })
  }

  /**
   * @param {Edited} zone
   * @param {number} by
   */
  changeChannel(zone, by) {
    const { selected, windows } = this.view
    const { channel, index } = selected?.zone === zone ? selected : { channel: 0, index: 0 }
    this.view.select({ zone, channel: clamp(channel + by, 0, windows.channelsOf(zone).length - 1), index })
  }
}
