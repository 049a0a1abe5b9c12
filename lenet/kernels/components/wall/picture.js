/** The picture: the wall with its title and colour bar, the run's curve, the note's kernels. Made anew for each layout;
 * colours, numbers and the mark change while the step moves. */

import { focused, setAttributes, svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed, lines } from "../../../common/components/text.js"
import { BAR_WIDTH } from "./color_bar.js"
import { Curve } from "./curve.js"
import { shorten, titleWidth } from "./title.js"

/** @import { Scene } from "./scene.js" */
/** @import { Moment } from "./state.js" */
/** @import { Digits, Wall } from "./wall.js" */

// Inside the SVG, so that a saved picture carries it. Colours that mean something come with the data.
export const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.end { text-anchor: end; }
.centre { text-anchor: middle; }
.head { font-weight: 600; }
.small { font-size: 12px; opacity: .8; }
.cell { stroke: #64748b; stroke-opacity: .35; stroke-width: 1; }
.dense .cell { stroke: none; shape-rendering: crispEdges; }
.frame { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 1; pointer-events: none; }
.grid { stroke: currentColor; stroke-opacity: .18; stroke-width: 1; }
.axis { stroke: currentColor; stroke-opacity: .45; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.mark { stroke: currentColor; stroke-width: 1.5; pointer-events: none; }
.pointed { fill: none; stroke-width: 3; pointer-events: none; }
.around { fill: none; stroke: #fff; stroke-width: 6; pointer-events: none; }
.pinned .pointed { stroke-width: 4; }
.wall { outline: none; }
.focus { fill: none; stroke: none; pointer-events: none; }
.wall:focus-visible .focus { stroke: currentColor; stroke-width: 2; }
.plot { cursor: ew-resize; }
@media (forced-colors: active) {
  .middle { forced-color-adjust: none; }
  .pointed { stroke: Highlight; }
  .around { stroke: Canvas; }
}
`

const HEAD = 30 // height of the line above the wall
const GAP = 26 // between the colour bar and what stands beside the wall
const TALLEST = 620 // of the note's kernels in one column, and of the colour bar
const FILLED = 0.855 // of a screen's width or height: what a presented wall takes
const LINE = 16 // height of a line of the legend
const SMALLEST_ALONE = 2.5 // a cell of a wall that has all the room: AlexNet's has 34,848

/** @typedef {"wall" | "note"} SideName the run's kernels, or the note's */

/**
 * What is drawn.
 * @typedef {object} Contents
 * @property {Scene} scene
 * @property {Wall | null} wall
 * @property {boolean} isSecond it is the second layer's
 * @property {boolean} isAlone neither curve nor the note's kernels stand beside it
 * @property {Wall} note
 * @property {boolean} isPresented alone, as large as the screen
 * @property {boolean | null} curve it is shown; null: where there is room
 * @property {boolean | null} published the note's kernels are shown; null: where there is room
 */

/**
 * @typedef {object} Room
 * @property {number} width
 * @property {number} height that the page and the controls leave
 * @property {number} zoom how much larger than usual the words are
 * @property {number} smallest the font of a number
 * @property {boolean} isNarrow everything stands in one column
 * @property {boolean} isAcross the colour bar lies below the wall
 * @property {{ width: number, height: number }} screen
 * @property {(text: string, size: number, weight?: number) => number} measure how wide a text becomes
 */

export class Picture {
  /**
   * @param {Contents} contents
   * @param {Room} room
   * @param {(epoch: number) => void} seek
   */
  constructor(contents, room, seek) {
    const { scene, wall, note, isSecond } = contents
    this.contents = contents
    this.room = room
    this.svg = svg("svg", { role: "group", "aria-label": scene.words.alt || scene.words.note })
    svg("style", {}, this.svg, STYLE)
    for (const part of [wall, note]) {
      if (!part) continue
      part.zoom = room.zoom
      part.widthOf = (text) => room.measure(text, 100, 400) / 100
    }
    this.head = 0 // where the wall begins
    /** @type {string[]} what is said of the colours */
    this.told = []
    this.noteWidth = 0
    this.isNameBelow = false
    this.beside = this.choose()
    const place = wall ? this.drawWall(wall) : { x: 0, y: 0 }
    const width = room.isNarrow || !wall ? Math.min(room.width, 640) : room.width - place.x
    let { y } = place
    if (this.beside.curve) y += this.drawCurve({ ...place, width }, seek)
    if (this.beside.note) y = this.drawNote(place.x, y, width, room.height - y)
    const height = Math.max(y, wall ? this.head + wall.height : 0) + 10
    setAttributes(this.svg, { width: room.width, height, viewBox: `0 0 ${room.width} ${height}` })
    /** @type {Digits | null} of the longest number of the whole history */
    this.digits =
      wall?.digits([-(isSecond && scene.second ? scene.second.limit : scene.limit)], room.smallest) ?? null
    /** @type {Digits | null} */
    this.noteDigits = this.beside.note ? note.digits(note.kernels.at(0), room.smallest) : null
    this.nameSides()
  }

  /**
   * Whether curve and the note's kernels stand beside the wall, or below it. In a presentation, unless the reader has said
   * so, only where the wall fills the screen all the same.
   * @returns {{ curve: boolean, note: boolean }}
   */
  choose() {
    const { scene, wall, isAlone, isPresented, curve, published } = this.contents
    const { isNarrow, screen } = this.room
    if (isAlone) return { curve: false, note: false }
    this.beside = { curve: scene.curve !== null, note: true }
    if (!isPresented || !wall) return this.beside
    if (isNarrow) return { curve: scene.curve !== null && curve === true, note: published === true }
    this.fitWall(wall)
    const { width, height } = wall
    this.beside = { curve: false, note: false }
    this.fitWall(wall)
    const isFilled = width >= FILLED * screen.width || height >= FILLED * screen.height
    const hasRoom = isFilled || wall.width < width + 1
    return { curve: scene.curve !== null && (curve ?? hasRoom), note: published ?? hasRoom }
  }

  /**
   * @param {SideName} name
   * @returns {Wall | null}
   */
  side(name) {
    if (name === "wall") return this.contents.wall
    return this.beside.note ? this.contents.note : null
  }

  // ---- what stays while the step moves ----

  /**
   * Give the wall the room that its title, its colour bar and what stands beside it leave.
   * @param {Wall} wall
   */
  fitWall(wall) {
    const { scene, isAlone, isPresented } = this.contents
    const { width, height, zoom, isNarrow, isAcross, measure } = this.room
    const bar = BAR_WIDTH + 26 * (zoom - 1)
    const isBeside = this.beside.curve || this.beside.note
    const least = isPresented ? clamp(width * 0.22, 290, 480) : clamp(width * 0.3, 330, 720)
    const words = isBeside && !isNarrow ? 0 : 12 // of the bar reach into the gap, where there is one
    const across = width - (isAcross ? 2 : bar + words) - (isBeside && !isNarrow ? least + GAP : 0)
    this.told = lines(wall.legend, across, (text) => measure(text, 12))
    this.head = HEAD * zoom + LINE * this.told.length
    // What is presented is not scrolled, so that what stands below the wall takes room from it.
    const below = (isAcross ? wall.barHeight : 0) + (isNarrow && isPresented && isBeside ? 0.25 * height : 0)
    const largest = isPresented ? 400 : 110
    const fit = () => wall.fit(across, height - this.head - below - 4, largest, isAlone ? SMALLEST_ALONE : undefined)
    fit()
    // In front of a class the name of the run stands beside the step, or below it where there is no room.
    const titles =
      titleWidth(this.contents, (text) => measure(text, 18 * zoom)) + measure(scene.label, 11 * zoom) + 20
    this.isNameBelow = isPresented && !scene.still && titles > wall.width
    if (!this.isNameBelow) return
    this.head += 16 * zoom
    fit()
  }

  /**
   * The wall, its title and its colour bar; returns where there is room beside or below it.
   * @param {Wall} wall
   */
  drawWall(wall) {
    this.fitWall(wall)
    const { isPresented } = this.contents
    const { zoom, isNarrow, isAcross } = this.room
    this.title = svg("text", { class: "head", x: 1, y: 19 * zoom, "font-size": 18 * zoom }, this.svg)
    if (isPresented) {
      const place = this.isNameBelow ? { x: 1, y: 35 * zoom } : { x: wall.width, y: 19 * zoom }
      this.name = svg("text", { class: this.isNameBelow ? "" : "end", ...place, "font-size": 11 * zoom }, this.svg)
    }
    this.told.forEach((text, n) => {
      svg("text", { class: "small", x: 1, y: HEAD * zoom + 4 + LINE * n }, this.svg, text)
    })
    wall.draw(this.svg, 1, this.head)
    const end = this.head + wall.height
    if (isAcross) {
      const place = { x: 1, y: end + 10, length: wall.width, zoom, isAcross: true }
      this.colorBar = wall.drawBar(this.svg, place)
      return { x: 0, y: end + wall.barHeight + (isPresented ? 8 : 22) }
    }
    const { label } = wall.layout
    const length = Math.min(wall.height - label, isPresented ? Infinity : TALLEST)
    const place = { x: wall.width + 18, y: this.head + label, length, zoom, isAcross: false }
    this.colorBar = wall.drawBar(this.svg, place)
    return isNarrow ? { x: 0, y: end + 12 } : { x: wall.width + BAR_WIDTH + 26 * (zoom - 1) + GAP, y: 0 }
  }

  /**
   * Returns the height that it takes.
   * @param {{ x: number, y: number, width: number }} place
   * @param {(epoch: number) => void} seek
   */
  drawCurve(place, seek) {
    const { scene, isPresented } = this.contents
    const { curve } = scene
    if (!curve) return 0
    const { height, zoom, isNarrow } = this.room
    const tall = isNarrow ? 170 : clamp(height * 0.33, 150, isPresented ? 420 : 300)
    const larger = clamp(place.width / 330, 1, 1.6)
    this.curve = new Curve(this.svg, { ...scene, curve }, { ...place, height: tall }, Math.min(zoom, larger), seek)
    return tall + 16
  }

  /**
   * The note's kernels; returns where they end.
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  drawNote(x, y, width, height) {
    const { scene, note, isPresented } = this.contents
    const { zoom, isNarrow } = this.room
    this.noteWidth = width
    this.noteTitle = svg("text", { class: "head", x, y: y + 15 * zoom, "font-size": 15 * zoom }, this.svg)
    if (!isPresented) svg("text", { class: "small", x, y: y + 33 }, this.svg, scene.words.note_result)
    const titles = isPresented ? 18 * zoom : 42
    const room = isNarrow ? TALLEST : height - titles - 2
    note.fit(width, Math.max(room, 120), isPresented ? 400 : 64)
    note.draw(this.svg, x, y + titles)
    return y + titles + note.height
  }

  nameSides() {
    const { words } = this.contents.scene
    const wall = this.contents.isSecond ? words.second : words.wall
    for (const [side, name] of Object.entries({ wall, note: words.note })) {
      const group = this.side(side === "wall" ? "wall" : "note")?.group
      // An application: the arrow keys are for its weights, also where a screen reader would take them.
      const look = { tabindex: 0, role: "application", "data-side": side }
      if (group) setAttributes(group, { ...look, "aria-label": name })
    }
  }

  /**
   * Put the picture on the page, in place of an older one.
   * @param {HTMLElement} holder
   * @param {Picture | undefined} old
   */
  insert(holder, old) {
    const inFocus = focused(old?.svg)?.getAttribute("data-side")
    if (old) old.svg.replaceWith(this.svg)
    else holder.prepend(this.svg)
    if (inFocus === "wall" || inFocus === "note") this.side(inFocus)?.group.focus({ preventScroll: true })
    const { scene, wall } = this.contents
    if (wall && this.name && !scene.still) shorten(this.name, scene.label, wall.width)
  }

  // ---- what changes while the step moves ----

  /** @param {Moment} moment */
  show({ weights, limit, where, epoch, own, values }) {
    const { scene, wall, note } = this.contents
    if (wall && this.title) {
      wall.paint(weights, { limit, own, values, digits: this.digits })
      shorten(this.title, where, wall.width + BAR_WIDTH)
      this.colorBar?.show(limit, own)
    }
    if (this.noteTitle) {
      const end = scene.note.limit
      const scaled = fill(scene.words.note_scale, { limit: fixed(end, 2) })
      const { zoom, measure } = this.room
      const isLong = measure(scaled, 15 * zoom) > this.noteWidth
      this.noteTitle.textContent = own || isLong ? scene.words.note : scaled
      note.paint(note.kernels.at(0), { limit: end, own, values, digits: this.noteDigits })
      note.describe()
    }
    this.curve?.show(epoch)
  }
}
