/**
 * The strip that everybody in a class has on every page: who they are and whether they follow; for whoever leads it, how many
 * do. What it stands for lives on while the page changes, and ends with its class.
 */

import { button, html } from "../../../common/components/dom.js"
import { fill } from "../../../common/components/text.js"
import { symbol } from "../symbols.js"
import { Follower } from "./follower.js"
import { Leader } from "./leader.js"
import { addressOf, CLASS, pageOf } from "./stage.js"

/** @import { Component, Host } from "../../../common/components/component.js" */

/**
 * @typedef {object} Scene see lenet/ui/classes.py
 * @property {string} address of the class's routes
 * @property {string} base the path of the app, without slashes
 * @property {string} page of this run
 * @property {string} work what the class did in it
 * @property {boolean} leads whether phones are led
 * @property {{ number: number, colour: string, symbol: string } | null} member null: whoever leads the class
 * @property {Record<"name" | "here" | "number" | "following" | "apart" | "task" | "free" | "lost" | "over" | "leave" | "back" |
 *   "follow" | "lead", string>} words
 */
/** @typedef {{ one: Follower | Leader, changed: () => void, rerun: () => void }} Running */

const LINGERS = 10_000 // milliseconds for which a class goes on without a strip: while the page changes

const known = /** @type {Window & { lenetClass?: { address: string, running: Running } }} */ (window)

/** @type {Component<Scene>} */
export default function strip(root, host, first) {
  const running = begun(first)
  const bar = html("div", { class: "strip", role: "region" }, root)
  const view = first.member ? new MemberStrip(bar, running) : new TeacherStrip(bar, running)
  let scene = first
  clearTimeout(ending)
  return {
    update(next) {
      scene = next
      bar.setAttribute("aria-label", scene.words.name)
      running.one.update(scene)
      running.changed = () => view.show(scene)
      running.rerun = () => rerun(host)
      view.show(scene)
    },
    close() {
      clearTimeout(ending)
      ending = setTimeout(() => end(), LINGERS)
    },
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let ending

/** @param {Host} host */
const rerun = (host) => host.setTriggerValue("news", Date.now())

/**
 * What goes on for this class: begun now, or by the strip of another page.
 * @param {Scene} scene
 * @returns {Running}
 */
function begun(scene) {
  const address = `${scene.address} ${scene.member?.number ?? 0}`
  const before = known.lenetClass
  if (before?.address === address && isOurs(before.running.one)) return before.running
  before?.running.one.close()
  const host = { changed: () => running.changed(), rerun: () => running.rerun() }
  /** @type {Running} */
  const running = {
    one: scene.member ? new Follower(scene, host) : new Leader(scene, host),
    changed() {},
    rerun() {},
  }
  known.lenetClass = { address, running }
  return running
}

/**
 * Whether it is of this version of the app: of another one it is another class.
 * @param {Follower | Leader} one
 */
const isOurs = (one) => one instanceof Follower || one instanceof Leader

function end() {
  known.lenetClass?.running.one.close()
  delete known.lenetClass
}

/** @implements {Strip} */
class MemberStrip {
  /**
   * @param {HTMLElement} bar
   * @param {Running} running
   */
  constructor(bar, running) {
    this.follower = /** @type {Follower} */ (running.one)
    this.name = html("span", { class: "name" }, bar)
    this.number = html("span", { class: "number" }, bar)
    this.word = html("span", { class: "word" }, this.number)
    this.short = html("span", { class: "short", "aria-hidden": true }, this.number) // where there is room for no more
    this.state = html("span", { class: "state", role: "status" }, bar)
    this.look = button("look", "", bar, () => this.follower.look(!this.follower.isApart))
  }

  /** @param {Scene} scene */
  show({ member, words }) {
    const { follower } = this
    this.name.textContent = words.name
    if (member) {
      this.word.textContent = fill(words.number, { n: member.number })
      this.short.textContent = String(member.number)
      this.number.replaceChildren(this.word, this.short)
      symbol(member, 14, this.number)
    }
    const state = stateOf(follower)
    if (this.state.textContent !== words[state]) this.state.textContent = words[state]
    this.state.className = `state ${state}`
    this.look.textContent = follower.isApart ? words.back : words.leave
    this.look.classList.toggle("back", follower.isApart)
    this.look.hidden = follower.isOver || (state === "free" && !follower.isApart)
  }
}

/**
 * @param {Follower} follower
 * @returns {"over" | "lost" | "task" | "apart" | "following" | "free"}
 */
function stateOf({ isOver, isLost, isApart, isFollowing, told }) {
  if (isOver) return "over"
  if (isLost) return "lost"
  if (isApart) return told?.activity && (!told.leads || told.page === CLASS) ? "task" : "apart"
  return isFollowing ? "following" : "free"
}

/** @implements {Strip} */
class TeacherStrip {
  /**
   * @param {HTMLElement} bar
   * @param {Running} running
   */
  constructor(bar, running) {
    this.leader = /** @type {Leader} */ (running.one)
    this.name = html("a", { class: "name" }, bar)
    this.name.onclick = (event) => this.open(event)
    this.state = html("span", { class: "state", role: "status" }, bar)
    const label = html("label", {}, bar)
    this.lead = html("input", { type: "checkbox", role: "switch" }, label)
    this.lead.onchange = () => this.leader.lead(this.lead.checked)
    this.word = html("span", {}, label)
  }

  /** @param {Scene} scene */
  show({ base, words }) {
    const { leader } = this
    this.name.textContent = words.name
    this.name.href = addressOf({ page: CLASS, query: "", live: "" }, base, location.href)
    this.name.setAttribute("aria-current", pageOf(location.pathname, base) === CLASS ? "page" : "false")
    this.state.textContent = this.words(words)
    this.lead.checked = leader.leads
    this.lead.disabled = leader.isOver
    this.word.textContent = words.lead
  }

  /** @param {Scene["words"]} words */
  words(words) {
    const { told, isOver, isLost, leads } = this.leader
    if (isOver) return words.over
    if (isLost) return words.lost
    if (!told) return ""
    return leads
      ? fill(words.follow, { n: told.following, all: told.members })
      : fill(words.here, { n: told.here, all: told.members })
  }

  /** @param {MouseEvent} event another page of the app is no other page of the browser */
  open(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    history.pushState(history.state, "", this.name.href)
    window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
  }
}

/** @typedef {{ show: (scene: Scene) => void }} Strip */
