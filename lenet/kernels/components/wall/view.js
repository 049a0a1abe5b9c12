/** The view: the state, the parts that draw it, and what the reader wants of it. */

import { linkedQuery, ownKeys, writeQuery } from "../../../common/components/address.js"
import { focused, followWidth, html } from "../../../common/components/dom.js"
import { hasFingers } from "../../../common/components/fingers.js"
import { wantsStillness } from "../../../common/components/motion.js"
import { Player } from "../../../common/components/player.js"
import { SharePanel } from "../../../common/components/share/panel.js"
import { keysOf } from "./commands.js"
import { Controls } from "./controls.js"
import { ownerOf } from "./following.js"
import { listenToKeys } from "./keyboard.js"
import { Picture } from "./picture.js"
import { listenToPointer, Pointing } from "./pointing.js"
import { Blank, present } from "./presentation.js"
import { KEYS, linkQuery, QUIET } from "./query.js"
import { reportMoments } from "./report.js"
import { measureRoom } from "./room.js"
import { save } from "./saving.js"
import { State } from "./state.js"
import { walls } from "./walls.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Settings } from "./query.js" */
/** @import { Saving } from "./saving.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Remembered } from "./state.js" */

const BEFORE_WRITING = 300 // milliseconds after the last change: a browser allows only so many changes of its address
const PHONE = 640 // CSS pixels: where there is less room across the figure comes first, its controls below it

/** @type {Remembered | null} for as long as the page lives */
let remembered = null

