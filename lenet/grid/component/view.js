/** The view: what is shown and chosen (the state), the parts that draw it, and what pointer and keys do to it. */

import { focused, html, pageTop } from "../../common/components/dom.js"
import { download, standalone } from "../../common/components/file.js"
import { isChord, moved } from "../../common/components/keys.js"
import { clamp } from "../../common/components/math.js"
import { Player } from "../../common/components/player.js"
import { fill } from "../../common/components/text.js"
import { Controls } from "./controls.js"
import { CellEditor } from "./editor.js"
import { intent } from "./keys.js"
import { layout, legendLines } from "./layout.js"
import { WindowPanel } from "./panel.js"
import { Picture } from "./picture.js"
import { Windows } from "./windows.js"
import { cellUnder } from "./zone.js"

/** @import { Host, View } from "../../common/components/component.js" */
/** @import { Scene, ZoneName } from "./scene.js" */
/** @import { Target } from "./zone.js" */

/** @implements {View<Scene>} */
export class GridView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.root = root
    this.windows = new Windows(scene)

    // The state: what the reader has chosen. The scene is all else.
    this.step = scene.start // the output cell that the window belongs to
    /** @type {number | null} an output cell under the pointer: its window shows until the pointer leaves */
    this.hovered = null
    /** @type {number | null} an input cell under the pointer */
    this.pointed = null
    /** @type {{ channel: number, index: number } | null} the input cell that keys act on */
    this.selected = null
    this.isFilling = false // output cells after `step` are blank
    /** @type {number | null} windows per second, once the reader has chosen */
    this.speed = null
    this.player = new Player(() => this.advance())

    // The parts that stay.
    this.holder = html("div", { class: "holder" }, root)
    this.controls = new Controls(root, {
      go: (step) => this.go(step),
      togglePlay: () => (this.player.isPlaying ? this.pause() : this.play()),
      showAll: () => this.showAll(),
      setSpeed: (speed) => this.setSpeed(speed),
      save: () => this.save(),
    })
    this.live = html("div", { class: "live", "aria-live": "polite" }, root)
    this.editor = new CellEditor(this.holder, {
      commit: (edit) => host.setTriggerValue("edit", edit),
      leave: () => this.focus("in"),
    })

    this.closing = new AbortController()
    window.addEventListener("resize", () => this.draw(), { signal: this.closing.signal })
    this.resizer = new ResizeObserver(() => this.width !== this.picture?.layout.width && this.draw())
    this.resizer.observe(this.holder)
  }

  close() {
    this.player.stop()
    this.resizer.disconnect()
    this.closing.abort()
  }

  get scene() {
    return this.windows.scene
  }

  get width() {
    return Math.floor(this.holder.clientWidth)
  }

  /** @param {Scene} scene */
  update(scene) {
    const before = this.scene
    this.windows = new Windows(scene)
    this.player.stop()
    this.isFilling = false
    if (String(before.out_size) !== String(scene.out_size)) this.step = scene.start
    if (String(before.size) !== String(scene.size)) this.selected = null
    this.hovered = this.pointed = null
    this.controls.setScene(scene, this.perSecond)
    this.draw()
  }

  // ---- moving the window ----

  /** @param {number} step */
  go(step) {
    this.player.stop()
    this.moveTo(step)
  }

  /** @param {number} step */
  moveTo(step) {
    this.step = clamp(step, 0, this.windows.total - 1)
    this.hovered = null
    this.show()
  }

  /** Fill the output window by window; a gradient is all there from the start, and only the window moves. */
  play() {
    const isFilled = !this.scene.back && !this.isFilling
    if (this.step === this.windows.total - 1 || isFilled) {
      this.step = 0
      this.isFilling = !this.scene.back
    }
    this.hovered = null
    this.player.start(1000 / this.perSecond)
    this.show()
  }

  advance() {
    const last = this.windows.total - 1
    if (this.step < last) this.moveTo(this.step + 1)
    if (this.step === last) this.showAll()
  }

  pause() {
    this.player.stop()
    this.showControls()
  }

  showAll() {
    this.player.stop()
    this.isFilling = false
    this.show()
  }

  get perSecond() {
    return this.speed ?? (this.windows.total > 36 ? 15 : 2)
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed
    if (this.player.isPlaying) this.player.start(1000 / speed)
  }

  // ---- drawing ----

  /** Draw the picture anew, for the room that there is. */
  draw() {
    const { width, windows } = this
    if (!width) return
    this.editor.close()
    const old = this.picture?.svg
    const inFocus = focused(old)?.getAttribute("data-zone")
    this.panel = new WindowPanel(windows, getComputedStyle(this.holder).fontFamily)
    // So high that it and the controls below it are on screen without scrolling.
    const height = clamp(window.innerHeight - clamp(pageTop(this.holder), 240, 400) - 120, 220, 620)
    const room = { width, height, legend: legendLines(width, windows.around.length) }
    const { panel } = this
    this.picture = new Picture(
      windows,
      layout(this.scene, room, (mini) => panel.height(mini)),
    )
    const picture = this.picture.svg
    picture.onpointerover = (event) => this.point(cellUnder(event))
    picture.onpointerleave = () => this.point(null)
    picture.onclick = (event) => this.click(cellUnder(event))
    picture.ondblclick = (event) => cellUnder(event)?.zone === "in" && this.edit(null)
    picture.onkeydown = (event) => this.key(event)
    if (old) old.replaceWith(picture)
    else this.holder.append(picture)
    if (inFocus === "in" || inFocus === "out") this.focus(inFocus)
    this.show()
  }

  /** Draw the state into the picture. */
  show() {
    this.showControls()
    const { picture, panel, pointed } = this
    if (!picture || !panel) return
    const step = this.hovered ?? this.step
    picture.clearMarks()
    picture.zones.out.blankAfter(this.isFilling ? this.step : Infinity)
    for (let channel = 0; channel < this.scene.channels; channel++) {
      if (pointed === null) picture.markWindow(channel, step)
      else picture.markContaining(channel, pointed)
    }
    if (this.selected) {
      const cell = this.windows.cell("in", this.selected.index)
      picture.zones.in.mark(this.selected.channel, ...cell, { isSelection: true })
    }
    const told = panel.show(picture, step, pointed)
    if (!this.player.isPlaying && pointed === null) this.live.textContent = told
  }

  showControls() {
    const { step, isFilling } = this
    const { total } = this.windows
    this.controls.show(this.scene, { step, total, isFilling, isPlaying: this.player.isPlaying })
  }

  // ---- pointer and keys ----

  /** @param {ZoneName} zone */
  focus(zone) {
    this.picture?.zones[zone].group.focus({ preventScroll: true })
  }

  /** @param {Target | null} target */
  point(target) {
    const hovered = target?.zone === "out" ? target.index : null
    const pointed = target?.zone === "in" && !this.player.isPlaying ? target.index : null
    if (hovered === this.hovered && pointed === this.pointed) return
    if (hovered !== null && this.player.isPlaying) this.pause() // play goes on from here
    this.hovered = hovered
    this.pointed = pointed
    this.show()
  }

  /** @param {Target | null} target */
  click(target) {
    if (!target) return
    if (target.zone === "out") {
      if (target.index > this.step) this.isFilling = false
      this.go(target.index)
    } else {
      this.selected = { channel: target.channel, index: target.index }
      const containing = this.windows.containing(target.index)
      if (containing.length && !containing.includes(this.step)) this.step = containing[0]
      this.show()
    }
    this.focus(target.zone)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const zone = event.target instanceof Element ? event.target.getAttribute("data-zone") : null
    if ((zone !== "in" && zone !== "out") || isChord(event)) return
    const asked = intent(zone, event.key)
    switch (asked?.do) {
      case "move":
        if (zone === "out") this.moveWindow(event.key)
        else this.moveSelection(event.key)
        break
      case "play":
        if (this.player.isPlaying) this.pause()
        else this.play()
        break
      case "edit":
        this.edit(asked.typed ?? null)
        break
      case "release":
        this.selected = null
        this.show()
        break
      default:
        return
    }
    event.preventDefault()
  }

  /** @param {string} key */
  moveWindow(key) {
    const cell = moved(key, this.windows.cell("out", this.step), this.scene.out_size)
    if (cell) this.go(this.windows.index("out", cell))
  }

  /** @param {string} key */
  moveSelection(key) {
    const { windows, scene } = this
    const { channel, index } = this.selected ?? { channel: 0, index: 0 }
    const cell = this.selected ? moved(key, windows.cell("in", index), scene.size) : windows.cell("in", 0)
    if (!cell) return
    this.selected = { channel, index: windows.index("in", cell) }
    this.pointed = null
    this.show()
    const place = fill(scene.words.row_column, { row: cell[0] + 1, column: cell[1] + 1 })
    this.live.textContent = `${place}: ${scene.input.texts[channel][this.selected.index]}`
  }

  // ---- what leaves the figure ----

  /**
   * Edit the selected input cell.
   * @param {string | null} typed what the edit begins with, in place of the cell's number
   */
  edit(typed) {
    if (this.picture && this.selected && !this.scene.back) this.editor.open(this.picture, this.selected, typed)
  }

  save() {
    if (!this.picture) return
    const copy = /** @type {SVGSVGElement} */ (this.picture.svg.cloneNode(true))
    download(standalone(copy, this.root), `${this.scene.back ? "gradient" : "pooling"}.svg`)
  }
}
