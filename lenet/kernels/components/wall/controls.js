/** The controls above the wall. */

import { button, html, setName, setOptions } from "../../../common/components/dom.js"
import { Scrubber } from "../../../common/components/scrubber.js"

/** @import { Settings } from "./query.js" */
/** @import { Saving } from "./saving.js" */
/** @import { Scene, Sort } from "./scene.js" */
/** @import { State } from "./state.js" */

/**
 * What the reader wants.
 * @typedef {object} Intents
 * @property {(index: number) => void} go
 * @property {() => void} togglePlay
 * @property {(changes: Partial<Settings>) => void} set
 * @property {(what: Saving) => void} save
 * @property {() => void} toggleShare
 * @property {() => void} togglePresentation
 */

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Intents} intents
   */
  constructor(root, intents) {
    this.bar = html("div", { class: "bar" }, root)
    this.scrubber = new Scrubber(this.bar, intents, { className: "slider", first: 0 })
    this.layers = this.select("layer", (value) => intents.set({ layer: value === "2" ? 2 : 1 }))
    this.channels = this.select("channels", (value) => intents.set({ colour: value === "colour" }))
    this.sorts = this.select("sort", (value) => intents.set({ sort: /** @type {Sort} */ (value) }))
    this.scales = this.select("scale", (value) => intents.set({ own: value === "own" }))
    const label = html("label", { class: "values" }, this.bar)
    this.checkbox = html("input", { type: "checkbox" }, label)
    this.checkbox.onchange = () => intents.set({ values: this.checkbox.checked })
    this.valuesWord = html("span", {}, label)
    this.save = this.select("save", (value) => {
      this.save.value = ""
      intents.save(/** @type {Saving} */ (value))
    })
    this.link = button("link", "", this.bar, intents.toggleShare)
    this.present = button("present", "", this.bar, intents.togglePresentation)
  }

  /**
   * @param {string} name
   * @param {(value: string) => void} action
   */
  select(name, action) {
    const select = html("select", { class: name }, this.bar)
    select.onchange = () => action(select.value)
    return select
  }

  /** @param {Scene} scene */
  setScene({ words, still, wall, second }) {
    this.scrubber.setWords(words)
    setName(this.scales, words.scale)
    setName(this.layers, words.layer)
    setName(this.channels, words.channels)
    setName(this.sorts, words.sort)
    setName(this.save, words.save)
    this.link.title = words.link
    setOptions(this.scales, [
      ["shared", words.shared],
      ["own", words.own],
    ])
    setOptions(this.layers, [
      ["1", words.layer_first],
      ["2", words.layer_second],
    ])
    setOptions(this.channels, [
      ["colour", words.channels_colour],
      ["each", words.channels_each],
    ])
    setOptions(this.sorts, [
      ["stored", words.sort_stored],
      ["norm", words.sort_norm],
      ["similarity", words.sort_similarity],
    ])
    setOptions(this.save, [
      ["", words.save],
      ["svg", words.save_svg],
      ["png", words.save_png],
      ["print", words.print],
    ])
    this.link.textContent = words.link_short
    for (const part of this.scrubber.parts) part.style.display = still ? "none" : ""
    this.layers.style.display = second ? "" : "none"
    this.bar.style.display = wall ? "" : "none"
  }

  /**
   * @param {State} state
   * @param {object} more
   * @param {boolean} more.isPlaying
   * @param {boolean} more.hasRoom for numbers on the wall
   * @param {boolean} more.hasRoomAnywhere for numbers, on the wall or in the note's kernels
   */
  show(state, { isPlaying, hasRoom, hasRoomAnywhere }) {
    const { settings, index, timeline, where, isStill } = state
    const { words } = state.scene
    this.scrubber.show({ index, last: timeline.last, text: where, isPlaying, isStill })
    this.layers.value = String(settings.layer)
    this.channels.style.display = !state.isSecond && state.kernels.first?.isColour ? "" : "none"
    this.channels.value = settings.colour ? "colour" : "each"
    this.scales.style.display = state.isColour ? "none" : "" // a tile of colour has its own
    this.sorts.value = settings.sort
    this.scales.value = settings.own ? "own" : "shared"
    this.checkbox.checked = settings.values
    this.checkbox.disabled = !hasRoomAnywhere
    this.valuesWord.textContent = hasRoom ? words.values : words.values_none
    this.save.value = ""
    this.present.textContent = settings.presenting ? words.leave : words.present
    this.present.title = settings.presenting ? words.leave : words.present_more
  }

  /** @param {() => void} action what follows whenever something was set with the mouse */
  onSetByMouse(action) {
    let isByMouse = false
    this.bar.onpointerdown = () => {
      isByMouse = true
    }
    this.bar.onkeydown = () => {
      isByMouse = false
    }
    this.bar.onchange = () => {
      if (isByMouse) action()
    }
  }
}
