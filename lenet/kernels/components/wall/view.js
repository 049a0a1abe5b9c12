/** The view: the state, the parts that draw it, and what the reader wants of it. */

import { linkedQuery, writeQuery } from "../../../common/components/address.js"
import { focused, html, pageTop, textWidth } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { Player } from "../../../common/components/player.js"
import { SharePanel } from "../../../common/components/share/panel.js"
import { Controls } from "./controls.js"
import { listenToKeys } from "./keyboard.js"
import { orderOf } from "./layout.js"
import { Picture } from "./picture.js"
import { Pointing, placeUnder } from "./pointing.js"
import { isDark, present, toggleFullscreen } from "./presentation.js"
import { KEYS, linkQuery } from "./query.js"
import { reportMoments } from "./report.js"
import { save } from "./saving.js"
import { State } from "./state.js"
import { walls } from "./walls.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Settings } from "./query.js" */
/** @import { Saving } from "./saving.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Remembered } from "./state.js" */

const BEFORE_WRITING = 300 // milliseconds after the last change: a browser allows only so many changes of its address

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
    })
    this.holder = html("div", { class: "holder" }, root)
    this.pointing = new Pointing(this.holder)
    this.hint = html("div", { class: "hint" }, root)
    this.live = html("div", { class: "live", "aria-live": "polite" }, root)
    this.share = new SharePanel(root, () => this.rest())

    this.closing = new AbortController()
    const { signal } = this.closing
    this.resizer = new ResizeObserver(() => this.width !== this.picture?.room.width && this.draw())
    this.resizer.observe(this.holder)
    window.addEventListener("resize", () => this.draw(), { signal })
    this.share.closeFromOutside(this.controls.link, signal)
    reportMoments(root, this.state, host, signal)
    this.listenToKeys(signal)
  }

  close() {
    present(this.root, false)
    this.state.settings.presenting = false // another tab is open now, or another page
    this.remember()
    clearTimeout(this.writing)
    this.player.stop()
    this.resizer.disconnect()
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
    return Math.floor(this.holder.clientWidth)
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

  // ---- settings ----

  /** @param {Partial<Settings>} changes */
  set(changes) {
    Object.assign(this.state.settings, changes)
    if (Object.keys(changes).every((key) => key === "own" || key === "values")) this.show()
    else this.changeLayout(changes)
    this.remember()
  }

  /** @param {Partial<Settings>} changes what calls for another layout of the picture */
  changeLayout(changes) {
    this.pause()
    this.pointing.forget()
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
    const { state, wall, width } = this
    const { scene, isSecond, isAlone, isPresented } = state
    present(this.root, isPresented, state.settings.ground)
    if (!width) return
    const font = getComputedStyle(this.root).fontFamily
    const room = {
      width,
      height: isPresented
        ? window.innerHeight - 40
        : clamp(window.innerHeight - pageTop(this.holder) - 34, 330, 1000),
      zoom: isPresented ? clamp(window.innerHeight / 520, 1.2, 2.2) : 1,
      measure: (/** @type {string} */ text, /** @type {number} */ size) => textWidth(text, `600 ${size}px ${font}`),
    }
    if (wall) wall.order = orderOf(state.order, wall.kernels.out)
    const contents = { scene, wall, isSecond, isAlone, note: this.walls.note, isPresented }
    const picture = new Picture(contents, room, (epoch) => this.seek(epoch))
    picture.insert(this.holder, this.picture)
    picture.svg.onpointermove = (event) => this.pointing.point(placeUnder(event))
    picture.svg.onpointerleave = () => this.pointing.point(null)
    picture.svg.onpointerdown = (event) => {
      event.preventDefault() // the keys go to the slider, not to what was clicked
      this.controls.scrubber.focus()
    }
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
      this.live.textContent = moment.where
    }
    if (this.pointing.place) this.pointing.show()
  }

  showControls() {
    const { state, picture } = this
    const hasRoom = Boolean(picture?.digits)
    const hasRoomAnywhere = hasRoom || Boolean(picture?.noteDigits)
    this.controls.show(state, { isPlaying: this.player.isPlaying, hasRoom, hasRoomAnywhere })
    this.hint.textContent = state.hint
  }

  // ---- keys ----

  /** @param {AbortSignal} signal */
  listenToKeys(signal) {
    const { controls, share, root, state } = this
    const { settings } = state
    /** @type {import("./keyboard.js").Keys} */
    const keys = {
      isPresented: () => settings.presenting,
      isSharing: () => share.isOpen,
      scrubber: controls.scrubber.parts,
      play: controls.scrubber.play,
      front: () => (share.isOpen ? share.panel : root),
      move: (by) => this.go(state.index + by),
      commands: {
        play: () => this.togglePlay(),
        leave: () => this.set({ presenting: false }),
        ground: () => this.set({ ground: isDark(root) ? "light" : "dark" }),
        fullscreen: toggleFullscreen,
        share: () => this.openShare(),
        values: () => this.set({ values: !settings.values }),
        scale: () => this.set({ own: !settings.own }),
      },
      point: (side, key) => this.pointByKey(side, key),
      closeShare: () => share.close(),
    }
    listenToKeys(root, keys, signal)
    // What was set with the mouse gives the keys back to the presentation; who goes there by Tab stays there.
    controls.onSetByMouse(() => settings.presenting && this.rest())
  }

  /**
   * @param {import("./picture.js").SideName} side
   * @param {string} key
   */
  pointByKey(side, key) {
    const told = this.pointing.key(side, key)
    if (told) this.live.textContent = told
    return told !== null
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
