// The pooling sandbox's figure: input → this window → output, and the controls that move the window.
//
// Python (lenet/figures/pooling.py) has done all the arithmetic and sends it as text; this file only draws it and
// moves the window. The one message that goes to the server is `edit`, a cell's new text. With `data.back` the
// figure shows the gradient instead, flowing from the output back to the input.

const [INPUT, PADDING, BEYOND] = [0, 1, 2]
const PANEL = 300 // width of “this window”
const ARROW = 44 // width of the space between two panels
const GAP = 18 // between two channels
const TITLE = 24 // height of a panel's title
const LABEL = 18 // height of a channel's label, or of a line of the legend
const LINE = 21 // height of a line of arithmetic
const CHANNEL_GAP = 10 // between the arithmetic of two channels
const SHOWN_TERMS = 40 // a longer list of numbers is cut
const SPEEDS = [1, 2, 5, 15, 60]

// Inside the SVG, so that a saved picture carries it. Colours that mean something come with the data.
const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; dominant-baseline: central; }
.title { font-weight: 600; font-size: 14px; text-anchor: middle; }
.small { font-size: 12px; opacity: .75; }
.centre { text-anchor: middle; }
.cell { stroke: #64748b; stroke-opacity: .45; stroke-width: 1; }
.beyond { fill: none; stroke: currentColor; stroke-opacity: .35; stroke-dasharray: 3 3; }
.muted { opacity: .65; }
.arrow { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 2; }
.result { font-weight: 700; }
.winner { font-weight: 700; text-decoration: underline; }
.wrong { fill: none; stroke-width: 2; stroke-dasharray: 5 3; }
.selected { fill: none; stroke: currentColor; stroke-width: 2; stroke-dasharray: 4 2; }
.through { pointer-events: none; }
.zone { outline: none; }
.zone .focus { fill: none; stroke: none; }
.zone:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .55; }
.out .cell, .in .cell { cursor: pointer; }
`

let counter = 0

export default mounted(
  (root) => new View(root),
  (view, component) => {
    view.send = (edit) => component.setTriggerValue("edit", edit)
  },
)

/** A word of arithmetic with what stands before and after it. */
const plain = (word) => (word.before ?? "") + word.text + (word.after ?? "")

// ---- the view ----

class View {
  constructor(root) {
    this.root = root
    this.id = `pool${++counter}`
    this.step = 0 // the output cell that the window belongs to, in reading order
    this.hovered = null // an output cell under the pointer: its window shows until the pointer leaves
    this.pointed = null // an input cell under the pointer
    this.selected = null // {c, i}: the input cell that keys act on
    this.filling = false // whether output cells after `step` are blank
    this.timer = null
    this.chosen = null // windows per second, once the reader has chosen
    this.build()
    this.resizer = new ResizeObserver(() => this.data && this.width() !== this.drawnWidth && this.draw())
    this.resizer.observe(this.holder)
    this.onresize = () => this.data && this.draw()
    window.addEventListener("resize", this.onresize)
  }

  close() {
    this.pause()
    this.resizer.disconnect()
    window.removeEventListener("resize", this.onresize)
  }

  width() {
    return Math.floor(this.holder.clientWidth)
  }

  get total() {
    return this.data.out_size[0] * this.data.out_size[1]
  }

  /** The parts that stay: holder of the picture, and the controls. */
  build() {
    this.holder = html("div", "holder", this.root)
    const bar = html("div", "bar", this.root)
    this.previous = button("previous", "◀", bar, () => this.go(this.step - 1))
    this.play = button("play", "▶", bar, () => (this.timer ? this.pause() : this.start()))
    this.next = button("next", "▶|", bar, () => this.go(this.step + 1))
    this.slider = html("input", "step", bar, { type: "range", min: 1, value: 1 })
    this.slider.oninput = () => this.go(this.slider.value - 1)
    this.count = html("span", "count", bar)
    this.all = button("all", "", bar, () => this.showAll())
    this.speeds = html("select", "speed", bar)
    this.speeds.onchange = () => {
      this.chosen = this.speed = Number(this.speeds.value)
      if (this.timer) this.schedule()
    }
    this.formula = html("span", "formula", bar)
    this.save = button("save", "", bar, () => this.download())
    this.hint = html("div", "hint", this.root)
    this.live = html("div", "live", this.root, { "aria-live": "polite" })
  }

  update(data) {
    const resized = !this.data || String(this.data.out_size) !== String(data.out_size)
    const regridded = !this.data || String(this.data.size) !== String(data.size)
    this.data = data
    this.wrong = data.wrong?.map((steps) => new Set(steps))
    this.pause()
    this.filling = false
    if (resized) this.step = data.start
    if (regridded) this.selected = null
    this.hovered = this.pointed = null
    this.words()
    this.draw()
  }

  words() {
    const { words } = this.data
    for (const name of ["previous", "next", "all"]) named(this[name], words[name])
    this.save.textContent = words.save
    this.all.hidden = this.data.back
    this.all.textContent = words.all_short
    this.hint.textContent = words.hint
    this.slider.max = this.total
    this.slider.setAttribute("aria-label", words.slider)
    named(this.speeds, words.speed)
    this.speed = this.chosen ?? (this.total > 36 ? 15 : 2)
    choices(this.speeds, SPEEDS.map((n) => [n, fill(words.per_second, { n })]))
    this.speeds.value = this.speed
    this.formula.replaceChildren(...this.data.formula.map((line) => html("span", "", null, {}, line)))
  }

  // ---- moving the window ----

  go(step, { keep = false } = {}) {
    if (!keep) this.pause()
    this.step = clamp(Number(step), 0, this.total - 1)
    this.hovered = null
    this.show()
  }

  start() {
    const { back } = this.data // a gradient is there from the start: only the window moves
    if (this.step === this.total - 1 || !(back || this.filling)) {
      this.step = 0
      this.filling = !back
    }
    this.hovered = null
    this.schedule()
    this.show()
  }

  schedule() {
    clearInterval(this.timer)
    this.timer = setInterval(() => {
      if (this.step < this.total - 1) this.go(this.step + 1, { keep: true })
      if (this.step === this.total - 1) this.showAll()
    }, 1000 / this.speed)
  }

  pause() {
    clearInterval(this.timer)
    this.timer = null
    if (this.data) this.controls()
  }

  showAll() {
    this.filling = false
    this.pause()
    this.show()
  }

  controls() {
    const { words } = this.data
    this.play.textContent = this.timer ? "❚❚" : "▶"
    named(this.play, this.timer ? words.pause : words.play)
    this.previous.disabled = this.step === 0
    this.next.disabled = this.step === this.total - 1
    this.all.disabled = !this.filling
    this.slider.value = this.step + 1
    this.count.textContent = `${this.step + 1} / ${this.total}`
    this.slider.setAttribute("aria-valuetext", fill(words.step, { n: this.step + 1, total: this.total }))
  }

  // ---- layout ----

  /** Height for the picture, so that it and the controls below it are on screen without scrolling. */
  room() {
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0
    const above = this.holder.getBoundingClientRect().top + scrolled
    return clamp(window.innerHeight - clamp(above, 240, 400) - 120, 220, 620)
  }

  /** Sizes and places of everything, for the width at hand and the height of the browser's window. */
  layout() {
    const { data } = this
    const width = this.width()
    const across = data.channels > 2 ? 2 : data.channels
    const down = Math.ceil(data.channels / across)
    const rows = Math.max(data.row_kinds.length, data.out_size[0])
    const columns = data.column_kinds.length + data.out_size[1]
    const label = data.channels > 1 ? LABEL : 0
    const legend = this.legend().length * LABEL
    const budget = this.room() - TITLE - legend
    const narrow = width < 700
    const fixed = (narrow ? ARROW : PANEL + 2 * ARROW) + 2 * (across - 1) * GAP + 8
    const roomy = data.channels > 1 ? 60 : 72
    const cell = clamp(
      Math.min((width - fixed) / (columns * across), (budget - down * label - (down - 1) * GAP) / (down * rows)),
      4,
      roomy,
    )
    const grid = (across_, down_) => [across_ * cell * across + (across - 1) * GAP, down_ * (cell * down) + down * label + (down - 1) * GAP]
    const [inWidth, inHeight] = grid(data.column_kinds.length, data.row_kinds.length)
    const [outWidth, outHeight] = grid(data.out_size[1], data.out_size[0])
    const panel = this.panelHeight(cell, budget)
    const middle = narrow ? Math.max(inHeight, outHeight) : Math.max(inHeight, outHeight, panel)
    const used = inWidth + outWidth + (narrow ? ARROW : PANEL + 2 * ARROW)
    const left = Math.max(4, (width - used) / 2)
    const centred = (height) => TITLE + (middle - height) / 2
    const outLeft = left + inWidth + (narrow ? ARROW : PANEL + 2 * ARROW)
    return {
      width, cell, across, label, narrow,
      height: TITLE + middle + legend + 6 + (narrow ? panel + TITLE : 0),
      in: { left, top: centred(inHeight), width: inWidth, height: inHeight, columns: data.column_kinds.length, rows: data.row_kinds.length },
      out: { left: outLeft, top: centred(outHeight), width: outWidth, height: outHeight, columns: data.out_size[1], rows: data.out_size[0] },
      panel: narrow
        ? { left: Math.max(4, (width - PANEL) / 2), top: 2 * TITLE + middle + legend, title: TITLE + middle + legend + 16 }
        : { left: left + inWidth + ARROW, top: centred(panel), title: 15 },
      arrows: narrow
        ? [[left + inWidth + 8, outLeft - 10]]
        : [[left + inWidth + 8, left + inWidth + ARROW - 10], [outLeft - ARROW + 8, outLeft - 10]],
      arrowTop: TITLE + middle / 2,
      legendTop: TITLE + middle,
    }
  }

  /** Size of the small grid of the window's own numbers: drawn for one channel only, there is no room for more. */
  miniCell(cell, budget) {
    const { data } = this
    if (data.channels > 1) return 0
    const [high, wide] = [data.rows[0].length, data.columns[0].length]
    return Math.min(Math.max(cell, 40), 44, (PANEL - 20) / wide, Math.max(60, budget - 130) / high)
  }

  /** Height of “this window” at its longest, so that nothing jumps while the window moves. */
  panelHeight(cell, budget) {
    const { data } = this
    const mini = this.miniCell(cell, budget) * data.rows[0].length
    let lines = 0
    for (let c = 0; c < data.channels; c++) {
      let longest = 0
      const steps = this.total > 200 ? [0, this.total >> 1, this.total - 1] : [...Array(this.total).keys()]
      for (const step of steps) longest = Math.max(longest, this.wrap(this.terms(c, step)).length)
      lines += longest
    }
    const notes = data.mode === "avg" || data.back || data.wrong ? 3 * 16 : 0
    return mini + (mini ? 12 : 0) + lines * LINE + (data.channels > 1 ? data.channels * (LABEL + CHANNEL_GAP) : 0) + notes
  }

  legend() {
    const { data } = this
    const kinds = new Set([...data.row_kinds, ...data.column_kinds])
    return [PADDING, BEYOND].filter((kind) => kinds.has(kind)).map((kind) => data.words[kind === PADDING ? "padding" : "beyond"])
  }

  // ---- the picture ----

  draw() {
    if (!this.width()) return
    this.closeEditor()
    this.drawnWidth = this.width()
    const { data } = this
    const at = (this.at = this.layout())
    const old = this.svg
    const focused = old?.getRootNode().activeElement?.getAttribute?.("data-zone")
    const picture = (this.svg = svg("svg", {
      width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}`,
      role: "group", "aria-label": data.words.alt,
    }))
    svg("style", {}, picture, STYLE)
    const hatch = svg("pattern", { id: this.id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("defs", {}, picture))
    svg("rect", { width: 6, height: 6, fill: data.colors.padding, "fill-opacity": 0.18 }, hatch)
    svg("rect", { width: 2, height: 6, fill: data.colors.padding, "fill-opacity": 0.55 }, hatch)

    this.cells = { in: [], out: [] }
    this.drawZone(picture, "in")
    this.drawZone(picture, "out")
    for (const [from, to] of at.arrows) {
      const y = at.arrowTop
      const d = data.back ? `M${to} ${y}H${from}m7 -6l-7 6l7 6` : `M${from} ${y}H${to}m-7 -6l7 6l-7 6`
      svg("path", { class: "arrow", d }, picture)
    }
    this.panel = svg("g", { class: "panel through" }, picture)
    this.legend().forEach((words, n) =>
      svg("text", { class: "small centre", x: at.in.left + at.in.width / 2, y: at.legendTop + 15 + n * LABEL }, picture, words),
    )
    picture.onpointerover = (event) => this.point(event.target)
    picture.onpointerleave = () => this.point(null)
    picture.onclick = (event) => this.click(event.target)
    picture.ondblclick = (event) => this.target(event.target)?.zone === "in" && this.edit()
    picture.onkeydown = (event) => this.key(event)
    if (old) old.replaceWith(picture)
    else this.holder.append(picture)
    if (focused) this.zones[focused].focus({ preventScroll: true })
    this.show()
  }

  /** One panel of grids: the input with its padding, or the output. */
  drawZone(picture, zone) {
    const { data, at } = this
    const box = at[zone]
    const group = svg("g", { class: `zone ${zone}`, "data-zone": zone, tabindex: 0, role: "group", "aria-label": data.words[`alt_${zone}put`] }, picture)
    this.zones = { ...this.zones, [zone]: group }
    svg("text", { class: "title", x: box.left + box.width / 2, y: 15 }, group, data.words[`${zone}put`])
    svg("rect", { class: "focus", x: box.left - 4, y: box.top - 4, width: box.width + 8, height: box.height + 8, rx: 6 }, group)
    const source = data[`${zone}put`]
    const longest = Math.max(...source.texts.flat().map((text) => text.length), zone === "in" && this.legend().length ? data.padding_text.length : 1)
    const size = Math.min(17, at.cell * 0.46, (at.cell * 0.86) / (longest * 0.58))
    const readable = size >= 7.5 && !(data.image && at.cell < 22)
    const layers = ["cells", "marks", "texts", "rings"].map((name) => svg("g", { class: name === "cells" ? "" : "through" }, group))
    const [cells, marks, texts, rings] = layers
    Object.assign(group, { marks, rings })
    const [top, left] = zone === "in" ? data.first : [0, 0]
    for (let c = 0; c < data.channels; c++) {
      this.cells[zone].push([])
      const { x, y } = this.corner(zone, c)
      if (at.label) svg("text", { class: "small centre", x: x + (box.columns * at.cell) / 2, y: y - 5 }, group, fill(data.words.channel, { n: c + 1 }))
      for (let r = 0; r < box.rows; r++) {
        for (let k = 0; k < box.columns; k++) {
          const kind = zone === "in" ? Math.max(data.row_kinds[r], data.column_kinds[k]) : INPUT
          const index = (r + top) * (zone === "in" ? data.size[1] : box.columns) + k + left
          const place = { x: x + k * at.cell, y: y + r * at.cell, width: at.cell, height: at.cell }
          const node = svg("rect", { class: kind === BEYOND ? "beyond" : "cell", ...place }, cells)
          let [text, ink] = ["", "currentColor"]
          if (kind === INPUT) {
            const paint = color(data.scale, source.shades[c][index])
            node.setAttribute("fill", paint.fill)
            node.setAttribute("data-zone", zone)
            node.setAttribute("data-c", c)
            node.setAttribute("data-i", index)
            text = source.texts[c][index]
            ink = paint.ink
            this.cells[zone][c][index] = { node, fill: paint.fill }
          } else if (kind === PADDING) {
            node.setAttribute("fill", `url(#${this.id})`)
            text = data.padding_counts ? data.padding_text : ""
          }
          const wrong = zone === "out" && this.wrong?.[c].has(index)
          if (wrong) this.cells.out[c][index].note = this.drawWrong(place, texts, data.truth[c][index], ink, readable ? size : 0)
          if (!readable || !text) continue
          const label = svg("text", { class: kind === INPUT ? "middle" : "middle muted", x: place.x + at.cell / 2, y: place.y + at.cell / 2, "font-size": size, style: `fill:${ink}` }, texts, text)
          if (kind === INPUT) this.cells[zone][c][index].label = label
        }
      }
    }
  }

  /** A dashed frame around a number that padding with 0 makes wrong; under the number, where there is room, the right one. */
  drawWrong({ x, y, width, height }, parent, truth, ink, size) {
    const group = svg("g", {}, parent)
    svg("rect", { class: "wrong", stroke: this.data.colors.wrong, x: x + 5, y: y + 5, width: width - 10, height: height - 10 }, group)
    const words = fill(this.data.words.not_value, { value: truth })
    const small = Math.min(11, size * 0.72)
    if (small >= 7.5 && words.length * small * 0.6 < width - 12) svg("text", { class: "middle", x: x + width / 2, y: y + height / 2 + size * 0.95, "font-size": small, style: `fill:${ink}` }, group, words)
    return group
  }

  /** Top left corner of a channel's grid, padding included. */
  corner(zone, c) {
    const { at } = this
    const box = at[zone]
    return {
      x: box.left + (c % at.across) * (box.columns * at.cell + GAP),
      y: box.top + at.label + Math.floor(c / at.across) * (box.rows * at.cell + at.label + GAP),
    }
  }

  /** Place of the cell at a row and column of a grid; rows and columns of padding are negative. */
  place(zone, c, row, column) {
    const { at, data } = this
    const { x, y } = this.corner(zone, c)
    const [top, left] = zone === "in" ? data.first : [0, 0]
    return { x: x + (column - left) * at.cell, y: y + (row - top) * at.cell, width: at.cell, height: at.cell }
  }

  // ---- what changes while the window moves ----

  show() {
    const { data } = this
    const current = this.hovered ?? this.step
    this.controls()
    for (const zone of ["in", "out"]) {
      this.zones[zone].marks.replaceChildren()
      this.zones[zone].rings.replaceChildren()
    }
    for (let c = 0; c < data.channels; c++) {
      this.cells.out[c].forEach(({ node, label, note, fill: paint }, index) => {
        const blank = this.filling && index > this.step
        node.setAttribute("fill", blank ? "none" : paint)
        node.setAttribute("pointer-events", "all")
        for (const part of [label, note]) if (part) part.style.visibility = blank ? "hidden" : ""
      })
      if (this.pointed === null) this.markWindow(c, current)
      else this.markContaining(c, this.pointed)
    }
    if (this.selected) this.mark("in", this.selected.c, ...this.rowColumn("in", this.selected.i), { layer: "rings", className: "selected" })
    this.explain(current)
  }

  rowColumn(zone, index) {
    const wide = zone === "in" ? this.data.size[1] : this.data.out_size[1]
    return [Math.floor(index / wide), index % wide]
  }

  /** The amber frame around `high` × `wide` cells; thin where cells are small. */
  mark(zone, c, row, column, { high = 1, wide = 1, layer = "marks", className = null } = {}) {
    const line = clamp(this.at.cell / 12, 1.6, 4.5)
    const { x, y, width, height } = this.place(zone, c, row, column)
    const inside = { x: x + line / 2, y: y + line / 2, width: width * wide - line, height: height * high - line }
    const look = className ? { class: className } : { fill: "none", stroke: this.data.colors.window, "stroke-width": line }
    svg("rect", { ...inside, ...look }, this.zones[zone][layer])
  }

  ring(parent, { x, y, width, height }) {
    const shape = { cx: x + width / 2, cy: y + height / 2, r: Math.max(2.5, Math.min(width, height) * 0.42), fill: "none" }
    const line = clamp(width / 14, 1, 2.5)
    svg("circle", { ...shape, stroke: "#ffffff", "stroke-width": line * 2.4 }, parent)
    svg("circle", { ...shape, stroke: "#7c2d12", "stroke-width": line }, parent)
  }

  markWindow(c, step) {
    const { data } = this
    const [i, j] = this.rowColumn("out", step)
    const [rows, columns] = [data.rows[i], data.columns[j]]
    const whole = [rows, columns].every((cells) => cells.at(-1) - cells[0] === cells.length - 1)
    if (whole) this.mark("in", c, rows[0], columns[0], { high: rows.length, wide: columns.length })
    else for (const row of rows) for (const column of columns) this.mark("in", c, row, column) // dilated
    this.mark("out", c, i, j)
    const winner = this.winner(c, step)
    if (winner) this.ring(this.zones.in.rings, this.place("in", c, ...winner))
  }

  /** Row and column of the cell that wins a window, or null; where padding with 0 wins it is the first cell of padding. */
  winner(c, step) {
    const { data } = this
    if (this.wrong?.[c].has(step)) {
      const [i, j] = this.rowColumn("out", step)
      for (const row of data.rows[i]) for (const column of data.columns[j]) if (this.kind(row, column) === PADDING) return [row, column]
    }
    const winner = data.winners?.[c][step] ?? -1
    return winner < 0 ? null : this.rowColumn("in", winner)
  }

  /** The output cells whose windows contain an input cell. */
  markContaining(c, index) {
    const [row, column] = this.rowColumn("in", index)
    this.mark("in", c, row, column)
    for (const [i, j] of this.containing(index)) this.mark("out", c, i, j)
  }

  containing(index) {
    const { data } = this
    const [row, column] = this.rowColumn("in", index)
    const found = []
    data.rows.forEach((rows, i) => {
      if (rows.includes(row)) data.columns.forEach((columns, j) => columns.includes(column) && found.push([i, j]))
    })
    return found
  }

  // ---- this window, in numbers ----

  /** The arithmetic of an output cell as words with a class each; words are never broken across lines. */
  terms(c, step) {
    const { data } = this
    if (data.back) return this.routed(c, step)
    const [i, j] = this.rowColumn("out", step)
    const max = data.mode === "max"
    const winner = this.winner(c, step)
    const numbers = []
    for (const row of data.rows[i]) {
      for (const column of data.columns[j]) {
        const kind = this.kind(row, column)
        if (kind === BEYOND || (kind === PADDING && !data.padding_counts)) continue
        const index = row * data.size[1] + column
        const text = kind === INPUT ? data.input.texts[c][index] : data.padding_text
        const won = winner && row === winner[0] && column === winner[1]
        numbers.push({ text: !max && text.startsWith("−") ? `(${text})` : text, class: won ? "winner" : kind === PADDING ? "muted" : "" })
      }
    }
    const cut = numbers.length > SHOWN_TERMS
    const shown = cut ? [...numbers.slice(0, SHOWN_TERMS - 8), { text: fill(data.words.more_cells, { n: numbers.length }), class: "muted" }] : numbers
    const words = shown.map((word, n) => ({ ...word, after: n === shown.length - 1 ? ")" : max ? "," : " +" }))
    words[0].before = max ? "max(" : "("
    const result = { before: "= ", text: data.output.texts[c][step], class: "result" }
    if (this.wrong?.[c].has(step)) result.after = `, ${fill(data.words.not_value, { value: data.truth[c][step] })}`
    if (max) return [...words, result]
    const divisor = data.divisors[step]
    return [...words, { text: `/ ${divisor}` }, { before: "= ", text: `${data.sums[c][step]} / ${divisor}` }, result]
  }

  /** Where the gradient of an output cell goes, in words like those of `terms`. */
  routed(c, step) {
    const { data } = this
    const given = data.output.texts[c][step]
    if (data.mode === "avg") {
      return [{ text: given }, { text: `/ ${data.divisors[step]}` }, { before: "= ", text: data.shares.texts[c][step], class: "result" }, { text: data.words.to_each, class: "small" }]
    }
    const winner = this.winner(c, step)
    if (!winner) return [{ text: given }, { before: "→ ", text: data.words.to_none }]
    const [row, column] = winner
    return [{ text: given, class: "result" }, { before: "→ ", text: fill(data.words.row_column, { row: row + 1, column: column + 1 }), class: "winner" }]
  }

  /** What an input cell receives: a number from each window that sends it one, and their sum. */
  collected(c, index) {
    const { data } = this
    const from = this.containing(index).map(([i, j]) => i * data.out_size[1] + j)
    const senders = data.mode === "max" ? from.filter((step) => data.winners[c][step] === index) : from
    if (!senders.length) return [{ text: data.words.received_none }]
    const texts = senders.map((step) => data.shares.texts[c][step])
    const shown = texts.length > SHOWN_TERMS ? [...texts.slice(0, SHOWN_TERMS - 8), "…"] : texts
    const sum = { before: "= ", text: data.input.texts[c][index], class: "result" }
    return [...shown.map((text, n) => ({ text: n && text.startsWith("−") ? `(${text})` : text, after: n < shown.length - 1 ? " +" : "" })), ...(texts.length > 1 ? [sum] : [])]
  }

  kind(row, column) {
    const { data } = this
    return Math.max(data.row_kinds[row - data.first[0]], data.column_kinds[column - data.first[1]])
  }

  measure(text, bold = false) {
    return textWidth(text, `${bold ? 700 : 400} 15px ${getComputedStyle(this.holder).fontFamily}`)
  }

  /** Words broken into lines that fit the panel. */
  wrap(words) {
    const lines = [[]]
    let used = 0
    for (const word of words) {
      const text = plain(word)
      const wide = this.measure((used ? " " : "") + text, word.class === "result" || word.class === "winner")
      if (used + wide > PANEL - 4 && lines.at(-1).length) {
        lines.push([])
        used = 0
      }
      lines.at(-1).push(word)
      used += wide
    }
    return lines
  }

  explain(step) {
    const { data, at } = this
    const [i, j] = this.rowColumn("out", step)
    const panel = this.panel
    panel.replaceChildren()
    const middle = at.panel.left + PANEL / 2
    const where = { row: i + 1, column: j + 1 }
    const title = svg("text", { class: "title", x: middle, y: at.panel.title }, panel, fill(data.words.window, where))
    let y = at.panel.top
    const pointed = this.pointed !== null
    if (pointed) {
      const [row, column] = this.rowColumn("in", this.pointed)
      title.textContent = `${fill(data.words.row_column, { row: row + 1, column: column + 1 })} – ${fill(data.words.contained, { n: this.containing(this.pointed).length })}`
    }
    const back = pointed && data.back
    const budget = this.room() - TITLE - this.legend().length * LABEL
    const mini = this.miniCell(at.cell, budget)
    if (mini && !back) y = this.drawMini(step, mini, middle, y) + 12
    const spoken = []
    for (let c = 0; c < data.channels; c++) {
      if (data.channels > 1) {
        svg("text", { class: "small centre", x: middle, y: y + 13 }, panel, fill(data.words.channel, { n: c + 1 }))
        y += LABEL
      }
      const words = back ? this.collected(c, this.pointed) : this.terms(c, step)
      spoken.push(words.map(plain).join(" "))
      for (const line of this.wrap(words)) {
        const text = svg("text", { class: "centre", x: middle, y: y + 16, "font-size": 15 }, panel)
        line.forEach((word, n) => {
          const lead = (n ? " " : "") + (word.before ?? "")
          if (lead) svg("tspan", {}, text, lead)
          svg("tspan", { class: word.class ?? "" }, text, word.text)
          if (word.after) svg("tspan", {}, text, word.after)
        })
        y += LINE
      }
      if (c < data.channels - 1) y += CHANNEL_GAP
    }
    const notes = []
    if (data.back) notes.push(...this.breakNote(pointed ? data.words.received : data.words.rule))
    else if (data.mode === "avg") {
      notes.push(...this.breakNote(fill(data.words.divisor, { n: data.divisors[step] })))
      const beyond = data.rows[i].some((r) => data.columns[j].some((k) => this.kind(r, k) === BEYOND))
      if (beyond) notes.push(data.words.divisor_beyond)
    } else if (data.winners[0][step] < 0) notes.push(data.words.no_input)
    else if (this.wrong?.some((steps) => steps.has(step))) notes.push(...this.breakNote(data.words.padding_wins))
    for (const note of notes) {
      svg("text", { class: "small centre", x: middle, y: y + 12 }, panel, note)
      y += 16
    }
    if (pointed && !back) for (const part of panel.children) part.style.opacity = part === title ? 1 : 0.3
    if (!this.timer && !pointed) this.live.textContent = `${fill(data.words.window, where)}: ${spoken.join("; ")}`
  }

  breakNote(text) {
    const lines = [""]
    // Chinese has no spaces: break before any of its characters, but keep punctuation with its word.
    for (const word of text.match(/[（“]?(?:[^\s\u3000-\u9fff\uff00-\uffef]+|[\u3000-\u9fff\uff00-\uffef])[，。：；、）”]*\s*/g) ?? []) {
      if (lines.at(-1) && this.measure(lines.at(-1) + word) * 0.8 > PANEL - 8) lines.push("")
      lines[lines.length - 1] += word
    }
    return lines
  }

  /** The numbers of the window as a small grid of their own. */
  drawMini(step, size, middle, top) {
    const { data, panel } = this
    const [i, j] = this.rowColumn("out", step)
    const [rows, columns] = [data.rows[i], data.columns[j]]
    const left = middle - (columns.length * size) / 2
    const winner = this.winner(0, step)
    const won = (r, k) => winner && r === winner[0] && k === winner[1]
    const zero = { text: "0", shade: data.zero_shade }
    const share = data.back && { text: data.shares.texts[0][step], shade: data.shares.shades[0][step] }
    const content = (r, k) => {
      const kind = this.kind(r, k)
      if (data.back) return data.mode === "max" ? (kind !== INPUT ? { text: "" } : won(r, k) ? share : zero) : kind === INPUT || (kind === PADDING && data.padding_counts) ? share : { text: "" }
      if (kind === INPUT) return { text: data.input.texts[0][r * data.size[1] + k], shade: data.input.shades[0][r * data.size[1] + k] }
      return { text: kind === PADDING && data.padding_counts ? data.padding_text : "" }
    }
    const texts = rows.flatMap((r) => columns.map((k) => content(r, k).text))
    const font = Math.min(15, size * 0.46, (size * 0.86) / (Math.max(...texts.map((text) => text.length)) * 0.58))
    let ringed = null
    rows.forEach((row, a) =>
      columns.forEach((column, b) => {
        const kind = this.kind(row, column)
        const { text, shade } = content(row, column)
        const place = { x: left + b * size, y: top + a * size, width: size, height: size }
        const paint = kind === INPUT ? color(data.scale, shade) : { fill: kind === PADDING ? `url(#${this.id})` : "none", ink: "currentColor" }
        svg("rect", { class: kind === BEYOND ? "beyond" : "cell", ...place, fill: paint.fill }, panel)
        if (font >= 6.5) svg("text", { class: kind === INPUT ? "middle" : "middle muted", x: place.x + size / 2, y: place.y + size / 2, "font-size": font, style: `fill:${paint.ink}` }, panel, text)
        if (won(row, column)) ringed = place
      }),
    )
    svg("rect", { x: left, y: top, width: columns.length * size, height: rows.length * size, fill: "none", stroke: data.colors.window, "stroke-width": 3 }, panel)
    if (ringed) this.ring(panel, ringed)
    return top + rows.length * size
  }

  // ---- pointer and keys ----

  target(node) {
    const i = node?.getAttribute?.("data-i") ?? null
    return i === null ? null : { zone: node.getAttribute("data-zone"), c: Number(node.getAttribute("data-c")), i: Number(i) }
  }

  point(node) {
    const target = this.target(node)
    const hovered = target?.zone === "out" ? target.i : null
    const pointed = target?.zone === "in" && !this.timer ? target.i : null
    if (hovered === this.hovered && pointed === this.pointed) return
    if (hovered !== null && this.timer) this.pause() // while a reader points at a cell; play goes on from there
    this.hovered = hovered
    this.pointed = pointed
    this.show()
  }

  click(node) {
    const target = this.target(node)
    if (!target) return
    if (target.zone === "out") {
      if (this.filling && target.i > this.step) this.filling = false
      this.go(target.i)
    } else {
      this.selected = { c: target.c, i: target.i }
      const inside = this.containing(target.i)
      const held = inside.some(([i, j]) => i * this.data.out_size[1] + j === this.step)
      if (inside.length && !held) this.step = inside[0][0] * this.data.out_size[1] + inside[0][1]
      this.show()
    }
    this.zones[target.zone].focus({ preventScroll: true })
  }

  key(event) {
    const zone = event.target.getAttribute?.("data-zone")
    if (!zone || isChord(event)) return
    const move = MOVES[event.key]
    if (zone === "out") {
      if (move) {
        const [high, wide] = this.data.out_size
        const [i, j] = this.rowColumn("out", this.step)
        this.go(clamp(i + move[0], 0, high - 1) * wide + clamp(j + move[1], 0, wide - 1))
      } else if (event.key === " ") this.play.click()
      else return
    } else {
      const [high, wide] = this.data.size
      if (move) {
        const { c, i } = this.selected ?? { c: 0, i: 0 }
        const [row, column] = this.rowColumn("in", i)
        const moved = this.selected ? [row + move[0], column + move[1]] : [0, 0]
        this.selected = { c, i: clamp(moved[0], 0, high - 1) * wide + clamp(moved[1], 0, wide - 1) }
        const [r, k] = this.rowColumn("in", this.selected.i)
        this.live.textContent = `${fill(this.data.words.row_column, { row: r + 1, column: k + 1 })}: ${this.data.input.texts[c][this.selected.i]}`
        this.pointed = null
        this.show()
      } else if (event.key === "Enter" || event.key === "F2") this.edit()
      else if (event.key === "Delete" || event.key === "Backspace") this.edit("")
      else if (/^[-−+.\d]$/.test(event.key)) this.edit(event.key)
      else if (event.key === "Escape") {
        this.selected = null
        this.show()
      } else return
    }
    event.preventDefault()
  }

  // ---- a cell's new number ----

  /** Open a field over the selected input cell, with its number or with what was typed. */
  edit(typed = null) {
    if (!this.selected || this.data.back) return
    this.closeEditor()
    const { c, i } = this.selected
    const [row, column] = this.rowColumn("in", i)
    const { x, y, width, height } = this.place("in", c, row, column)
    const wide = Math.max(width, 64)
    const field = (this.field = html("input", "field", this.holder, { type: "text", inputmode: "decimal", maxlength: 40 }))
    named(field, fill(this.data.words.edit, { row: row + 1, column: column + 1 }))
    const before = this.data.input.texts[c][i].replace("−", "-")
    field.value = typed ?? before
    Object.assign(field.style, { left: `${clamp(x + (width - wide) / 2, 0, this.at.width - wide)}px`, top: `${y + height / 2 - Math.max(height, 30) / 2}px`, width: `${wide}px`, height: `${Math.max(height, 30)}px` })
    const commit = () => {
      const text = field.value
      this.closeEditor()
      if (text !== before) this.send({ channel: c, row, column, text })
    }
    field.onkeydown = (event) => {
      event.stopPropagation()
      if (event.key === "Enter") commit()
      else if (event.key === "Escape") this.closeEditor()
      else return
      event.preventDefault()
      this.zones.in.focus({ preventScroll: true })
    }
    field.onblur = commit
    field.focus({ preventScroll: true })
    if (typed === null) field.select()
  }

  closeEditor() {
    const field = this.field
    if (!field) return
    this.field = null
    field.onblur = null
    field.remove()
  }

  // ---- the picture as a file ----

  download() {
    save(alone(this.svg.cloneNode(true), this.root), `${this.data.back ? "gradient" : "pooling"}.svg`)
  }
}
