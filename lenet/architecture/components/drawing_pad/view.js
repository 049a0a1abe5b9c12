// A pad of 28×28 pixels to draw an image on: light on black, as the images of Fashion-MNIST are.
//
// The drawing goes to Python (lenet.images.drawn) as base64 of its bytes, once a stroke is finished.
// By keyboard: arrows move the pen, Space draws, Delete or Backspace wipes everything.

const SIDE = 28

export default mounted((root) => new Pad(root), (pad, component) => {
  pad.set = component.setStateValue
})

class Pad {
  constructor(root) {
    this.pixels = new Uint8ClampedArray(SIDE * SIDE)
    this.pen = [14, 14]
    this.canvas = html("canvas", "", root, { width: SIDE, height: SIDE, tabindex: 0, role: "img" })
    this.wipe = button("", "", root, () => this.clear())
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId)
      this.last = this.place(event)
      this.stroke(this.last, this.last)
    })
    this.canvas.addEventListener("pointermove", (event) => {
      if (!this.last) return
      const now = this.place(event)
      this.stroke(this.last, now)
      this.last = now
    })
    const finish = () => {
      if (this.last) this.send()
      this.last = null
    }
    this.canvas.addEventListener("pointerup", finish)
    this.canvas.addEventListener("pointercancel", finish)
    this.canvas.addEventListener("keydown", (event) => this.key(event))
  }

  update(data) {
    this.canvas.setAttribute("aria-label", data.words.label)
    this.wipe.textContent = data.words.wipe
    if (!this.begun) {
      this.begun = true
      this.pixels.set(bytes(data.pixels).subarray(0, this.pixels.length))
    }
    this.show()
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect()
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE]
  }

  /** A soft pen of about two pixels along a line. */
  stroke([x0, y0], [x1, y1]) {
    const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) * 3))
    for (let i = 0; i <= steps; i++) {
      const [x, y] = [x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps]
      for (let r = Math.max(0, Math.floor(y - 2)); r <= Math.min(SIDE - 1, Math.ceil(y + 2)); r++) {
        for (let c = Math.max(0, Math.floor(x - 2)); c <= Math.min(SIDE - 1, Math.ceil(x + 2)); c++) {
          const ink = 255 * Math.min(1, Math.max(0, 1.9 - Math.hypot(c + 0.5 - x, r + 0.5 - y)))
          this.pixels[r * SIDE + c] = Math.max(this.pixels[r * SIDE + c], ink)
        }
      }
    }
    this.show()
  }

  key(event) {
    const [down, right] = ARROWS[event.key] ?? []
    if (event.key in ARROWS) this.pen = [right, down].map((by, i) => clamp(this.pen[i] + by, 0, SIDE - 1))
    else if (event.key === " ") {
      const point = this.pen.map((v) => v + 0.5)
      this.stroke(point, point)
      this.send()
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear()
    else return
    event.preventDefault()
    this.show(true)
  }

  clear() {
    this.pixels.fill(0)
    this.show()
    this.send()
  }

  show(pen = false) {
    const at = pen ? this.pen[1] * SIDE + this.pen[0] : -1
    paint(this.canvas, SIDE, SIDE, (i) => (i === at ? [245, 158, 11] : Array(3).fill(this.pixels[i])))
  }

  send() {
    this.set("pixels", btoa(String.fromCharCode(...this.pixels)))
  }
}
