/**
 * The path through all pages: a link to each station, which of them this browser has opened, and the one to go on with.
 *
 * To Python goes the trigger `open`, the key of a station whose link was followed: its page opens in the same window
 * without being loaded anew. With the middle button or a key of the browser's the links do what links do.
 */

import { button, html } from "../../common/components/dom.js"
import { fill } from "../../common/components/text.js"
import { clear, follow, nextStation, readOpened } from "./progress.js"

/** @import { Component, Host, View } from "../../common/components/component.js" */

/** @typedef {{ key: string, title: string, aim: string, href: string }} Station */
/** @typedef {"title" | "lead" | "begin" | "go_on" | "all_opened" | "so_far" | "opened" | "again" | "where"} Word */

/**
 * @typedef {object} Scene see lenet/course/stations.py
 * @property {Station[]} stations
 * @property {Record<Word, string>} words
 */

/** @implements {View<Scene>} */
class Path {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.host = host
    const head = html("div", { class: "head" }, root)
    this.title = html("h2", {}, head)
    this.lead = html("p", { class: "lead" }, head)
    const bar = html("div", { class: "bar" }, head)
    this.go = html("a", { class: "go" }, bar)
    this.told = html("span", { class: "told", role: "status" }, bar)
    this.restart = button("again", "", bar, () => this.beginAgain())
    this.list = html("ol", {}, root)
    this.drawn = ""
    this.closing = new AbortController()
    follow(() => this.draw(), this.closing.signal)
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.draw()
  }

  again() {
    this.draw()
  }

  close() {
    this.closing.abort()
  }

  draw() {
    if (!this.scene) return
    const { stations, words } = this.scene
    const opened = readOpened()
    const drawn = JSON.stringify([this.scene, opened])
    if (drawn === this.drawn) return // a link that has the keys keeps them
    this.drawn = drawn
    const keys = stations.map(({ key }) => key)
    const next = stations.find(({ key }) => key === nextStation(keys, opened))
    const count = keys.filter((key) => opened.includes(key)).length
    this.title.textContent = words.title
    this.lead.textContent = words.lead
    this.go.hidden = !next
    if (next) {
      const station = `${keys.indexOf(next.key) + 1} · ${next.title}`
      this.go.textContent = fill(count ? words.go_on : words.begin, { station })
      this.leadTo(this.go, next)
    }
    const soFar = next ? fill(words.so_far, { n: count, total: keys.length }) : words.all_opened
    this.told.textContent = count ? soFar : ""
    this.told.title = words.where
    this.restart.textContent = words.again
    this.restart.hidden = !count
    this.list.replaceChildren(...stations.map((station) => this.item(station, opened, station === next)))
  }

  /**
   * @param {Station} station
   * @param {string[]} opened
   * @param {boolean} isNext
   */
  item(station, opened, isNext) {
    const isOpened = opened.includes(station.key)
    const item = html("li", { class: isOpened ? "opened" : "" })
    const link = html("a", isNext ? { "aria-current": "step" } : {}, item, station.title)
    this.leadTo(link, station)
    if (isOpened)
      html("span", { class: "mark", role: "img", "aria-label": this.scene?.words.opened ?? "" }, item, "✓")
    html("p", {}, item, station.aim)
    return item
  }

  /**
   * @param {HTMLAnchorElement} link
   * @param {Station} station
   */
  leadTo(link, { key, href }) {
    link.href = href
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      this.host.setTriggerValue("open", key)
    }
  }

  beginAgain() {
    clear()
    this.draw()
    this.go.focus()
  }
}

/** @type {Component<Scene>} */
export default (root, host) => new Path(root, host)
