/** The picture: the wall with its title and colour bar, the run's curve, the note's kernels. Made anew for each layout;
 * colours, numbers and the mark change while the step moves. */

import { focused, setAttributes, svg } from "../../../common/components/dom.js"
import { clamp } from "../../../common/components/math.js"
import { fill, fixed, lines } from "../../../common/components/text.js"
import { BAR_WIDTH } from "./color_bar.js"
import { Curve } from "./curve.js"

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
.wall { outline: none; }
.focus { fill: none; stroke: none; pointer-events: none; }
.wall:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .55; }
.plot { cursor: ew-resize; touch-action: none; }
`

const HEAD = 30 // height of the line above the wall
const GAP = 26 // between the colour bar and what stands beside the wall
const NARROW = 860 // below this width everything stands in one column
const TALLEST = 620 // of a wall in one column, and of the colour bar
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
 */

/**
 * @typedef {object} Room
 * @property {number} width
 * @property {number} height that the page and the controls leave
 * @property {number} zoom how much larger than usual the words are
 * @property {(text: string, size: number) => number} measure how wide a title becomes
 */

export class Picture {
  /**
   * @param {Contents} contents
   * @param {Room} room
   * @param {(epoch: number) => void} seek
   */
  constructor(contents, room, seek) {
    const { scene, wall, note, isSecond, isAlone } = contents
    this.contents = contents
    this.room = room
    this.isNarrow = room.width < NARROW
    this.svg = svg("svg", { role: "group", "aria-label": scene.words.alt || scene.words.note })
    svg("style", {}, this.svg, STYLE)
    for (const part of [wall, note]) if (part) part.zoom = room.zoom
    this.head = 0 // where the wall begins
    const beside = wall ? this.drawWall(wall) : { x: 0, y: 0 }
    const width = this.isNarrow || !wall ? Math.min(room.width, 640) : room.width - beside.x
    let { y } = beside
    if (!isAlone) {
      const height = this.drawCurve({ ...beside, width }, seek)
      y = this.drawNote(beside.x, y + height, width, room.height - height)
    }
    const height = Math.max(y, wall ? this.head + wall.height : 0) + 10
    setAttributes(this.svg, { width: room.width, height, viewBox: `0 0 ${room.width} ${height}` })
    /** @type {Digits | null} of the longest number of the whole history */
    this.digits = wall?.digits([-(isSecond && scene.second ? scene.second.limit : scene.limit)]) ?? null
    /** @type {Digits | null} */
    this.noteDigits = isAlone ? null : note.digits(note.kernels.at(0))
    this.nameSides()
  }

  /**
   * @param {SideName} name
   * @returns {Wall | null}
   */
  side(name) {
    const { wall, note, isAlone } = this.contents
    if (name === "wall") return wall
    return isAlone ? null : note
  }

  // ---- what stays while the step moves ----

  /**
   * The wall, its title and its colour bar; returns where there is room beside or below it.
   * @param {Wall} wall
   */
  drawWall(wall) {
    const { scene, isAlone, isPresented } = this.contents
    const { width, height, zoom } = this.room
    const bar = BAR_WIDTH + 26 * (zoom - 1)
    const side = isAlone ? 0 : clamp(width * 0.3, 330, 720) // for what stands beside it, at least
    const room = this.isNarrow ? width - bar : width - side - bar - GAP
    const told = lines(wall.legend, room, (text) => this.room.measure(text, 12))
    this.head = HEAD * zoom + LINE * told.length
    const fit = () => {
      const largest = isPresented ? 400 : 110
      wall.fit(room, this.isNarrow ? TALLEST : height - this.head - 4, largest, isAlone ? SMALLEST_ALONE : undefined)
    }
    fit()
    // In front of a class the name of the run stands beside the step, or below it where there is no room.
    const titles = this.titleWidth(18 * zoom) + this.room.measure(scene.label, 11 * zoom) + 20
    const isBelow = isPresented && !scene.still && titles > wall.width
    if (isBelow) {
      this.head += 16 * zoom
      fit()
    }
    this.title = svg("text", { class: "head", x: 1, y: 19 * zoom, "font-size": 18 * zoom }, this.svg)
    if (isPresented) {
      const place = isBelow ? { x: 1, y: 35 * zoom } : { x: wall.width, y: 19 * zoom }
      this.name = svg("text", { class: isBelow ? "" : "end", ...place, "font-size": 11 * zoom }, this.svg)
    }
    told.forEach((text, n) => {
      svg("text", { class: "small", x: 1, y: HEAD * zoom + 4 + LINE * n }, this.svg, text)
    })
    wall.draw(this.svg, 1, this.head)
    const { label } = wall.layout
    this.colorBar = wall.drawBar(this.svg, {
      x: wall.width + 18,
      y: this.head + label,
      height: Math.min(wall.height - label, isPresented ? Infinity : TALLEST),
      zoom,
    })
    return this.isNarrow ? { x: 0, y: this.head + wall.height + 26 } : { x: wall.width + bar + GAP, y: 0 }
  }

  /**
   * How wide the title of the wall becomes.
   * @param {number} size
   */
  titleWidth(size) {
    const { words, wall } = this.contents.scene
    const last = wall?.steps[wall.steps.length - 1] ?? 0
    const titles = this.contents.isSecond
      ? [words.second]
      : [words.initial, fill(words.step_epoch, { step: last, epoch: "0.00" })]
    return Math.max(...titles.map((text) => this.room.measure(text, size)))
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
    const { height, zoom } = this.room
    const tall = this.isNarrow ? 170 : clamp(height * 0.33, 150, isPresented ? 420 : 300)
    this.curve = new Curve(this.svg, { ...scene, curve }, { ...place, height: tall }, Math.min(zoom, 1.6), seek)
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
    const { zoom } = this.room
    this.noteTitle = svg("text", { class: "head", x, y: y + 15 * zoom, "font-size": 15 * zoom }, this.svg)
    if (!isPresented) svg("text", { class: "small", x, y: y + 33 }, this.svg, scene.words.note_result)
    const titles = isPresented ? 18 * zoom : 42
    const room = this.isNarrow ? TALLEST : height - titles - 2
    note.fit(width, Math.max(room, 120), isPresented ? 400 : 64)
    note.draw(this.svg, x, y + titles)
    return y + titles + note.height
  }

  nameSides() {
    const { words } = this.contents.scene
    const wall = this.contents.isSecond ? words.second : words.wall
    for (const [side, name] of Object.entries({ wall, note: words.note })) {
      const group = this.side(side === "wall" ? "wall" : "note")?.group
      if (group) setAttributes(group, { tabindex: 0, "aria-label": name, "data-side": side })
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
    const { scene, wall, note, isAlone } = this.contents
    if (wall && this.title) {
      wall.paint(weights, { limit, own, values, digits: this.digits })
      shorten(this.title, where, wall.width + BAR_WIDTH)
      this.colorBar?.show(limit, own)
    }
    if (!isAlone && this.noteTitle) {
      const end = scene.note.limit
      const scaled = fill(scene.words.note_scale, { limit: fixed(end, 2) })
      this.noteTitle.textContent = own ? scene.words.note : scaled
      note.paint(note.kernels.at(0), { limit: end, own, values, digits: this.noteDigits })
      note.describe()
    }
    this.curve?.show(epoch)
  }
}

/**
 * Put words into a text of the picture, shortened to `room`.
 * @param {SVGTextElement} node
 * @param {string} text
 * @param {number} room
 */
function shorten(node, text, room) {
  node.textContent = text
  for (let n = text.length - 1; n > 0 && node.getComputedTextLength() > room; n--)
    node.textContent = `${text.slice(0, n)}…`
}
