/** The view: what is shown and chosen (the state), and the parts that draw it and follow the reader. */

import { ownKeys } from "../../common/components/address.js"
import { focused, followWidth, html, pageTop } from "../../common/components/dom.js"
import { download, drawing, standalone } from "../../common/components/file.js"
import { clamp } from "../../common/components/math.js"
import { cellWords } from "./announcement.js"
import { CellAddress, chosenStep } from "./chosen.js"
import { Controls } from "./controls.js"
import { CellEditor } from "./editor.js"
import { Edits } from "./edits.js"
import { ownerOf } from "./following.js"
import { Keyboard } from "./keyboard.js"
import { layerOf } from "./layer.js"
import { layout, legendLines, roomHeight } from "./layout.js"
import { WindowPanel } from "./panel.js"
import { Picture } from "./picture.js"
import { Playing } from "./playing.js"
import { Pointing } from "./pointing.js"
import { Windows } from "./windows.js"
import { zoneIn } from "./zone.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Host, View } from "../../common/components/component.js" */
/** @import { Chosen, Direction } from "./editor.js" */
/** @import { Scene, ZoneName } from "./scene.js" */
/** @import { Place } from "./windows.js" */

/** @implements {View<Scene>} */
export class GridView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.root = root
    this.layer = layerOf(new Windows(scene))

    // The state: what the reader has chosen. The scene is all else.
    const chosen = chosenStep(scene)
    this.step = chosen ?? scene.start // the output cell that the window belongs to
    /** @type {number | null} an output cell under the pointer: its window shows until the pointer leaves */
    this.hovered = null
    /** @type {number | null} an input cell whose windows are shown: under the pointer, tapped, or come to by keys */
    this.pointed = null
    /** @type {Place | null} a weight of the kernel, likewise */
    this.weight = null
    /** @type {Chosen | null} the cell that keys act on */
    this.selected = null
    this.isFilling = false // output cells after `step` are blank
    this.isAlone = chosen !== null && Boolean(this.layer.send) // only the output cell `step` sends its gradient back
    this.playing = new Playing(this)

    // The parts that stay.
    this.holder = html("div", { class: "holder" }, root)
    this.controls = new Controls(root, {
      go: (step) => this.go(step),
      togglePlay: () => this.playing.toggle(),
      showAll: () => this.showAll(),
      setSpeed: (speed) => this.playing.setSpeed(speed),
      save: () => this.save(),
    })
    this.live = html("div", { class: "live", "aria-live": "polite" }, root)
    const edits = {
      in: new Edits((all) => host.setTriggerValue("edit", all)),
      kernel: new Edits((all) => host.setTriggerValue("edit_kernel", all)),
    }
    this.edits = edits
    this.editor = new CellEditor(this.holder, {
      commit: (zone, edit, before) => edits[zone].add(edit, before, Date.now()),
      leave: (zone) => this.focus(zone),
      next: (direction) => this.editNext(direction),
    })
    this.address = new CellAddress()
    this.disown = scene.asked ? ownKeys(ownerOf(this)) : null
    this.keyboard = new Keyboard(this)
    this.pointing = new Pointing(this)

    this.closing = new AbortController()
    window.addEventListener("resize", () => this.draw(), { signal: this.closing.signal })
    this.unfollow = followWidth(
      this.holder,
      () => this.picture?.layout.width,
      () => this.draw(),
    )
  }

  close() {
    this.player.stop()
    this.address.close()
    this.disown?.()
    this.unfollow()
    this.closing.abort()
  }

  get windows() {
    return this.layer.windows
  }

  get scene() {
    return this.windows.scene
  }

  get player() {
    return this.playing.player
  }

  get width() {
    return this.holder.clientWidth
  }

  /** @param {Scene} scene */
  update(scene) {
    const before = this.windows
    this.layer = layerOf(new Windows(scene))
    this.player.stop()
    this.isFilling = false
    if (String(before.size("out")) !== String(scene.out_size)) {
      this.step = scene.start
      this.isAlone = false
    }
    if (shape(before) !== shape(this.windows)) {
      this.selected = null
      this.editor.close()
    }
    this.edits.in.settle(scene.input, scene.size[1])
    if (scene.kernel) this.edits.kernel.settle(scene.kernel, this.windows.size("kernel")[1])
    this.hovered = this.pointed = this.weight = null
    this.controls.setScene(scene, this.playing.perSecond)
    this.draw()
  }

  again() {
    this.showControls()
  }

  // ---- moving the window ----

  /** @param {number} step */
  go(step) {
    this.player.stop()
    this.isAlone = Boolean(this.layer.send) && !this.isFilling
    this.moveTo(step)
  }

  /** @param {number} step */
  moveTo(step) {
    this.step = clamp(step, 0, this.windows.total - 1)
    this.hovered = this.pointed = this.weight = null
    this.show()
  }

  showAll() {
    this.player.stop()
    this.isFilling = this.isAlone = false
    this.show()
  }

  /**
   * The first and the last output cell that send a gradient back: one that is chosen, those so far, or all.
   * @returns {Pair}
   */
  get span() {
    if (this.hovered !== null) return [this.hovered, this.hovered]
    if (this.isFilling) return [0, this.step]
    return this.isAlone ? [this.step, this.step] : [0, this.windows.total - 1]
  }

  // ---- drawing ----

  /** Draw the picture anew, for the room that there is. */
  draw() {
    const { width, windows } = this
    if (!width) return
    const old = this.picture?.svg
    const inFocus = zoneIn(focused(old))
    this.panel = new WindowPanel(this.layer, getComputedStyle(this.holder).fontFamily)
    const height = roomHeight(width, window.innerHeight, pageTop(this.holder))
    const room = { width, height, legend: legendLines(width, windows.around.length) }
    this.picture = new Picture(this.layer, layout(this.scene, room, this.panel.textHeight))
    const picture = this.picture.svg
    this.pointing.follow(picture)
    picture.onkeydown = (event) => this.keyboard.press(event)
    if (old) old.replaceWith(picture)
    else this.holder.append(picture)
    this.editor.place(this.picture.layout)
    if (inFocus) this.focus(inFocus)
    this.show()
  }

  /** Draw the state into the picture. */
  show() {
    this.showControls()
    const { picture, panel, pointed, weight } = this
    if (!picture || !panel) return
    const step = this.hovered ?? this.step
    const sent = this.layer.send?.(this.span)
    if (sent) picture.zones.in.renew(sent.input)
    if (sent) picture.zones.kernel?.renew(sent.kernel)
    picture.clearMarks()
    picture.zones.out.blankAfter(this.isFilling ? this.step : Infinity)
    if (pointed !== null) picture.markContaining(pointed)
    else if (!this.layer.isWhole) picture.markWindow(step)
    if (weight) picture.markWeight(weight, step)
    if (this.selected) {
      const { zone, channel, index } = this.selected
      picture.zones[zone]?.mark(channel, ...this.windows.cell(zone, index), { isSelection: true })
    }
    const told = panel.show(picture, { step, pointed, weight })
    if (!this.player.isPlaying && pointed === null) this.live.textContent = told
  }

  showControls() {
    const { step } = this
    const { total } = this.windows
    const isPart = this.isFilling || this.isAlone
    const { isPlaying } = this.player
    this.controls.show(this.scene, { step, total, isPart, isPlaying })
    if (this.scene.asked && !isPlaying) this.address.write(this.chosen ? this.windows.cell("out", step) : null)
  }

  /** Whether the output cell is one that was chosen. */
  get chosen() {
    return this.layer.send ? this.isAlone : this.step !== this.scene.start
  }

  // ---- the reader's cell ----

  /** @param {ZoneName} zone */
  focus(zone) {
    this.picture?.zones[zone]?.group.focus({ preventScroll: true })
  }

  /**
   * Choose a cell of the input, show its windows and say what there is to hear of it, or a weight; null: no cell.
   * @param {Chosen | null} cell
   */
  select(cell) {
    this.selected = cell
    if (!cell) this.isAlone = false
    const shown = this.player.isPlaying ? null : cell
    this.hovered = null
    this.pointed = shown?.zone === "in" && this.windows.isSeen("in", shown.channel) ? shown.index : null
    this.weight = shown?.zone === "kernel" ? shown : null
    this.show()
    if (cell?.zone === "in") this.live.textContent = cellWords(this.layer, cell.channel, cell.index)
  }

  // ---- what leaves the figure ----

  /**
   * Edit the selected cell.
   * @param {string | null} typed what the edit begins with, in place of the cell's number
   */
  edit(typed) {
    const { back, fixed } = this.scene
    if (this.picture && this.selected && !back && !fixed) this.editor.open(this.picture, this.selected, typed)
  }

  /** @param {Direction} direction */
  editNext(direction) {
    if (!this.selected) return
    const { zone } = this.selected
    const by = { after: 1, before: -1, below: this.windows.size(zone)[1] }[direction]
    const next = this.windows.following(this.selected, by, zone)
    if (!next) return this.focus(zone)
    this.select({ ...next, zone })
    this.edit(null)
  }

  save() {
    if (!this.picture) return
    const copy = standalone(this.picture.svg, this.root)
    download(drawing(copy), `${this.layer.file}.svg`)
  }
}

/** @param {Windows} windows */
const shape = (windows) =>
  String([
    windows.channels.length,
    windows.seen.length,
    windows.size("in"),
    windows.scene.kernel && windows.size("kernel"),
  ])
