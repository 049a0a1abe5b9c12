import { linkedQuery, writeQuery } from "../../../common/components/address.js"
import { palette } from "../../../common/components/color.js"
import { focused, html, pageTop, setName, setOptions } from "../../../common/components/dom.js"
import { isChord } from "../../../common/components/keys.js"
import { wantsStillness } from "../../../common/components/motion.js"
import { symbol } from "../symbols.js"
import { paintKernels, SHADES, unpacked } from "./kernels.js"
import { GAP, layout } from "./layout.js"
import { Spread } from "./spread.js"
import { detailOf, movedTo, nameOf, ordered, SORTS, told } from "./tiles.js"

/** @import { View } from "../../../common/components/component.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Scene, Sort, Tile } from "./scene.js" */

const KEYS = ["order"]
const MOVES = 500 // milliseconds
const BELOW = 16 // CSS pixels that stay free below the wall
const LEAST = 260 // CSS pixels of height, on however low a screen
const OWN = { width: 0.8, screen: 0.5 } // of a member's own tile: its height by its width, and by the height of the screen
const PRESENTED = 32 // CSS pixels around what is presented

/** @implements {View<Scene>} */
export class WallView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.root = root
    this.scene = scene
    this.shades = palette(scene.scale, SHADES)
    const asked = linkedQuery(KEYS, scene.asked).get("order")
    this.sort = SORTS.find((sort) => sort === asked) ?? "number"
    this.chosen = 0 // the number of the tile of which more is said
    this.bar = html("div", { class: "bar" }, root)
    this.line = html("span", { class: "line" }, this.bar)
    this.detail = html("span", { class: "detail", role: "status" }, this.bar)
    this.select = html("select", {}, this.bar)
    this.select.onchange = () => this.setSort(/** @type {Sort} */ (this.select.value))
    this.list = html("ul", { class: "tiles" }, root)
    this.list.onkeydown = (event) => this.move(event)
    this.caption = html("p", { class: "caption", "aria-hidden": true }, root) // the name of the list
    this.spread = new Spread(root)
    /** @type {Map<number, TileView>} */
    this.tiles = new Map()
    /** @type {Layout | null} */
    this.layout = null
    this.drawnFor = ""
    this.observer = new ResizeObserver(() => this.lay())
    this.observer.observe(root)
    this.closing = new AbortController()
    window.addEventListener("resize", () => this.lay(), { signal: this.closing.signal })
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { words } = scene
    setName(this.select, words.sort)
    setOptions(this.select, [
      ["number", words.sort_number],
      ["accuracy", words.sort_accuracy],
      ["similarity", words.sort_similarity],
    ])
    this.select.value = this.sort
    this.bar.hidden = scene.mine > 0
    this.line.textContent = scene.line
    this.list.setAttribute("aria-label", scene.mine ? words.own : words.wall)
    this.caption.textContent = scene.mine ? words.own : ""
    const numbers = new Set(scene.tiles.map((tile) => tile.number))
    for (const [number, view] of this.tiles) if (!numbers.has(number)) this.remove(number, view)
    for (const tile of scene.tiles) {
      if (this.tiles.has(tile.number)) continue
      const choose = scene.mine ? null : () => this.choose(tile.number)
      this.tiles.set(tile.number, new TileView(tile, choose))
    }
    this.lay()
    for (const tile of scene.tiles) this.tiles.get(tile.number)?.show(tile, this)
    this.arrange()
    this.tell()
  }

  close() {
    this.observer.disconnect()
    this.closing.abort()
  }

  /**
   * @param {number} number
   * @param {TileView} view
   */
  remove(number, view) {
    view.item.remove()
    this.tiles.delete(number)
  }

  /** @param {Sort} sort */
  setSort(sort) {
    this.sort = sort
    writeQuery(KEYS, new URLSearchParams(sort === "number" ? {} : { order: sort }))
    this.arrange()
  }

  /** @param {number} number */
  choose(number) {
    this.chosen = number === this.chosen ? 0 : number
    for (const [other, view] of this.tiles) view.tile.setAttribute("aria-pressed", String(other === this.chosen))
    this.tell()
  }

  tell() {
    const chosen = this.scene.tiles.find((tile) => tile.number === this.chosen)
    const text = chosen ? detailOf(chosen, this.scene) : ""
    if (this.detail.textContent !== text) this.detail.textContent = text
  }

  /** Have the tiles stand in their order; where that is another one they are seen to move, unless that is not wanted. */
  arrange() {
    const items = ordered(this.scene.tiles, this.sort).flatMap(({ number }) => this.tiles.get(number)?.item ?? [])
    if (items.every((item, i) => item === this.list.children[i])) return
    const before = new Map(items.map((item) => [item, item.isConnected ? item.getBoundingClientRect() : null]))
    const held = focused(this.list)
    this.list.append(...items)
    if (held instanceof HTMLElement) held.focus({ preventScroll: true })
    this.stand()
    if (wantsStillness()) return
    for (const [item, was] of before) {
      const is = item.getBoundingClientRect()
      const start = was
        ? { transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)` }
        : { opacity: 0, transform: "scale(0.6)" }
      if (!was || was.left !== is.left || was.top !== is.top)
        item.animate([start, {}], { duration: MOVES, easing: "ease" })
    }
  }

  /** One tile is reached by Tab, the others by arrows. */
  stand() {
    const buttons = this.buttons
    const here = buttons.find((button) => button.tabIndex === 0) ?? buttons[0]
    for (const button of buttons) button.tabIndex = button === here ? 0 : -1
  }

  /** @returns {HTMLElement[]} in their order */
  get buttons() {
    if (this.scene.mine) return []
    return ordered(this.scene.tiles, this.sort).flatMap(({ number }) => this.tiles.get(number)?.tile ?? [])
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const buttons = this.buttons
    const at = buttons.indexOf(/** @type {HTMLElement} */ (focused(this.list)))
    const to = movedTo(event.key, at, this.layout?.columns ?? 1, buttons.length)
    if (at < 0 || to === null || isChord(event)) return
    event.preventDefault()
    const next = buttons[to]
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1
    next.focus()
  }

  /** Lay the tiles out for the room that there is. */
  lay() {
    const { root, scene } = this
    if (!root.clientWidth) return
    this.spread.show(scene, root.clientWidth)
    const lines = scene.tiles.some((tile) => tile.arm) ? 2 : 1
    const room = { width: root.clientWidth, height: this.height }
    this.layout = layout(room, scene.tiles.length, scene.shape, lines)
    const text = JSON.stringify([this.layout, scene.shape, lines])
    if (text === this.drawnFor) return
    this.drawnFor = text
    const { columns, tile, font } = this.layout
    const sizes = { width: tile.width, height: tile.height, gap: GAP, font }
    for (const [name, size] of Object.entries(sizes)) this.list.style.setProperty(`--${name}`, `${size}px`)
    this.list.style.gridTemplateColumns = `repeat(${columns}, ${tile.width}px)`
    for (const view of this.tiles.values()) view.paint(this)
  }

  /** CSS pixels that the wall may be high. */
  get height() {
    if (this.scene.mine) return Math.min(OWN.width * this.root.clientWidth, OWN.screen * window.innerHeight)
    const bar = this.list.getBoundingClientRect().top - this.root.getBoundingClientRect().top
    const isPresented = document.documentElement.classList.contains("presenting")
    const room = window.innerHeight - bar - (isPresented ? PRESENTED : pageTop(this.root) + BELOW)
    return Math.max(room, LEAST)
  }
}

/** A tile in its place. What it shows is not read out, but said in words. */
class TileView {
  /**
   * @param {Tile} tile
   * @param {(() => void) | null} choose null: there is nothing to choose, as in a member's own
   */
  constructor(tile, choose) {
    this.item = html("li")
    this.tile = choose
      ? html("button", { type: "button", "aria-pressed": false, tabindex: -1 }, this.item)
      : html("div", {}, this.item)
    this.tile.onclick = choose
    this.tile.style.setProperty("--own", tile.colour)
    this.name = html("span", { class: "live" }, this.tile)
    const head = html("span", { class: "head", "aria-hidden": true }, this.tile)
    symbol(tile, 16, head)
    html("span", { class: "number" }, head, String(tile.number))
    this.told = html("span", { class: "told" }, head)
    this.arm = html("span", { class: "arm", "aria-hidden": true }, this.tile)
    this.canvas = html("canvas", { "aria-hidden": true }, this.tile)
    this.done = html("span", { class: "done", "aria-hidden": true }, this.tile)
    this.packed = ""
  }

  /**
   * @param {Tile} tile
   * @param {WallView} wall
   */
  show(tile, wall) {
    const { words, reference } = wall.scene
    this.tile.className = `tile ${tile.state || "empty"}${tile.number === reference ? " reference" : ""}`
    this.name.textContent = nameOf(tile, words)
    const text = told(tile, words)
    this.told.textContent = text
    this.told.classList.toggle("word", !text.endsWith("%"))
    this.arm.textContent = tile.arm
    this.arm.hidden = !tile.arm
    this.done.style.setProperty("--share", String(tile.state === "running" ? tile.share : 0))
    if (tile.kernels === this.packed) return
    this.packed = tile.kernels
    this.paint(wall)
  }

  /** @param {WallView} wall */
  paint({ scene, layout, shades }) {
    this.canvas.hidden = !this.packed
    if (this.packed && layout) paintKernels(this.canvas, unpacked(this.packed), scene.shape, layout, shades)
  }
}
