/** The controls above the wall. */

import { button, html, setName, setOptions } from "../../../common/components/dom.js"
import { Scrubber } from "../../../common/components/scrubber.js"
import { fill } from "../../../common/components/text.js"

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
 * @property {(side: "curve" | "note") => void} toggle
 * @property {() => void} blank
 * @property {() => void} changed the controls take another room
 */

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Intents} intents
   */
  constructor(root, intents) {
    this.bar = html("div", { class: "bar" }, root)
    const transport = html("div", { class: "transport" }, this.bar)
    this.scrubber = new Scrubber(transport, intents, { className: "slider", first: 0 })
    this.settings = html("div", { class: "settings" }, this.bar)
    // What is about a presentation alone.
    this.kernels = this.select("kernels", (value) => intents.set({ kernel: value ? Number(value) : null }))
    this.curve = this.box("curve", () => intents.toggle("curve"))
    this.note = this.box("note", () => intents.toggle("note"))
    this.clicker = this.select("clicker", (value) => intents.set({ epochs: value === "epochs" }))
    // What is there always.
    this.layers = this.select("layer", (value) => intents.set({ layer: value === "2" ? 2 : 1 }))
    this.channels = this.select("channels", (value) => intents.set({ colour: value === "colour" }))
    this.sorts = this.select("sort", (value) => intents.set({ sort: /** @type {Sort} */ (value) }))
    this.scales = this.select("scale", (value) => intents.set({ own: value === "own" }))
    this.values = this.box("values", (isOn) => intents.set({ values: isOn }))
    this.save = this.select("save", (value) => {
      this.save.value = ""
      intents.save(/** @type {Saving} */ (value))
    })
    const ends = html("div", { class: "ends" }, this.bar)
    this.more = button("more", "⋯", ends, () => {
      const isOpen = this.bar.classList.toggle("open")
      this.more.setAttribute("aria-expanded", String(isOpen))
      intents.changed()
    })
    this.more.setAttribute("aria-expanded", "false")
    this.blank = button("blank", "", ends, intents.blank)
    this.link = button("link", "", ends, intents.toggleShare)
    this.present = button("present", "", ends, intents.togglePresentation)
  }

  /**
   * @param {string} name
   * @param {(value: string) => void} action
   */
  select(name, action) {
    const select = html("select", { class: name }, this.settings)
    select.onchange = () => action(select.value)
    return select
  }

  /**
   * @param {string} name
   * @param {(isOn: boolean) => void} action
   */
  box(name, action) {
    const label = html("label", { class: `box ${name}` }, this.settings)
    const input = html("input", { type: "checkbox" }, label)
    input.onchange = () => action(input.checked)
    return { label, input, word: html("span", {}, label) }
  }

  /** @param {Scene} scene */
  setScene({ words, still, wall, second }) {
    this.scrubber.setWords(words)
    setName(this.scales, words.scale)
    setName(this.layers, words.layer)
    setName(this.channels, words.channels)
    setName(this.sorts, words.sort)
    setName(this.save, words.save)
    setName(this.kernels, words.kernels)
    setName(this.clicker, words.clicker)
    setName(this.more, words.more)
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
    setOptions(this.clicker, [
      ["snapshots", words.clicker_snapshots],
      ["epochs", words.clicker_epochs],
    ])
    this.link.textContent = words.link_short
    this.link.title = words.link
    this.blank.textContent = words.blank
    this.curve.word.textContent = words.curve
    this.note.word.textContent = words.note
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
   * @param {{ curve: boolean, note: boolean }} more.beside what stands beside the wall
   */
  show(state, { isPlaying, hasRoom, hasRoomAnywhere, beside }) {
    const { settings, index, timeline, where, isStill } = state
    const { words } = state.scene
    this.scrubber.show({ index, last: timeline.last, text: where, isPlaying, isStill })
    this.layers.value = String(settings.layer)
    this.channels.style.display = !state.isSecond && state.kernels.first?.isColour ? "" : "none"
    this.channels.value = settings.colour ? "colour" : "each"
    this.scales.style.display = state.isColour ? "none" : "" // a tile of colour has its own
    this.sorts.value = settings.sort
    this.scales.value = settings.own ? "own" : "shared"
    this.values.input.checked = settings.values
    this.values.input.disabled = !hasRoomAnywhere
    this.values.word.textContent = hasRoom ? words.values : words.values_none
    this.showPresentation(state, beside)
    this.save.value = ""
    this.present.textContent = settings.presenting ? words.leave : words.present
    this.present.title = settings.presenting ? words.leave : words.present_more
  }

  /**
   * @param {State} state
   * @param {{ curve: boolean, note: boolean }} beside
   */
  showPresentation(state, beside) {
    const { settings, isPresented, isAlone, isStill, kernel, layer, scene } = state
    const show = (/** @type {HTMLElement} */ part, /** @type {boolean} */ isOn) => {
      part.style.display = isOn ? "" : "none"
    }
    show(this.curve.label, isPresented && !isAlone && scene.curve !== null)
    show(this.note.label, isPresented && !isAlone)
    show(this.kernels, isPresented)
    show(this.clicker, isPresented && !isStill)
    show(this.blank, isPresented)
    show(this.more, isPresented)
    this.curve.input.checked = beside.curve
    this.note.input.checked = beside.note
    this.clicker.value = settings.epochs ? "epochs" : "snapshots"
    const names = Array.from({ length: layer?.out ?? 0 }, (_, i) => fill(scene.words.kernel, { n: i + 1 }))
    if (this.kernels.options.length !== names.length + 1) {
      const each = names.map((name, i) => /** @type {[number, string]} */ ([i, name]))
      setOptions(this.kernels, [["", scene.words.kernels], ...each])
    }
    this.kernels.value = kernel === null ? "" : String(kernel)
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
