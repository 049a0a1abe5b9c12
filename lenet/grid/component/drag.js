/** A finger that is drawn sideways over a picture moves through steps; up and down it scrolls the page. */

const BEGINS = 8 // CSS pixels sideways, from which on it is no tap
const SLOWEST = 1 / 40 // steps a pixel

/** @typedef {{ step: () => number, total: () => number, go: (step: number) => void }} Steps where the steps are now, and how many */

export class Drag {
  /** @param {Steps} steps */
  constructor(steps) {
    this.steps = steps
    /** @type {{ x: number, step: number, isMoving: boolean } | null} */
    this.from = null
    this.isTouch = false // whether the last press was a finger's
  }

  /** @param {SVGSVGElement} picture */
  follow(picture) {
    picture.onpointerdown = (event) => {
      this.isTouch = event.pointerType === "touch"
      this.from = this.isTouch ? { x: event.clientX, step: this.steps.step(), isMoving: false } : null
    }
    picture.onpointermove = (event) => this.from && this.move(event.clientX - this.from.x, picture.clientWidth)
    picture.onpointerup = picture.onpointercancel = () => {
      this.from = null
    }
  }

  /**
   * @param {number} distance
   * @param {number} width
   */
  move(distance, width) {
    const { from, steps } = this
    if (!from) return
    from.isMoving ||= Math.abs(distance) > BEGINS
    if (from.isMoving) steps.go(from.step + Math.round(distance * Math.max(steps.total() / width, SLOWEST)))
  }
}
