/** The news of a class: the server answers as soon as there are any. */

const PATIENCE = 40_000 // milliseconds for an answer; the server takes 25 seconds at most
const BETWEEN = 100 // milliseconds at least between an answer and the next question
const PAUSE = 1500 // milliseconds after a first failure; twice as long after each further one
const LONGEST_PAUSE = 6000
const OVER = [403, 404, 410] // statuses: there is no such class any more, or not for this browser

/**
 * How long to wait after so many failures, in milliseconds. A server that starts anew is not asked by a whole class at once.
 * @param {number} failures
 * @param {number} chance from 0 to 1
 */
export const pauseAfter = (failures, chance) =>
  failures ? Math.min(PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) * (0.4 + 1.2 * chance) : BETWEEN

/** @template {{ since: string | number }} Told */
export class News {
  /**
   * @param {string} address of the class
   * @param {object} listener
   * @param {(told: Told) => void} listener.hear
   * @param {(isOver: boolean) => void} listener.lose there is no answer; if it is over, nobody asks again
   * @param {() => boolean} listener.follows
   */
  constructor(address, listener) {
    this.address = address
    this.listener = listener
    this.since = ""
    this.failures = 0
    this.isClosed = false
    /** @type {AbortController | null} */
    this.asking = null
    /** @type {(() => void) | null} ends a pause */
    this.wake = null
    this.closing = new AbortController()
    const { signal } = this.closing
    // A phone that sleeps asks nothing; it asks as soon as it wakes, whatever became of its last question.
    document.addEventListener("visibilitychange", () => this.hurry(), { signal })
    window.addEventListener("pageshow", () => this.hurry(), { signal })
    window.addEventListener("online", () => this.hurry(), { signal })
    this.run()
  }

  close() {
    this.isClosed = true
    this.closing.abort()
    this.hurry()
  }

  /** Ask anew at once. */
  hurry() {
    this.failures = 0
    this.asking?.abort()
    this.wake?.()
  }

  async run() {
    while (!this.isClosed) {
      if (document.hidden) await this.sleep()
      else if (await this.ask()) await this.sleep(pauseAfter(this.failures, Math.random()))
    }
  }

  /** Returns whether there is to be a pause before the next question. */
  async ask() {
    const asking = new AbortController()
    this.asking = asking
    const late = setTimeout(() => asking.abort(new Error("too late")), PATIENCE)
    const query = new URLSearchParams({ since: this.since, follows: this.listener.follows() ? "1" : "0" })
    try {
      const answer = await fetch(`${this.address}/news?${query}`, { signal: asking.signal, cache: "no-store" })
      if (OVER.includes(answer.status)) {
        this.close()
        this.listener.lose(true)
      } else if (answer.status === 200) {
        const told = await answer.json()
        this.since = String(told.since)
        this.failures = 0
        this.listener.hear(told)
      } else if (answer.status === 204) this.failures = 0
      else throw new Error(`status ${answer.status}`)
    } catch (error) {
      if (asking.signal.aborted && asking.signal.reason?.name === "AbortError") return false // somebody is in a hurry
      console.debug(error)
      this.failures += 1
      this.listener.lose(false)
    } finally {
      clearTimeout(late)
      this.asking = null
    }
    return true
  }

  /** @param {number} [milliseconds] until somebody is in a hurry, if there are none */
  async sleep(milliseconds) {
    await new Promise((done) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(done, milliseconds)
      this.wake = () => {
        clearTimeout(timer)
        done(undefined)
      }
    })
    this.wake = null
  }
}
