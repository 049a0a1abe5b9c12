/**
 * The front of a class, for everybody in the room: its code in large letters, the address and its QR code, and who has joined.
 * It fills what is left of the screen below it, and all of it where it is presented.
 */

import { html, pageTop } from "../../../common/components/dom.js"
import { FOOT, MARGIN } from "../../../common/components/presenting/stage.js"
import { qrCode } from "../../../common/components/qr.js"
import { fill } from "../../../common/components/text.js"
import { symbol } from "../symbols.js"
import { GAP, layout, places } from "./layout.js"

/** @import { Component, View } from "../../../common/components/component.js" */

/** @typedef {{ number: number, colour: string, symbol: string, follows: boolean | null }} Person */
/**
 * @typedef {object} Scene see lenet/classroom/people.py
 * @property {string} code
 * @property {string} url which joins the class
 * @property {string} address what is typed instead, without the code
 * @property {string[]} rows of the QR code of `url`
 * @property {string} remark
 * @property {Person[]} people
 * @property {string} count how many have joined and follow, in words
 * @property {Record<"how" | "qr" | "code" | "here" | "free", string>} words
 */

const LEAST = 420 // CSS pixels of height, on however low a screen
const BELOW = 72 // CSS pixels for the buttons below

/** @implements {View<Scene>} */
class Front {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.front = html("div", { class: "front" }, root)
    this.qr = html("div", { class: "code-picture" }, this.front)
    const side = html("div", { class: "side" }, this.front)
    this.how = html("p", { class: "how" }, side)
    this.address = html("p", { class: "address" }, side)
    this.code = html("p", { class: "code" }, side)
    this.count = html("p", { class: "count" }, side)
    this.tiles = html("ul", {}, side)
    this.remark = html("p", { class: "remark" }, side)
    /** @type {Map<number, HTMLElement>} tiles of those who are here, by their number */
    this.taken = new Map()
    /** @type {HTMLElement[]} places that are free */
    this.free = []
    this.drawn = ""
    const redraw = () => this.lay()
    this.observer = new ResizeObserver(redraw)
    this.observer.observe(root)
    this.closing = new AbortController()
    window.addEventListener("resize", redraw, { signal: this.closing.signal })
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { words } = scene
    if (scene.code !== this.code.dataset.code) {
      this.code.dataset.code = scene.code // another class
      this.tiles.replaceChildren()
      this.taken.clear()
    }
    if (scene.url !== this.drawn) {
      this.qr.replaceChildren()
      qrCode(scene.rows, fill(words.qr, { url: scene.url }), this.qr)
      this.drawn = scene.url
    }
    this.how.textContent = words.how
    this.address.textContent = scene.address
    this.code.replaceChildren(...[...scene.code].map((letter) => html("span", { "aria-hidden": true }, null, letter)))
    html("span", { class: "live" }, this.code, fill(words.code, { code: [...scene.code].join(" ") }))
    this.count.textContent = scene.count
    this.remark.textContent = scene.remark
    this.remark.hidden = !scene.remark
    this.fillTiles(scene)
    this.lay()
  }

  close() {
    this.observer.disconnect()
    this.closing.abort()
  }

  /** @param {Scene} scene */
  fillTiles({ people, words }) {
    this.tiles.setAttribute("aria-label", words.here)
    for (const person of people) {
      const tile = this.tileOf(person)
      tile.classList.toggle("away", person.follows === false)
    }
    const free = places(people.length) - people.length
    while (this.free.length > free) this.free.pop()?.remove()
    while (this.free.length < free) this.free.push(html("li", { class: "free", "aria-hidden": true }))
    this.tiles.append(...this.free) // behind those that have come
  }

  /** @param {Person} person */
  tileOf(person) {
    const known = this.taken.get(person.number)
    if (known) return known
    const tile = html("li", {}, this.tiles)
    tile.style.setProperty("--own", person.colour)
    symbol(person, 16, tile)
    html("span", {}, tile, String(person.number))
    this.taken.set(person.number, tile)
    return tile
  }

  lay() {
    const { scene, root } = this
    if (!scene || !root.clientWidth) return
    const height = Math.max(heightLeft(root), LEAST)
    const count = places(scene.people.length)
    const found = layout({ width: root.clientWidth, height }, scene.address.length, count)
    this.front.classList.toggle("wide", found.isWide)
    const sizes = {
      qr: found.qr,
      code: found.code,
      text: found.text,
      address: found.address,
      tile: found.tile.height,
    }
    for (const [name, size] of Object.entries(sizes)) this.front.style.setProperty(`--${name}`, `${size}px`)
    this.front.style.setProperty("--gap", `${GAP}px`)
    this.tiles.style.gridTemplateColumns = `repeat(${found.columns}, ${found.tile.width}px)`
  }
}

/**
 * What is left of the screen below an element's top.
 * @param {HTMLElement} element
 */
function heightLeft(element) {
  const isPresented = document.documentElement.classList.contains("presenting")
  if (isPresented) return window.innerHeight - 2 * MARGIN - FOOT
  return window.innerHeight - pageTop(element) - BELOW
}

/** @type {Component<Scene>} */
export default (root) => new Front(root)
