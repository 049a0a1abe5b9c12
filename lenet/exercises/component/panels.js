/** The figure of an exercise: grids of numbers, pictures and tables, side by side while there is room. */

import { css, luminance, mix } from "../../common/components/color.js"
import { html, paint } from "../../common/components/dom.js"
import { isChord, moved } from "../../common/components/keys.js"
import { fill } from "../../common/components/text.js"

/** @import { Color } from "../../common/components/color.js" */
/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Grid, Scene, Table, Word } from "./scene.js" */
/** @typedef {Record<Word, string>} Words */

/** @type {Color} */
const UNKNOWN = [148, 163, 184] // of a hidden cell in a picture

/**
 * Draw one panel into `parent`.
 * @param {HTMLElement} parent
 * @param {Grid | Table} panel
 * @param {Words} words
 */
export function drawPanel(parent, panel, words) {
  if (panel.sign) html("div", { class: "sign", "aria-hidden": true }, parent, panel.sign)
  if (panel.type === "table") return drawTable(parent, panel)
  return panel.type === "picture" ? drawPicture(parent, panel) : drawGrid(parent, panel, words)
}

/**
 * @param {HTMLElement} parent
 * @param {Table} table
 */
function drawTable(parent, { title, columns, rows, opened, marked }) {
  const holder = html("div", { class: "panel scrolled", tabindex: 0, role: "group", "aria-label": title }, parent)
  const table = html("table", { class: "layers" }, holder)
  html("caption", {}, table, title)
  const head = html("tr", {}, html("thead", {}, table))
  for (const column of columns) html("th", { scope: "col" }, head, column)
  const body = html("tbody", {}, table)
  rows.forEach((cells, i) => {
    const row = html("tr", { class: marked.includes(i) ? "asked" : "" }, body)
    for (const [j, text] of cells.entries()) html("td", { class: has(opened, i, j) ? "opened" : "" }, row, text)
  })
  return holder
}

/**
 * A picture of numbers, one pixel each.
 * @param {HTMLElement} parent
 * @param {Grid} picture
 */
function drawPicture(parent, { title, size: [high, wide], shades, scale, marked, shown }) {
  const figure = html("figure", { class: wide > 2 * high ? "panel picture wide" : "panel picture" }, parent)
  html("figcaption", {}, figure, title)
  const frame = html("div", { class: "frame", style: `--columns:${wide};--rows:${high}` }, figure)
  const flat = shades.flat()
  const canvas = paint(wide, high, (i) => {
    const shade = flat[i]
    return shade === null ? UNKNOWN : mix(scale, shade / 100)
  })
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", title)
  frame.append(canvas)
  for (const [cells, name] of /** @type {[Pair[], string][]} */ ([
    [marked, "marked"],
    [shown, "shown"],
  ])) {
    if (!cells.length) continue
    const [rows, columns] = [cells.map(([row]) => row), cells.map(([, column]) => column)]
    const [top, left] = [Math.min(...rows), Math.min(...columns)]
    const [height, width] = [Math.max(...rows) + 1 - top, Math.max(...columns) + 1 - left]
    const box = { left: left / wide, top: top / high, width: width / wide, height: height / high }
    const style = Object.entries(box).map(([side, share]) => `${side}:${100 * share}%`)
    html("div", { class: `box ${name}`, style: style.join(";") }, frame)
  }
  return figure
}

/**
 * A grid of numbers with its padding. In one that asks each cell is a button, which `Chooser` makes a choice of.
 * @param {HTMLElement} parent
 * @param {Grid} grid
 * @param {Words} words
 */
function drawGrid(parent, grid, words) {
  const [high, wide] = grid.size
  const [above, beside] = grid.padding
  const columns = wide + 2 * beside
  const holder = html("div", { class: "panel" }, parent)
  const table = html("table", { class: "grid", style: `--columns:${columns}` }, holder)
  html("caption", {}, table, grid.title)
  const body = html("tbody", {}, table)
  for (let i = -above; i < high + above; i++) {
    const row = html("tr", {}, body)
    for (let j = -beside; j < wide + beside; j++) {
      const inside = i >= 0 && i < high && j >= 0 && j < wide
      const names = [inside ? "" : "padding", has(grid.marked, i, j) && "marked", has(grid.shown, i, j) && "shown"]
      const cell = html("td", { class: names.filter(Boolean).join(" ") }, row)
      const text = inside ? grid.texts[i][j] : grid.padding_text
      if (inside && grid.shades[i][j] !== null) {
        const color = mix(grid.scale, Number(grid.shades[i][j]) / 100)
        cell.style.background = css(color)
        cell.style.color = inkOn(color)
      }
      if (inside && grid.asks) {
        const label = fill(words.cell, { row: i + 1, column: j + 1, value: text })
        const own = { class: "cell", type: "button", "data-i": i, "data-j": j, "aria-label": label }
        html("button", { ...own, "aria-pressed": false, tabindex: i || j ? -1 : 0 }, cell, text)
      } else cell.textContent = text
    }
  }
  return holder
}

/** Lets the reader choose one cell of the grid that asks: by a tap or click, or with arrows and Enter. */
export class Chooser {
  /**
   * @param {HTMLElement} figure
   * @param {Scene} scene
   */
  constructor(figure, { panels, verdict }) {
    /** @type {HTMLButtonElement[]} */
    this.cells = [...figure.querySelectorAll("button")].filter((one) => one.classList.contains("cell"))
    /** @type {Pair | null} */
    this.chosen = null
    const asking = panels.find((panel) => panel.type !== "table" && panel.asks)
    if (!asking || asking.type === "table") return
    this.size = asking.size
    if (verdict) {
      const [given, right] = [verdict.given, verdict.answer].map(([i, j]) => this.at([i, j]))
      for (const cell of this.cells) cell.disabled = true
      given?.classList.add(verdict.right ? "right" : "wrong")
      right?.classList.add("right")
      return
    }
    for (const cell of this.cells) {
      cell.onclick = () => this.choose([Number(cell.dataset.i), Number(cell.dataset.j)])
      cell.onkeydown = (event) => {
        const to = this.size && moved(event.key, [Number(cell.dataset.i), Number(cell.dataset.j)], this.size)
        if (!to || isChord(event)) return
        this.stand(to)
        this.at(to)?.focus()
        event.preventDefault()
      }
    }
  }

  /** @param {Pair} place */
  at([row, column]) {
    return this.cells.find((one) => one.dataset.i === String(row) && one.dataset.j === String(column))
  }

  /**
   * Have Tab come to this cell.
   * @param {Pair} place
   */
  stand(place) {
    for (const cell of this.cells) cell.tabIndex = -1
    const here = this.at(place)
    if (here) here.tabIndex = 0
  }

  /** @param {Pair} place */
  choose(place) {
    this.chosen = place
    this.stand(place)
    for (const cell of this.cells) cell.setAttribute("aria-pressed", "false")
    this.at(place)?.setAttribute("aria-pressed", "true")
  }
}

/**
 * Black or white, one of which has a contrast of 4.58 : 1 at least with any colour: small letters need 4.5.
 * @param {Color} color
 */
const inkOn = (color) => (luminance(color) > 0.179 ? "#000000" : "#ffffff")

/**
 * @param {Pair[]} cells
 * @param {number} row
 * @param {number} column
 */
const has = (cells, row, column) => cells.some(([i, j]) => i === row && j === column)
