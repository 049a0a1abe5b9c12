/** Calls `tick` again and again while it plays. */
export class Player {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer

  /** @param {() => void} tick */
  constructor(tick) {
    this.tick = tick
  }

  get isPlaying() {
    return this.#timer !== undefined
  }

  /**
   * Play, or go on at another pace.
   * @param {number} milliseconds between two ticks
   */
  start(milliseconds) {
    this.stop()
    this.#timer = setInterval(this.tick, milliseconds)
  }

  stop() {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
