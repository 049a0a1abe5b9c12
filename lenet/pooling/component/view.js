// Pools one after the other: every level as a grid; a cell under the pointer lights what it sees on all levels before.
//
// Python (lenet/figures/stacking.py) sends each cell's reach; nothing goes to the server.

const GAP = 54 // between two levels, with the arrow
const TITLE = 42 // two lines above each level
const STYLE = `
text { fill: currentColor; text-anchor: middle; font-variant-numeric: tabular-nums; }
.title { font-weight: 600; font-size: 14px; }
.small { font-size: 12px; opacity: .8; }
.number { dominant-baseline: central; }
.cell { stroke: #64748b; stroke-opacity: .45; stroke-width: 1; cursor: pointer; }
.arrow { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 2; }
.through { pointer-events: none; }
.level { outline: none; }
.level .focus { fill: none; stroke: none; }
.level:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .55; }
`

export default mounted((root) => new View(root))

class View {
  constructor(root) {
    this.holder = html("div", "holder", root)
    this.sentence = html("div", "sentence", root, { "aria-live": "polite" })
    this.hint = html("div", "hint", root)
    this.held = null // {level, i, j}: the cell that shows while the pointer is elsewhere
    this.hovered = null
    this.resizer = new ResizeObserver(() => this.data && this.drawnWidth !== this.width() && this.draw())
    this.resizer.observe(this.holder)
  }

  close() {
    this.resizer.disconnect()
  }

  width() {
    return Math.floor(this.holder.clientWidth)
  }

  update(data) {
    this.data = data
    const level = data.levels.length - 1
    const [high, wide] = data.levels[level].size
    this.held = { level, i: high >> 1, j: wide >> 1 }
    this.hovered = null
    this.hint.textContent = data.words.hint
    this.draw()
  }

  draw() {
    if (!this.width()) return
    const { data } = this
    const width = (this.drawnWidth = this.width())
    const columns = data.levels.reduce((sum, { size }) => sum + size[1], 0)
    const rows = Math.max(...data.levels.map(({ size }) => size[0]))
    const labels = data.levels.length * 150 // a level is at least as wide as its title
    const room = width - GAP * (data.levels.length - 1) - 8
    let cell = clamp(Math.min(room / columns, 230 / rows), 2, 44)
    const wide = (each) => data.levels.map(({ size }) => Math.max(size[1] * each, labels / data.levels.length))
    while (cell > 2 && wide(cell).reduce((a, b) => a + b) > room) cell -= 0.5
    const boxes = wide(cell)
    const used = boxes.reduce((a, b) => a + b) + GAP * (data.levels.length - 1)
    const height = TITLE + rows * cell + 10
    const focused = this.svg?.getRootNode().activeElement?.getAttribute?.("data-level")
    const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": data.words.alt })
    svg("style", {}, picture, STYLE)
    let left = Math.max(4, (width - used) / 2)
    this.levels = data.levels.map((level, n) => {
      const [high, across] = level.size
      const middle = left + boxes[n] / 2
      const x = middle - (across * cell) / 2
      const y = TITLE + ((rows - high) * cell) / 2
      const group = svg("g", { class: "level", tabindex: 0, role: "group", "data-level": n, "aria-label": `${level.title}, ${level.note}` }, picture)
      svg("text", { class: "title", x: middle, y: 14 }, group, level.title)
      svg("text", { class: "small", x: middle, y: 32 }, group, level.note)
      svg("rect", { class: "focus", x: x - 4, y: y - 4, width: across * cell + 8, height: high * cell + 8, rx: 6 }, group)
      const longest = Math.max(...level.texts.map((text) => text.length))
      const size = Math.min(15, cell * 0.46, (cell * 0.86) / (longest * 0.58))
      level.shades.forEach((shade, index) => {
        const [i, j] = [Math.floor(index / across), index % across]
        const paint = color(data.scale, shade)
        svg("rect", { class: "cell", x: x + j * cell, y: y + i * cell, width: cell, height: cell, fill: paint.fill, "pointer-events": "all", "data-level": n, "data-i": i, "data-j": j }, group)
        if (size >= 7.5) svg("text", { class: "number through", x: x + (j + 0.5) * cell, y: y + (i + 0.5) * cell, "font-size": size, style: `fill:${paint.ink}` }, group, level.texts[index])
      })
      const marks = svg("g", { class: "through" }, group)
      left += boxes[n] + GAP
      if (n < data.levels.length - 1) svg("path", { class: "arrow", d: `M${left - GAP + 10} ${TITLE + (rows * cell) / 2}H${left - 10}m-7 -6l7 6l-7 6` }, picture)
      return { x, y, marks, group }
    })
    this.cell = cell
    picture.onpointerover = (event) => this.hover(event.target)
    picture.onpointerleave = () => this.hover(null)
    picture.onclick = (event) => {
      const place = this.place(event.target)
      if (!place) return
      this.held = place
      this.levels[place.level].group.focus({ preventScroll: true })
      this.show()
    }
    picture.onkeydown = (event) => this.key(event)
    if (this.svg) this.svg.replaceWith(picture)
    else this.holder.append(picture)
    this.svg = picture
    if (focused) this.levels[focused]?.group.focus({ preventScroll: true })
    this.show()
  }

  place(node) {
    const i = node?.getAttribute?.("data-i") ?? null
    if (i === null) return null
    return { level: Number(node.getAttribute("data-level")), i: Number(i), j: Number(node.getAttribute("data-j")) }
  }

  hover(node) {
    this.hovered = this.place(node)
    this.show()
  }

  key(event) {
    const level = event.target.getAttribute?.("data-level")
    const move = MOVES[event.key]
    if (level === null || !move || isChord(event)) return
    const [high, wide] = this.data.levels[level].size
    const from = this.held.level === Number(level) ? this.held : { i: 0, j: 0 }
    this.held = { level: Number(level), i: clamp(from.i + move[0], 0, high - 1), j: clamp(from.j + move[1], 0, wide - 1) }
    this.hovered = null
    this.show()
    event.preventDefault()
  }

  /** The chosen cell and what it sees, on its level and on all before. */
  show() {
    const { data, cell } = this
    const { level, i, j } = this.hovered ?? this.held
    for (const { marks } of this.levels) marks.replaceChildren()
    const rows = [...data.levels[level].rows[i], [i, i + 1]]
    const columns = [...data.levels[level].columns[j], [j, j + 1]]
    const line = clamp(cell / 10, 1.8, 4)
    rows.forEach(([top, bottom], n) => {
      const [left, right] = columns[n]
      const { x, y, marks } = this.levels[n]
      if (top === bottom || left === right) return
      svg("rect", { x: x + left * cell, y: y + top * cell, width: (right - left) * cell, height: (bottom - top) * cell, fill: data.color, "fill-opacity": n === level ? 0 : 0.18, stroke: data.color, "stroke-width": line }, marks)
    })
    const [[top, bottom], [left, right]] = [rows[0], columns[0]]
    const words = { level: data.levels[level].title, row: i + 1, column: j + 1, top: top + 1, bottom, left: left + 1, right, height: bottom - top, width: right - left }
    this.sentence.textContent = fill(data.words.sees, words)
  }
}
