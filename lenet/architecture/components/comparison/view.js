/** The view: bars of networks, and the layer that is pointed at or chosen, of which all measures are told. */

import { focused, followWidth, html, setAttributes, svg, textWidth } from "../../../common/components/dom.js"
import { hasFingers } from "../../../common/components/fingers.js"
import { isChord } from "../../../common/components/keys.js"
import { SaveMenu } from "../../../common/components/saving.js"
import { lines } from "../../../common/components/text.js"
import { layerAt, layout, moved } from "./layout.js"

/** @import { View } from "../../../common/components/component.js" */
/** @import { Bar, Row } from "./layout.js" */
/** @import { Net, Scene } from "./scene.js" */

/** @typedef {{ net: number, layer: number }} Choice */

const FONT = 14
const SMALL = 13
const LINE = 17
const STYLE = `
text { fill: currentColor; font-size: 14px; font-variant-numeric: tabular-nums; }
.middle { dominant-baseline: central; }
.strong { font-weight: 600; }
.small { font-size: ${SMALL}px; }
.swatch { forced-color-adjust: none; }
.segment { stroke: #fff; stroke-width: .6; pointer-events: none; }
.hit { fill: none; pointer-events: all; cursor: pointer; }
.mark { fill: none; stroke: none; pointer-events: none; }
.chosen .mark { stroke: currentColor; stroke-width: 2.5; }
.net { outline: none; }
.focus { fill: none; stroke: none; pointer-events: none; }
.net:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .6; }
@media (forced-colors: active) {
  .chosen .mark { stroke: Highlight; }
  .net:focus-visible .focus { stroke: CanvasText; stroke-opacity: 1; }
}
`

