/** The browser of whoever leads a class: it tells the server what it shows. */

import { ownersHere } from "../../../common/components/address.js"
import { News } from "./news.js"
import { stageOf } from "./stage.js"

/** @import { Stage } from "./stage.js" */

/** What the server tells. @typedef {{ since: string, leads: boolean, here: number, following: number, members: number }} Told */

const LOOK = 60 // milliseconds between two looks at what is on screen
const BETWEEN = 200 // milliseconds at least between two changes that the class is told: five in a second
const SETTLED = 180 // milliseconds for which a page has kept its address: what it opens with comes a moment after its path
const RETRY = 1500 // milliseconds after what the server did not take

export class Leader {
  /**
   * @param {{ address: string, base: string, leads: boolean }} place
   * @param {{ changed: () => void }} host
   */
  constructor(place, host) {
    this.place = place
    this.host = host
    /** @type {Told | null} */
    this.told = null
    this.isLost = false
    this.isOver = false
    this.leads = place.leads
    /** @type {boolean | null} what the server is still to be told */
    this.wanted = null
    this.sent = "" // what it was told last
    this.seen = "" // the page and query that were seen last,
    this.since = 0 // and since when
    this.free = 0 // when it may be told again
    this.timer = setInterval(() => this.look(), LOOK)
    this.news = new News(place.address, {
      hear: (/** @type {Told} */ told) => this.hear(told),
      lose: (isOver) => this.lose(isOver),
      follows: () => false,
    })
  }

  close() {
    this.news.close()
    clearInterval(this.timer)
  }

  /** @param {Leader["place"]} place the page was run again */
  update(place) {
    this.place = place
  }

  /** @param {Told} told */
  hear(told) {
    this.told = told
    this.isLost = false
    if (this.wanted === null) this.leads = told.leads
    this.host.changed()
  }

  /** @param {boolean} isOver */
  lose(isOver) {
    this.isLost = true
    this.isOver = isOver
    if (isOver) clearInterval(this.timer)
    this.host.changed()
  }

  /** @param {boolean} leads whether the class follows */
  lead(leads) {
    this.leads = this.wanted = leads
    this.sent = "" // where to, if it does
    this.host.changed()
    this.look()
  }

  /** Tell the server what is on screen, if that has changed. */
  look() {
    const now = performance.now()
    if (now < this.free || document.hidden) return
    const stage = stageOf(location, this.place.base, ownersHere())
    const page = JSON.stringify([stage.page, stage.query])
    if (page !== this.seen) {
      this.seen = page
      this.since = now
    }
    const text = JSON.stringify(stage)
    const isTold = !this.leads || text === this.sent
    const isMoving = this.wanted === null && now - this.since < SETTLED
    if ((isTold && this.wanted === null) || isMoving) return
    const { wanted } = this
    this.send(wanted === null ? stage : wanted ? { ...stage, leads: true } : { leads: false }, text)
  }

  /**
   * @param {Partial<Stage> & { leads?: boolean }} changes
   * @param {string} text the stage
   */
  async send(changes, text) {
    this.free = Infinity
    let pause = BETWEEN
    try {
      const answer = await fetch(`${this.place.address}/stage`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(changes),
      })
      // What is refused for what it says (an address that is too long, say) would be refused again.
      if ([408, 429].includes(answer.status) || answer.status >= 500) throw new Error(`status ${answer.status}`)
      if (this.isLost) this.news.hurry()
      this.sent = text
      if (this.wanted === changes.leads) this.wanted = null
    } catch (error) {
      console.debug(error)
      pause = RETRY
    }
    this.free = performance.now() + pause
  }
}
