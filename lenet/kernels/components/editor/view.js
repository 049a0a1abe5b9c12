/** The view: the kernel and the image (the state), the parts that draw them, and what the reader does to them. */

import { linkedQuery, ownKeys, writeQuery } from "../../../common/components/address.js"
import { bytes } from "../../../common/components/base64.js"
import { signed } from "../../../common/components/color.js"
import { button, html, paint, setName, setOptions } from "../../../common/components/dom.js"
import { followFinger, isFinger } from "../../../common/components/fingers.js"
import { moved } from "../../../common/components/keys.js"
import { clamp, largest, sum } from "../../../common/components/math.js"
import { fill, minus } from "../../../common/components/text.js"
import { Cells } from "./cells.js"
import { ownerOf } from "./following.js"
import { areAlike, fromQuery, KEYS, response, toQuery, turned } from "./weights.js"

/** @import { Color } from "../../../common/components/color.js" */
/** @import { View } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

const OWN = -1 // among the presets: none of them
const BEFORE_WRITING = 300 // milliseconds after the last change: a browser allows only so many changes of its address

/** @type {string | null} the query of what was edited last, for as long as the page lives */
let remembered = null

/** @implements {View<Scene>} */
export class EditorView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.scene = scene
    this.pixels = pixels(scene)

    // The state.
    const { weights, image } = begun(scene)
    this.weights = weights
    this.image = image
    /** @type {[row: number, column: number] | null} the place of the response that is told */
    this.place = null
    /** @type {[row: number, column: number] | null} the one that is told while the pointer is elsewhere */
    this.pinned = null

    this.response = response(this.pixels[image], scene.side, weights, scene.size)

    const row = html("div", { class: "row" }, html("div", { class: "figures" }, root))
    const bar = html("div", { class: "bar" }, row)
    this.presets = html("select", { class: "presets" }, bar)
    this.presets.onchange = () => this.use([...this.scene.presets[Number(this.presets.value)].values])
    this.images = html("select", { class: "images" }, bar)
    this.images.onchange = () => this.choose(Number(this.images.value))
    this.flip = button("flip", "", bar, () => this.use(this.weights.map((weight) => -weight)))
    this.turn = button("turn", "", bar, () => this.use(turned(this.weights, this.scene.size)))
    this.editor = panel("editor", row)
    this.cells = new Cells(this.editor.figure, {
      type: (i, weight) => this.type(i, weight),
      refuse: (text) => this.refuse(text),
      nudge: (i, by) => this.nudge(i, by),
      leave: () => this.cells.write(this.weights),
    })
    this.seen = panel("seen", row)
    this.original = html("canvas", { role: "img" }, this.seen.figure)
    this.result = panel("result", row)
    this.drawn = html("canvas", { role: "img", tabindex: 0 }, this.result.figure)
    this.drawn.onkeydown = (event) => this.key(event)
    this.drawn.onblur = () => this.release()
    for (const canvas of [this.drawn, this.original]) this.listen(canvas)
    this.mark = html("div", { class: "mark" }, this.result.figure)
    new ResizeObserver(() => this.place && this.tell(...this.place)).observe(this.drawn)
    this.remark = html("div", { class: "remark", "aria-live": "polite" }, row)
    this.disown = ownKeys(ownerOf(this))
  }

  close() {
    this.disown()
    clearTimeout(this.writing)
  }

  /** Streamlit may have written a query of its own. */
  again() {
    this.remember()
  }

  /** @param {Scene} scene */
  update(scene) {
    const isOther = this.scene.size !== scene.size
    this.scene = scene
    this.pixels = pixels(scene)
    if (isOther) Object.assign(this, begun(scene))
    const { words } = scene
    const presets = scene.presets.map(({ name }, i) => /** @type {[number, string]} */ ([i, name]))
    setOptions(this.presets, presets)
    html("option", { value: OWN, disabled: "" }, this.presets, words.own)
    setOptions(
      this.images,
      scene.images.map(({ name }, i) => [i, name]),
    )
    setName(this.presets, words.begin)
    setName(this.images, words.image)
    setName(this.cells.grid, words.grid)
    this.flip.textContent = words.flip
    this.turn.textContent = words.turn
    this.editor.caption.textContent = words.grid
    this.seen.caption.textContent = words.image
    this.mark.style.setProperty("--mark", scene.mark)
    this.cells.setScene(scene)
    this.cells.write(this.weights)
    this.show()
    this.remember()
  }

  // ---- what the reader wants ----

  /** @param {number[]} weights */
  use(weights) {
    this.weights = weights
    this.cells.write(weights)
    this.show()
    this.remember()
  }

  /** @param {number} image */
  choose(image) {
    this.image = image
    this.show()
    this.remember()
  }

  /**
   * @param {number} i
   * @param {number} weight
   */
  type(i, weight) {
    this.weights[i] = weight
    this.show()
    this.remember()
  }

  /**
   * @param {number} i
   * @param {number} by
   */
  nudge(i, by) {
    const { limit } = this.scene
    this.weights[i] = clamp(Number((this.weights[i] + by).toFixed(3)), -limit, limit)
    this.use(this.weights)
  }

  /** @param {string} text */
  refuse(text) {
    const { words, limit } = this.scene
    this.remark.textContent = fill(words.bad, { value: text.slice(0, 20), limit })
  }

  /** Write what is edited into the address, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.writing)
    const query = toQuery(this, this.scene)
    remembered = query.toString()
    this.writing = setTimeout(() => writeQuery(KEYS, query), BEFORE_WRITING)
  }

  // ---- drawing ----

  show() {
    const { scene, weights, image } = this
    const { side, words, scale, images } = scene
    const shown = this.pixels[image]
    this.cells.paint(weights, scale)
    this.presets.value = String(scene.presets.findIndex(({ values }) => areAlike(values, weights)))
    this.images.value = String(image)
    paint(side, side, (i) => grey(shown[i]), this.original)
    this.original.setAttribute("aria-label", images[image].name)
    this.response = response(shown, side, weights, scene.size)
    const { sums, side: out } = this.response
    const limit = largest(sums) || 1
    paint(out, out, (i) => signed(scale, sums[i], limit), this.drawn)
    const two = (/** @type {number} */ value) => minus(value.toFixed(2))
    const range = { min: two(Math.min(...sums)), max: two(Math.max(...sums)), limit: two(limit) }
    this.result.caption.textContent = fill(words.response, range)
    this.drawn.setAttribute("aria-label", fill(words.alt, { image: images[image].name, ...range }))
    this.release()
  }

  // ---- a place of the response ----

  /**
   * A mouse tells the place under it, and a click or tap pins it; a finger that is drawn sideways looks for its place.
   * @param {HTMLCanvasElement} canvas
   */
  listen(canvas) {
    canvas.onpointermove = (event) => isFinger(event) || this.tell(...this.placeUnder(event, canvas))
    canvas.onpointerleave = (event) => isFinger(event) || this.release()
    canvas.onclick = (event) => {
      const place = this.placeUnder(event, canvas)
      const isSame = String(place) === String(this.pinned)
      this.pinned = isSame ? null : place
      if (isSame) this.release()
      else this.tell(...place)
    }
    followFinger(canvas, (event) => {
      this.pinned = this.placeUnder(event, canvas)
      this.tell(...this.pinned)
    })
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLCanvasElement} canvas
   * @returns {[row: number, column: number]}
   */
  placeUnder(event, canvas) {
    const { side } = this.response
    const box = canvas.getBoundingClientRect()
    const at = (/** @type {number} */ share) => clamp(Math.floor(share * side), 0, side - 1)
    return [at((event.clientY - box.top) / box.height), at((event.clientX - box.left) / box.width)]
  }

  /**
   * With the response in focus arrows go from place to place.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const { side } = this.response
    if (event.key === "Enter") this.pinned = this.place
    if (event.key === "Escape") this.pinned = null
    if (event.key === "Escape") this.release()
    const middle = Math.floor(side / 2)
    const place = moved(event.key, this.place ?? [middle, middle], [side, side])
    if (!place) return
    event.preventDefault()
    this.tell(...place)
  }

  /**
   * Frame a place of the response and tell its weighted sum.
   * @param {number} row
   * @param {number} column
   */
  tell(row, column) {
    this.place = [row, column]
    this.mark.classList.toggle("pinned", String(this.place) === String(this.pinned))
    const { sums, side } = this.response
    const { offsetLeft, offsetTop, offsetWidth } = this.drawn
    const cell = offsetWidth / side
    Object.assign(this.mark.style, {
      display: "block",
      left: `${offsetLeft + column * cell}px`,
      top: `${offsetTop + row * cell}px`,
      width: `${cell}px`,
      height: `${cell}px`,
    })
    const value = minus(sums[row * side + column].toFixed(3))
    this.remark.textContent = fill(this.scene.words.place, { row: row + 1, column: column + 1, value })
  }

  /** Tell of the place that is pinned, or of none but of the kernel. */
  release() {
    const { side } = this.response
    if (this.pinned && Math.max(...this.pinned) < side) return this.tell(...this.pinned)
    this.place = this.pinned = null
    this.mark.style.display = "none"
    this.remark.textContent = fill(this.scene.words.sum, { sum: minus(sum(this.weights).toFixed(2)) })
  }
}

/**
 * What was edited last, or what the link asks for.
 * @param {Scene} scene
 */
const begun = (scene) =>
  fromQuery(remembered ? new URLSearchParams(remembered) : linkedQuery(KEYS, scene.asked), scene)

/**
 * The images, from 0 to 1.
 * @param {Scene} scene
 */
const pixels = ({ images }) => images.map(({ pixels }) => Float64Array.from(bytes(pixels), (value) => value / 255))

/**
 * @param {number} value from 0 to 1
 * @returns {Color}
 */
function grey(value) {
  const level = Math.round(value * 255)
  return [level, level, level]
}

/**
 * @param {string} name
 * @param {HTMLElement} parent
 */
function panel(name, parent) {
  const figure = html("figure", { class: name }, parent)
  return { figure, caption: html("figcaption", {}, figure) }
}