/** @implements {View<Scene>} */
export class ComparisonView {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.root = root
    this.scene = scene
    /** @type {Choice | null} */
    this.chosen = null
    /** @type {{ group: SVGGElement, options: SVGGElement[], marks: SVGGElement[] }[]} */
    this.nets = []
    this.svg = svg("svg", { role: "presentation" }, root)
    const below = html("div", { class: "below" }, root)
    this.words = html("div", { class: "words", role: "status" }, below)
    this.menu = new SaveMenu(below, () => ({ picture: this.svg, root, name: "comparison" }))
    this.svg.onkeydown = (event) => this.key(event)
    this.svg.onpointerleave = () => this.tell(this.chosen)
    this.unfollow = followWidth(
      root,
      () => this.width,
      () => this.draw(),
    )
  }

  close() {
    this.unfollow()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { chosen } = this
    if (chosen && !scene.nets[chosen.net]?.layers[chosen.layer]) this.chosen = null
    this.menu.setWords(scene.words)
    this.draw()
  }

  /** Draw the bars anew, for the room that there is. */
  draw() {
    this.width = this.root.clientWidth
    if (!this.width) return
    const { nets, measures, legend } = this.scene
    const family = getComputedStyle(this.root).fontFamily
    const font = `${FONT}px ${family}`
    const names = Math.max(...nets.map(({ name }) => textWidth(name, font)))
    const entries = legend.map(({ words }) => textWidth(words, `${SMALL}px ${family}`))
    const at = layout(nets, measures.length, { width: this.width, names, legend: entries })
    const inFocus = this.nets.findIndex(({ group }) => group === focused(group))
    setAttributes(this.svg, { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` })
    this.svg.replaceChildren(svg("style", {}, null, STYLE))
    if (!at.isStacked) {
      at.measures.forEach((place, m) => {
        svg("text", { class: "small", ...place }, this.svg, measures[m])
      })
    }
    this.nets = nets.map((net, n) => {
      const drawn = this.drawNet(net, at.rows[n], n)
      const room = at.isStacked ? at.width : at.names
      const told = lines(net.name, room, (text) => textWidth(text, font))
      told.forEach((words, i) => {
        const y = at.rows[n].name.y + (at.isStacked ? i : i - (told.length - 1) / 2) * LINE
        svg("text", { class: at.isStacked ? "strong" : "middle", x: 0, y }, drawn.group, words)
      })
      at.rows[n].bars.forEach(({ total }, m) => {
        const words = at.isStacked ? `${measures[m]}: ${net.totals[m]}` : net.totals[m]
        svg("text", { class: at.isStacked ? "small" : "strong middle", ...total }, drawn.group, words)
      })
      return drawn
    })
    legend.forEach(({ color, words }, i) => {
      const { swatch, text } = at.legend[i]
      svg("rect", { class: "swatch", ...swatch, fill: color }, this.svg)
      svg("text", { class: "small middle", ...text }, this.svg, words)
    })
    if (inFocus >= 0) this.nets[inFocus]?.group.focus({ preventScroll: true })
    this.choose(this.chosen)
  }

  /**
   * @param {Net} net
   * @param {Row} row
   * @param {number} n
   */
  drawNet(net, { box, bars }, n) {
    const role = { role: "listbox", "aria-orientation": "horizontal", "aria-label": net.label }
    const group = svg("g", { class: "net", tabindex: 0, ...role }, this.svg)
    const frame = { x: 1, y: box.y + 1, width: box.width - 2, height: box.height - 2, rx: 4 }
    svg("rect", { class: "focus", ...frame }, group)
    bars.forEach((bar) => {
      const { x, y, width, height } = bar.box
      const hit = svg("rect", { class: "hit", x, y: y - 4, width, height: height + 8 }, group)
      const under = (/** @type {PointerEvent | MouseEvent} */ event) => ({ net: n, layer: this.under(event, bar) })
      hit.onpointermove = (event) => event.pointerType === "mouse" && this.tell(under(event))
      hit.onclick = (event) => this.choose(under(event))
    })
    const options = net.layers.map(({ color, words }, i) => {
      const option = svg("g", { id: `net-${n}-${i}`, role: "option", "aria-label": words }, group)
      const places = bars.map(({ box, edges }) => ({
        x: box.x + edges[i],
        y: box.y,
        width: edges[i + 1] - edges[i],
        height: box.height,
      }))
      for (const place of places) if (place.width) svg("rect", { class: "segment", ...place, fill: color }, option)
      return option
    })
    const marks = net.layers.map((_, i) => {
      const mark = svg("g", { "aria-hidden": "true" }, group) // on top of its neighbours
      for (const { box, edges } of bars) {
        const width = edges[i + 1] - edges[i]
        const place = { x: box.x + edges[i] - 1, y: box.y - 2, width: width + 2, height: box.height + 4 }
        if (width) svg("rect", { class: "mark", ...place }, mark)
      }
      return mark
    })
    group.onfocus = () => {
      if (group.matches(":focus-visible") && this.chosen?.net !== n) this.choose({ net: n, layer: 0 })
    }
    return { group, options, marks }
  }

  /**
   * The layer under the pointer in a bar, or the one nearest to it.
   * @param {MouseEvent} event
   * @param {Bar} bar
   */
  under(event, { box, edges }) {
    const { left, width } = this.svg.getBoundingClientRect() // larger where it is presented
    return layerAt(edges, ((event.clientX - left) * (this.width ?? width)) / width - box.x)
  }

  /** @param {Choice | null} choice */
  choose(choice) {
    this.chosen = choice
    this.nets.forEach(({ group, options }, n) => {
      options.forEach((option, i) => {
        option.setAttribute("aria-selected", String(choice?.net === n && choice.layer === i))
      })
      if (choice?.net === n) group.setAttribute("aria-activedescendant", options[choice.layer].id)
      else group.removeAttribute("aria-activedescendant")
    })
    this.tell(choice)
  }

  /**
   * Mark a layer and tell of it; null: what there is to do.
   * @param {Choice | null} choice
   */
  tell(choice) {
    const net = choice && this.scene.nets[choice.net]
    const { hint, hint_touch } = this.scene.words
    const todo = hasFingers() ? hint_touch : hint
    this.words.textContent = net ? `${net.name} · ${net.layers[choice.layer].words}` : todo
    this.nets.forEach(({ marks }, n) => {
      marks.forEach((mark, i) => {
        mark.classList.toggle("chosen", choice?.net === n && choice.layer === i)
      })
    })
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isChord(event)) return
    const inFocus = this.nets.findIndex(({ group }) => group === focused(group))
    if (inFocus < 0) return
    if (event.key === "Escape") return this.choose(null)
    const from = this.chosen?.net === inFocus ? this.chosen : { net: inFocus, layer: 0 }
    const to = moved(event.key, from, this.scene.nets)
    if (!to) return
    event.preventDefault()
    this.choose(to)
    if (to.net !== inFocus) this.nets[to.net].group.focus({ preventScroll: true })
  }
}
