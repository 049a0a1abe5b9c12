/** The contest at the front: what is asked, and the kernels that were handed in, the best first. */

import { html } from "../../../common/components/dom.js"
import { Countdown } from "../countdown.js"
import { Pictures } from "../pictures.js"
import { followRoom, heightLeft } from "../room.js"
import { drawTile } from "../tile.js"
import { arrange, layout } from "../tiles.js"

/** @import { Component, View } from "../../../common/components/component.js" */
/** @import { PicturesScene } from "../pictures.js" */
/** @import { Task } from "../score.js" */
/** @import { Entry } from "../tile.js" */
/**
 * What Python sends: see lenet/classroom/figures/contest.py.
 * @typedef {object} WallScene
 * @property {string} title
 * @property {string} request
 * @property {string} count how many have handed in, in words
 * @property {number | null} left seconds; null: no limit, or nobody may hand in
 * @property {Entry[]} entries the best first
 * @property {Task} short the task with the pictures that tiles have
 * @property {{ own: Entry, title: string, why: string, learned: Entry[], about: string } | null} solution
 * @property {string} empty what stands there until somebody has handed in
 */
/** @typedef {WallScene & PicturesScene} Scene */

const SOLUTION_TILE = 92 // of seven in a row on a laptop

/** @implements {View<Scene>} */
class Wall {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    const head = html("div", { class: "head" }, root)
    const words = html("div", { class: "words" }, head)
    this.title = html("div", { class: "title" }, words)
    this.request = html("p", { class: "request" }, words)
    const told = html("div", { class: "told" }, words)
    this.count = html("span", { class: "count", role: "status" }, told)
    this.countdown = new Countdown(told, () => {})
    this.pictures = new Pictures(html("div", { class: "seen" }, head))
    this.solution = html("div", { class: "solution" }, root)
    this.tiles = html("ol", { class: "tiles" }, root)
    this.empty = html("p", { class: "empty" }, root)
    this.drawn = ""
    this.width = 0
    this.shown = ""
    this.closing = new AbortController()
    window.addEventListener("resize", () => this.lay(), { signal: this.closing.signal })
    this.unfollow = followRoom(
      root,
      () => this.width,
      () => this.lay(),
    )
  }

  close() {
    this.countdown.close()
    this.closing.abort()
    this.unfollow()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.title.textContent = scene.title
    this.request.textContent = scene.request
    this.count.textContent = scene.count
    this.countdown.set(scene.left)
    this.empty.textContent = scene.entries.length ? "" : scene.empty
    if (this.shown !== scene.request) {
      this.pictures.setScene(scene)
      for (const response of this.pictures.responses) response.parentElement?.remove()
      for (const bar of this.pictures.strengths) bar.parentElement?.remove()
    }
    this.shown = scene.request
    const drawn = JSON.stringify([scene.entries, scene.solution, scene.short])
    if (drawn !== this.drawn) this.draw(scene)
    this.drawn = drawn
    this.lay()
  }

  /** @param {Scene} scene */
  draw({ entries, solution, short, scale }) {
    this.tiles.replaceChildren()
    for (const entry of entries) drawTile(this.tiles, entry, { task: short, scale })
    this.solution.replaceChildren()
    if (!solution) return
    const words = html("div", { class: "why" }, this.solution)
    html("strong", {}, words, solution.title)
    html("p", {}, words, solution.why)
    html("p", { class: "about" }, words, solution.about)
    const row = html("ul", { class: "tiles" }, this.solution)
    const shown = [solution.own, ...solution.learned]
    row.style.gridTemplateColumns = `repeat(auto-fill, minmax(${SOLUTION_TILE}px, 1fr))`
    for (const entry of shown) drawTile(row, entry, { task: short, scale })
  }

  lay() {
    const { scene, root } = this
    if (!scene || !root.clientWidth) return
    this.width = root.clientWidth
    const place = { width: root.clientWidth, height: heightLeft(this.tiles, root) }
    arrange(this.tiles, layout(scene.entries.length, place, 1 + scene.short.pictures.length))
  }
}

/** @type {Component<Scene>} */
export default (root) => new Wall(root)
