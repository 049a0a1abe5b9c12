/** A browser that shows what its class is shown, for as long as its owner wants that. */

import { owners, ownersHere } from "../../../common/components/address.js"
import { News } from "./news.js"
import { addressOf, CLASS, pageOf, partOf, remaining, stageOf } from "./stage.js"
import { listenToTouch } from "./touch.js"

/** @import { Owner } from "../../../common/components/address.js" */
/** @import { Stage } from "./stage.js" */

/**
 * What the server tells a member.
 * @typedef {Stage & { since: number, leads: boolean, activity: string, work: string }} Told `work` changes whenever what the
 *   class does has changed
 */
/** @typedef {{ address: string, base: string, page: string, work: string }} Place `page` and `work`: of the page's last run */

/** @type {Stage} */
const AT_CLASS = { page: CLASS, query: "", live: "" }
const RETRY = 300 // milliseconds until what could not be done is tried again
const DRAWN = [300, 800, 1600, 3000] // milliseconds after which a page that was asked for may have drawn its components
const ANSWERED = 5000 // milliseconds after which a page that has not come, or has gone again, is asked for once more
const LEFT = "lenet_class_left" // in this tab's storage: the class from which its owner looks away

export class Follower {
  /**
   * @param {Place} place
   * @param {{ changed: () => void, rerun: () => void }} host
   */
  constructor(place, host) {
    this.place = place
    this.host = host
    /** @type {Told | null} */
    this.told = null
    /** @type {Stage | null} what is on screen; null: whatever the address says */
    this.shown = null
    this.isLost = false
    this.isOver = false
    this.isApart = stored() === place.address
    /** @type {string | null} the work for which the page was run again */
    this.asked = null
    /** @type {ReturnType<typeof setTimeout>[]} */
    this.timers = []
    this.closing = new AbortController()
    listenToTouch((used) => this.touched(used), this.closing.signal)
    owners.added = (owner) => queueMicrotask(() => this.tell(owner))
    this.news = new News(place.address, {
      hear: (/** @type {Told} */ told) => this.hear(told),
      lose: (isOver) => this.lose(isOver),
      follows: () => !this.isApart,
    })
  }

  close() {
    this.news.close()
    this.closing.abort()
    this.forget()
    owners.added = null
  }

  /** Whether this browser shows what the class is shown. */
  get isFollowing() {
    return Boolean(this.told?.leads) && !this.isApart
  }

  /** @param {Place} place the page was run again */
  update(place) {
    this.place = place
    this.work()
  }

  // ---- its owner ----

  /** @param {boolean} isApart whether they look around by themselves */
  look(isApart) {
    if (isApart === this.isApart) return
    this.isApart = isApart
    store(isApart ? this.place.address : null)
    this.forget()
    this.shown = null
    this.news.hurry()
    this.host.changed()
    if (this.isFollowing) this.follow()
    else if (!isApart) this.show(AT_CLASS)
  }

  /** @param {"page" | "control"} used */
  touched(used) {
    // What stands on the page of the class is what the class does.
    if (this.isFollowing && (used === "page" || this.page !== CLASS)) this.look(true)
  }

  // ---- the class ----

  /** @param {boolean} isOver */
  lose(isOver) {
    this.isLost = true
    this.isOver = isOver
    if (isOver) this.forget()
    this.host.changed()
    if (isOver && this.page === CLASS) this.host.rerun() // which says more about it
  }

  /** @param {Told} told */
  hear(told) {
    const before = this.told
    this.told = told
    this.isLost = false
    const isBegun = before !== null && told.activity !== "" && told.activity !== before.activity
    if (isBegun && !this.isApart) this.show(AT_CLASS)
    else this.follow()
    this.work()
    this.host.changed()
  }

  /** The page of the class shows what the class does now. */
  work() {
    const work = this.told?.work ?? this.place.work
    if (this.page !== CLASS || this.place.page !== CLASS || work === this.place.work || work === this.asked) return
    this.asked = work
    this.host.rerun()
  }

  follow() {
    if (this.told && this.isFollowing && !this.isOver) this.show(this.told)
  }

  /** @param {Stage} stage */
  show(stage) {
    const left = remaining(this.shown ?? this.here, stage, this.owned)
    if (left === "page" && !isConnected()) {
      this.forget()
      this.timers = [setTimeout(() => this.show(stage), RETRY)]
      return
    }
    this.shown = stage
    if (left === "page") this.open(stage)
    if (left === "components") this.tellAll()
  }

  /** @param {Stage} stage */
  open(stage) {
    this.forget()
    this.ask(stage)
    this.timers = DRAWN.map((wait) => setTimeout(() => this.tellAll(), wait))
    const check = () => {
      const isGone =
        this.place.page !== stage.page || remaining(this.here, this.shown ?? stage, this.owned) === "page"
      if (isGone) this.ask(this.shown ?? stage)
    }
    this.timers.push(setTimeout(check, ANSWERED))
  }

  /**
   * Have Streamlit run the page of a stage, as after Back.
   * @param {Stage} stage
   */
  ask(stage) {
    history.pushState(history.state, "", addressOf(stage, this.place.base, location.href))
    window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
    this.tellAll()
  }

  tellAll() {
    for (const owner of ownersHere()) this.tell(owner)
  }

  /**
   * Have a component show its part. It may have come to the page only now.
   * @param {Owner} owner
   */
  tell(owner) {
    if (!this.shown || !this.isFollowing || this.shown.page !== this.page || !ownersHere().includes(owner)) return
    const part = partOf(this.shown, owner.keys)
    const now = partOf({ page: "", query: "", live: owner.query().toString() }, owner.keys)
    if (part.toString() !== now.toString()) owner.show(part)
  }

  /** What was still to come. */
  forget() {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers = []
  }

  /** What the address and the components say. */
  get here() {
    return stageOf(location, this.place.base, ownersHere())
  }

  /** The keys of the components. */
  get owned() {
    return ownersHere().flatMap(({ keys }) => keys)
  }

  get page() {
    return pageOf(location.pathname, this.place.base)
  }
}

/** Whether Streamlit can ask its server for a page. */
function isConnected() {
  const app = document.querySelector('[data-testid="stApp"]')
  return app?.getAttribute("data-test-connection-state") === "CONNECTED"
}

function stored() {
  try {
    return sessionStorage.getItem(LEFT)
  } catch {
    return null // a browser that keeps nothing
  }
}

/** @param {string | null} address */
function store(address) {
  try {
    if (address) sessionStorage.setItem(LEFT, address)
    else sessionStorage.removeItem(LEFT)
  } catch {
    // as above
  }
}