/** @implements {View<Scene>} */
export class WallView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.root = root
    this.host = host
    this.state = new State(scene, remembered, linkedQuery(KEYS, scene.asked))
    this.walls = walls(this.state)
    this.player = new Player(() => this.advance())

    // The parts that stay.
    this.controls = new Controls(root, {
      go: (index) => this.go(index),
      togglePlay: () => this.togglePlay(),
      set: (changes) => this.set(changes),
      save: (what) => this.save(what),
      toggleShare: () => (this.share.isOpen ? this.share.close() : this.openShare()),
      togglePresentation: () => this.set({ presenting: !this.state.settings.presenting }),
      toggle: (side) => this.toggle(side),
      blank: () => this.blank.show(),
      changed: () => this.draw(),
    })
    this.holder = html("div", { class: "holder" }, root)
    this.pointing = new Pointing(this.holder)
    this.hint = html("div", { class: "hint" }, root)
    this.live = html("div", { class: "live", "aria-live": "polite" }, root)
    this.share = new SharePanel(root, () => this.rest())
    this.blank = new Blank(root)

    this.closing = new AbortController()
    const { signal } = this.closing
    this.unfollow = followWidth(
      this.holder,
      () => this.picture?.room.width,
      () => this.draw(),
    )
    window.addEventListener("resize", () => this.draw(), { signal })
    this.share.closeFromOutside(this.controls.link, signal)
    reportMoments(root, this.state, host, signal)
    listenToKeys(root, keysOf(this), signal)
    signal.addEventListener("abort", ownKeys(ownerOf(this)))
    // What was set with the mouse gives the keys back to the presentation; who goes there by Tab stays there.
    this.controls.onSetByMouse(() => this.state.settings.presenting && this.rest())
  }

  close() {
    present(this.root, false)
    this.state.settings.presenting = false // another tab is open now, or another page
    this.remember()
    clearTimeout(this.writing)
    this.player.stop()
    this.unfollow()
    this.closing.abort()
  }

  /** Streamlit may have written a query of its own. */
  again() {
    this.remember()
  }

  /** @param {Scene} scene */
  update(scene) {
    if (this.state.scene.run !== scene.run) {
      this.player.stop()
      this.pointing.forget()
    }
    this.state.take(scene)
    this.walls = walls(this.state)
    this.remember()
    this.controls.setScene(scene)
    this.hint.style.display = scene.wall ? "" : "none"
    this.share.show(scene)
    this.draw()
  }

  /** The wall that is shown. */
  get wall() {
    const { isSecond, isColour } = this.state
    const { first, colour, second } = this.walls
    return isSecond ? second : isColour ? colour : first
  }

  get width() {
    return this.holder.clientWidth
  }

  // ---- moving through training ----

  /** @param {number} index */
  go(index) {
    this.pause()
    this.moveTo(index)
  }

  /** @param {number} index */
  moveTo(index) {
    if (this.state.isStill) return
    this.state.moveTo(index)
    this.show()
    this.remember()
  }

  togglePlay() {
    if (this.player.isPlaying) return this.pause()
    if (this.state.isStill) return
    if (wantsStillness()) return this.state.isAtEnd ? this.moveTo(0) : this.turn(1)
    if (this.state.isAtEnd) this.state.moveTo(0)
    this.show()
    this.player.start(this.state.timeline.pace)
    this.showControls()
  }

  advance() {
    this.moveTo(this.state.index + 1)
    if (this.state.isAtEnd) this.pause()
  }

  pause() {
    if (!this.player.isPlaying) return
    this.player.stop()
    this.show()
  }

  /** @param {number} epoch */
  seek(epoch) {
    const { timeline } = this.state
    if (timeline.perEpoch && this.wall) this.go(timeline.nearest(epoch * timeline.perEpoch))
  }

  /**
   * Go to the end of the next epoch, or of the one before.
   * @param {1 | -1} by
   */
  turn(by) {
    const { index, timeline } = this.state
    this.go(timeline.turned(index, by))
  }

  // ---- settings ----

  /**
   * Show or hide what stands beside a presented wall.
   * @param {"curve" | "note"} side
   */
  toggle(side) {
    if (this.picture && !this.state.isAlone) this.set({ [side]: !this.picture.beside[side] })
  }

  /** @param {Partial<Settings>} changes */
  set(changes) {
    Object.assign(this.state.settings, changes)
    if (Object.keys(changes).every((key) => QUIET.includes(key))) this.show()
    else this.changeLayout(changes)
    this.remember()
  }

  /** @param {Partial<Settings>} changes what calls for another layout of the picture */
  changeLayout(changes) {
    this.pause()
    this.pointing.forget()
    if (changes.presenting === false) this.blank.hide()
    if (changes.presenting === false && document.fullscreenElement) document.exitFullscreen()
    if (changes.presenting !== undefined) this.rest()
    this.draw()
  }

  /** Write what is shown into the address, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.writing)
    const { scene, query } = this.state
    remembered = { run: scene.run, query: query.toString() }
    this.writing = setTimeout(() => this.player.isPlaying || writeQuery(KEYS, query), BEFORE_WRITING)
  }

  // ---- drawing ----

  /** Draw the picture anew, for the room that there is. */
  draw() {
    const { state, wall, root } = this
    const { scene, isSecond, isAlone, isPresented, settings } = state
    present(root, isPresented, settings.ground)
    root.classList.toggle("phone", !isPresented && root.clientWidth <= PHONE)
    if (!this.width) return
    if (wall) wall.order = state.order
    this.showControls()
    const room = measureRoom(root, this.holder, { isPresented, controls: this.controls.bar })
    const sides = { curve: settings.curve, published: settings.note }
    const contents = { scene, wall, isSecond, isAlone, note: this.walls.note, isPresented, ...sides }
    const picture = new Picture(contents, room, (epoch) => this.seek(epoch))
    picture.insert(this.holder, this.picture)
    listenToPointer(picture.svg, this.pointing, {
      focus: () => this.controls.scrubber.focus(),
      tell: (words) => this.tell(words),
    })
    this.picture = picture
    this.pointing.moveTo(picture)
    this.show()
  }

  /** Draw the state into the picture. */
  show() {
    this.showControls()
    const { moment } = this.state
    this.picture?.show(moment)
    if (this.picture && this.wall && !this.player.isPlaying) {
      this.wall.describe()
      this.tell(moment.where)
    }
    if (this.pointing.place) this.pointing.show()
  }

  showControls() {
    const { state, picture } = this
    const hasRoom = Boolean(picture?.digits)
    const hasRoomAnywhere = hasRoom || Boolean(picture?.noteDigits)
    const beside = picture?.beside ?? { curve: false, note: false }
    this.controls.show(state, { isPlaying: this.player.isPlaying, hasRoom, hasRoomAnywhere, beside })
    this.hint.textContent = state.hint(hasFingers())
  }

  // ---- keys ----

  /**
   * @param {import("./picture.js").SideName} side
   * @param {string} key
   */
  pointByKey(side, key) {
    const told = this.pointing.key(side, key)
    if (told) this.tell(told)
    return told !== null
  }

  /** @param {string} words for those who listen */
  tell(words) {
    this.live.textContent = words
  }

  /** Where the keys go when nothing else asks for them. */
  rest() {
    const inFocus = focused(this.root)
    if (inFocus instanceof HTMLElement || inFocus instanceof SVGElement) inFocus.blur()
    this.controls.scrubber.focus()
  }

  // ---- what leaves the figure ----

  /** Ask the server for the address under which others reach what is on screen. */
  openShare() {
    this.pause()
    this.remember()
    const search = linkQuery(location.search, this.state.query.toString())
    this.share.open(search, this.state.scene)
    if (!this.state.scene.still) this.host.setTriggerValue("share", search)
  }

  /** @param {Saving} what */
  save(what) {
    this.pointing.point(null)
    if (this.picture && this.wall)
      save(what, this.state, { root: this.root, picture: this.picture.svg, wall: this.wall })
  }
}
