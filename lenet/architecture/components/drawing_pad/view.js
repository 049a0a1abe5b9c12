import { base64, bytes } from "../../../common/components/base64.js"
import { button, html, paint } from "../../../common/components/dom.js"
import { ARROWS } from "../../../common/components/keys.js"
import { clamp } from "../../../common/components/math.js"
import { stroke } from "./brush.js"

/** @import { Color } from "../../../common/components/color.js" */
/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Point } from "./brush.js" */

/**
 * What Python sends.
 * @typedef {object} Scene
 * @property {{ label: string, wipe: string }} words
 * @property {number} side height and width of the drawing, in pixels
 * @property {string} pixels the drawing to begin with, base64 of its bytes
 */

/** @type {Color} */
const PEN = [245, 158, 11]

/** @implements {View<Scene>} */
export class DrawingPad {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.host = host
    this.side = scene.side
    this.pixels = new Uint8ClampedArray(this.side * this.side)
    this.pixels.set(bytes(scene.pixels).subarray(0, this.pixels.length))
    /** @type {Point} the pixel at which keys draw */
    this.pen = [this.side >> 1, this.side >> 1]
    /** @type {Point | null} where the pointer was last, while it draws */
    this.last = null
    this.canvas = html("canvas", { width: this.side, height: this.side, tabindex: 0, role: "img" }, root)
    this.wipe = button("", "", root, () => this.clear())
    this.canvas.onpointerdown = (event) => {
      this.canvas.setPointerCapture(event.pointerId)
      this.last = this.place(event)
      this.draw(this.last, this.last)
    }
    this.canvas.onpointermove = (event) => {
      if (!this.last) return
      const now = this.place(event)
      this.draw(this.last, now)
      this.last = now
    }
    this.canvas.onpointerup = this.canvas.onpointercancel = () => {
      if (this.last) this.send()
      this.last = null
    }
    this.canvas.onkeydown = (event) => this.key(event)
  }

  /** @param {Scene} scene */
  update({ words }) {
    this.canvas.setAttribute("aria-label", words.label)
    this.wipe.textContent = words.wipe
    this.show()
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  place(event) {
    const box = this.canvas.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    return [x * this.side, y * this.side]
  }

  /**
   * @param {Point} from
   * @param {Point} to
   */
  draw(from, to) {
    stroke(this.pixels, this.side, from, to)
    this.show()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const move = ARROWS[event.key]
    if (move) {
      const [column, row] = this.pen
      this.pen = [clamp(column + move[1], 0, this.side - 1), clamp(row + move[0], 0, this.side - 1)]
    } else if (event.key === " ") {
      const [column, row] = this.pen
      /** @type {Point} */
      const middle = [column + 0.5, row + 0.5]
      this.draw(middle, middle)
      this.send()
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear()
    else return
    event.preventDefault()
    this.show({ pen: true })
  }

  clear() {
    this.pixels.fill(0)
    this.show()
    this.send()
  }

  show({ pen = false } = {}) {
    const [column, row] = this.pen
    const at = pen ? row * this.side + column : -1
    const grey = (/** @type {number} */ value) => /** @type {Color} */ ([value, value, value])
    paint(this.side, this.side, (i) => (i === at ? PEN : grey(this.pixels[i])), this.canvas)
  }

  send() {
    this.host.setStateValue("pixels", base64(this.pixels))
  }
}
