/** A kernel to paint: choose a weight, then tap cells or draw over them. Keys: arrows move, Enter paints, + and − change a
 * weight by a tenth, 0 wipes it. */

import { css, ink, signed } from "../../common/components/color.js"
import { button, focused, html, setName } from "../../common/components/dom.js"
import { followFinger, isFinger } from "../../common/components/fingers.js"
import { isChord, moved } from "../../common/components/keys.js"
import { fill } from "../../common/components/text.js"
import { turned } from "../../kernels/components/editor/weights.js"
import { BRUSHES, LARGEST, painted, told, touched, typed } from "./painting.js"

/** @import { Scale } from "../../common/components/color.js" */
/** @typedef {"kernel" | "cell" | "brush" | "other" | "wipe" | "flip" | "turn"} PadWord */
/** @typedef {{ size: number, scale: Scale, words: Record<PadWord, string> }} PadScene */

const FIRST_BRUSH = LARGEST

export class Pad {
  /**
   * @param {HTMLElement} parent
   * @param {() => void} changed by whoever paints
   */
  constructor(parent, changed) {
    this.changed = changed
    /** @type {number[]} */
    this.weights = []
    this.brush = FIRST_BRUSH
    this.size = 0
    this.isLocked = false
    this.isByMouse = false
    this.root = html("div", { class: "pad" }, parent)
    this.grid = html("div", { class: "pad-grid", role: "group" }, this.root)
    this.tools = html("div", { class: "pad-tools" }, this.root)
    this.brushes = html("div", { class: "brushes", role: "group" }, this.tools)
    this.swatches = BRUSHES.map((weight) => button("swatch", told(weight), this.brushes, () => this.take(weight)))
    this.slider = html("input", { type: "range", min: -LARGEST, max: LARGEST, step: 10 }, this.tools)
    this.slider.oninput = () => this.take(Number(this.slider.value))
    const more = html("div", { class: "pad-more" }, this.tools)
    this.flip = button("flip", "", more, () => this.change(this.weights.map((weight) => -weight + 0)))
    this.turn = button("turn", "", more, () => this.change(turned(this.weights, this.size)))
    this.wipe = button("wipe", "", more, () => this.change(this.weights.map(() => 0)))
    /** @type {HTMLButtonElement[]} */
    this.cells = []
    this.listen()
  }

  /** @param {PadScene} scene */
  setScene({ size, scale, words }) {
    this.scale = scale
    this.words = words
    if (this.size !== size) this.lay(size)
    setName(this.grid, words.kernel)
    this.grid.title = ""
    this.brushes.setAttribute("aria-label", words.brush)
    this.slider.setAttribute("aria-label", words.other)
    this.flip.textContent = words.flip
    this.turn.textContent = words.turn
    this.wipe.textContent = words.wipe
    this.swatches.forEach((swatch, n) => {
      swatch.style.cssText = this.look(BRUSHES[n])
      swatch.title = words.brush
    })
    this.take(this.brush)
    this.show()
  }

  /** @param {number} size */
  lay(size) {
    this.size = size
    this.weights = Array(size * size).fill(0)
    this.grid.style.setProperty("--columns", String(size))
    this.grid.replaceChildren()
    this.cells = this.weights.map((_, i) => {
      const cell = html("button", { class: "pad-cell", type: "button", "data-i": i, tabindex: i ? -1 : 0 }, this.grid)
      cell.onclick = () => {
        if (!this.isByMouse) this.change(touched(this.weights, i, this.brush))
      }
      return cell
    })
  }

  listen() {
    // A mouse paints from the moment its button is down; a finger taps, or is drawn sideways: up and down scrolls the page.
    this.grid.addEventListener("pointerdown", (event) => {
      this.isByMouse = !isFinger(event) && event.button === 0
      const i = indexOf(event.target)
      if (this.isByMouse && i !== null) this.change(touched(this.weights, i, this.brush))
    })
    this.grid.addEventListener("pointerover", (event) => {
      const i = indexOf(event.target)
      if (this.isByMouse && event.buttons === 1 && i !== null) this.change(painted(this.weights, i, this.brush))
    })
    followFinger(this.grid, ({ clientX, clientY }) => {
      const tree = this.grid.getRootNode()
      if (!(tree instanceof ShadowRoot || tree instanceof Document)) return
      const i = indexOf(tree.elementFromPoint(clientX, clientY))
      if (i !== null && this.weights[i] !== this.brush) this.change(painted(this.weights, i, this.brush))
    })
    this.grid.addEventListener("keydown", (event) => {
      this.isByMouse = false
      const i = indexOf(event.target)
      if (i === null || isChord(event)) return
      const { size } = this
      const weight = typed(this.weights[i], event.key)
      const to = moved(event.key, [Math.floor(i / size), i % size], [size, size])
      if (weight !== null) this.change(painted(this.weights, i, weight))
      else if (to) this.stand(to[0] * size + to[1])
      else return
      event.preventDefault()
    })
  }

  /** @param {number} i */
  stand(i) {
    this.cells.forEach((cell, n) => {
      cell.tabIndex = n === i ? 0 : -1
    })
    this.cells[i].focus()
  }

  /** @param {number} weight */
  take(weight) {
    this.brush = weight
    this.slider.value = String(weight)
    this.slider.setAttribute("aria-valuetext", told(weight))
    this.swatches.forEach((swatch, n) => {
      swatch.setAttribute("aria-pressed", String(BRUSHES[n] === weight))
    })
  }

  /** @param {number[]} weights */
  change(weights) {
    if (this.isLocked) return
    this.weights = weights
    this.show()
    this.changed()
  }

  /**
   * Show a kernel that was not painted here.
   * @param {number[]} weights in hundredths
   */
  use(weights) {
    this.weights = weights
    this.show()
  }

  /** @param {boolean} isLocked whether nothing can be painted any more */
  lock(isLocked) {
    this.isLocked = isLocked
    this.tools.hidden = isLocked
    for (const cell of this.cells) cell.setAttribute("aria-disabled", String(isLocked))
  }

  show() {
    const { words, size } = this
    if (!words) return
    this.cells.forEach((cell, i) => {
      const text = told(this.weights[i])
      cell.textContent = text
      cell.style.cssText = this.look(this.weights[i])
      cell.setAttribute(
        "aria-label",
        fill(words.cell, { row: Math.floor(i / size) + 1, column: (i % size) + 1, value: text }),
      )
    })
  }

  /** @param {number} weight */
  look(weight) {
    const color = signed(this.scale ?? [], weight, LARGEST)
    return `background:${css(color)};color:${ink(color)}`
  }

  get hasFocus() {
    return this.root.contains(focused(this.root))
  }
}

/**
 * The index of the cell that an event is about.
 * @param {EventTarget | null} target
 */
function indexOf(target) {
  const i = target instanceof HTMLElement ? target.dataset.i : undefined
  return i === undefined ? null : Number(i)
}
