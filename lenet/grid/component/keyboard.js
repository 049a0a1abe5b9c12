/** What keys do to the view. */

import { isChord, moved } from "../../common/components/keys.js"
import { clamp } from "../../common/components/math.js"
import { intent } from "./keys.js"

/** @import { GridView } from "./view.js" */

export class Keyboard {
  /** @param {GridView} view */
  constructor(view) {
    this.view = view
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { view } = this
    const zone = event.target instanceof Element ? event.target.getAttribute("data-zone") : null
    if ((zone !== "in" && zone !== "out") || isChord(event)) return
    const asked = intent(zone, event.key)
    switch (asked?.do) {
      case "move":
        if (zone === "out") this.moveWindow(event.key)
        else this.moveSelection(event.key)
        break
      case "channel":
        this.changeChannel(asked.by ?? 0)
        break
      case "play":
        if (view.player.isPlaying) view.pause()
        else view.play()
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

  /** @param {string} key */
  moveSelection(key) {
    const { windows, scene, selected } = this.view
    const { channel, index } = selected ?? { channel: 0, index: 0 }
    const cell = selected ? moved(key, windows.cell("in", index), scene.size) : windows.cell("in", 0)
    if (cell) this.view.select({ channel, index: windows.index("in", cell) })
  }

  /** @param {number} by */
  changeChannel(by) {
    const { selected, scene } = this.view
    const { channel, index } = selected ?? { channel: 0, index: 0 }
    this.view.select({ channel: clamp(channel + by, 0, scene.channels - 1), index })
  }
}
