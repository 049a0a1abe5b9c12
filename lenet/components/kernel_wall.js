// The kernel gallery's figure: the wall of kernels, the scrubber that moves it through training, the run's curve
// with a mark at the step shown, and the note's kernels beside it.
//
// Python (lenet/figures/kernels.py) sends the whole history once; scrubbing and playing send nothing to the server.
// What the reader has set here is in the URL: step (left out at the end of training), scale=own, values=off.

const SVG = "http://www.w3.org/2000/svg"
const MISSING = -32768 // the packed form of a weight that is not a finite number
const HEAD = 30 // height of the line above the wall
const BAR = 62 // width of the colour bar with its numbers
const GAP = 26 // between the colour bar and what stands beside the wall
const NARROW = 860 // below this width everything stands in one column
const SHADES = 256

// Inside the SVG, so that a saved picture carries it. Colours that mean something come with the data.
const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.end { text-anchor: end; }
.centre { text-anchor: middle; }
.head { font-weight: 600; }
.small { font-size: 12px; opacity: .8; }
.cell { stroke: #64748b; stroke-opacity: .35; stroke-width: 1; }
.frame { fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 1; pointer-events: none; }
.grid { stroke: currentColor; stroke-opacity: .18; stroke-width: 1; }
.axis { stroke: currentColor; stroke-opacity: .45; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.mark { stroke: currentColor; stroke-width: 1.5; pointer-events: none; }
.pointed { fill: none; stroke-width: 3; pointer-events: none; }
.wall { outline: none; }
.focus { fill: none; stroke: none; pointer-events: none; }
.wall:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .55; }
.saved { display: none; }
.plot { cursor: ew-resize; touch-action: none; }
`

const views = new WeakMap()

export default function (component) {
  const root = component.parentElement.querySelector(".root")
  if (!views.has(root)) views.set(root, new View(root))
  const view = views.get(root)
  view.update(component.data)
  return () => {
    view.close()
    views.delete(root)
  }
}

// ---- small helpers ----

function svg(name, attributes = {}, parent = null, text = null) {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  if (text !== null) node.textContent = text
  if (parent) parent.append(node)
  return node
}

function html(name, className, parent, attributes = {}) {
  const node = document.createElement(name)
  if (className) node.className = className
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  parent.append(node)
  return node
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

/** A number with a true minus sign; with an exponent where it would not fit. */
function number(value, digits) {
  if (!Number.isFinite(value)) return "–"
  const text = Math.abs(value) < 1000 ? value.toFixed(digits) : value.toExponential(1)
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−")
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))

/** SHADES colours along a scale of [place, "#rrggbb"] stops, each with the ink that reads on it. */
function shades(scale) {
  return Array.from({ length: SHADES }, (unused, n) => {
    const place = n / (SHADES - 1)
    const at = Math.max(1, scale.findIndex(([stop]) => stop >= place))
    const [[low, from], [high, to]] = [scale[at - 1], scale[at]]
    const part = (place - low) / (high - low)
    const mixed = rgb(from).map((a, i) => Math.round(a + (rgb(to)[i] - a) * part))
    const light = (0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2]) / 255
    return { fill: `rgb(${mixed.join(",")})`, ink: light < 0.56 ? "#ffffff" : "#0f172a" }
  })
}

/** Kernels as `lenet.kernels.pack` packed them: `at(t)` are the weights of snapshot t, `each` of them a kernel's. */
function unpack({ shape, unit, values }) {
  const bytes = Uint8Array.from(atob(values), (c) => c.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const weights = Float64Array.from({ length: bytes.length / 2 }, (unused, i) => {
    const whole = view.getInt16(2 * i, true)
    return whole === MISSING ? NaN : whole * unit
  })
  const [out, channels, high, wide] = shape
  const each = channels * high * wide
  return { out, channels, high, wide, each, at: (t) => weights.subarray(t * out * each, (t + 1) * out * each) }
}

function statistics(weights) {
  let [min, max, sum, squares, minAt, maxAt] = [Infinity, -Infinity, 0, 0, 0, 0]
  weights.forEach((w, i) => {
    if (w < min) [min, minAt] = [w, i]
    if (w > max) [max, maxAt] = [w, i]
    sum += w
    squares += w * w
  })
  return { min, max, minAt, maxAt, mean: sum / weights.length, norm: Math.sqrt(squares) }
}

/** Steps between labels of an axis from 0 to `end`: 1, 2 or 5 times a power of ten, at most `n` of them. */
function tickStep(end, n) {
  const rough = end / n
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999)
}

// ---- a wall of kernels ----

/** Kernels as heatmaps in a box of the picture: the run's own, or the note's. */
class Wall {
  constructor(kernels, { words, colors }) {
    Object.assign(this, { kernels, words, mark: colors.mark })
  }

  /** Columns and cell size that fill a box of `width` × `height` best. */
  fit(width, height, largest) {
    const { out, channels, high, wide } = this.kernels
    const across = channels * wide + (channels - 1) * 0.5
    let best = { cell: 0 }
    for (let columns = 1; columns <= out; columns++) {
      const rows = Math.ceil(out / columns)
      const roomX = width / columns
      const label = 21
      // Between two kernels half a cell is left free.
      const cell = Math.min(roomX / (across + 0.45), (height / rows - label) / (high + 0.15), largest)
      if (cell > best.cell + 0.01) best = { cell, columns, rows, label }
    }
    if (best.cell < 5) {
      // A wall too large for the screen: small cells, and the page scrolls.
      const columns = Math.max(1, Math.floor(width / (5 * (across + 0.45))))
      best = { cell: 5, columns, rows: Math.ceil(out / columns), label: 14 }
    }
    const { cell, columns, rows, label } = best
    this.cell = cell
    this.columns = columns
    this.label = label
    this.tile = { width: across * cell, height: high * cell, stepX: (across + 0.45) * cell, stepY: label + (high + 0.15) * cell }
    this.width = columns * this.tile.stepX - 0.45 * cell
    this.height = rows * this.tile.stepY - 0.15 * cell
    return this
  }

  draw(parent, left, top, colors) {
    const { out, channels, high, wide, each } = this.kernels
    const { cell, tile, label } = this
    this.colors = colors
    this.group = svg("g", { class: "wall", role: "group" }, parent)
    svg("rect", { class: "focus", x: left - 5, y: top - 3, width: this.width + 10, height: this.height + 8, rx: 6 }, this.group)
    const font = clamp(cell * 0.4, 12, 17)
    this.tiles = []
    this.cells = []
    for (let n = 0; n < out; n++) {
      const x = left + (n % this.columns) * tile.stepX
      const y = top + Math.floor(n / this.columns) * tile.stepY + label
      const group = svg("g", { class: "kernel", role: "img", "data-kernel": n }, this.group)
      svg("text", { class: "head", x, y: y - 6, "font-size": font }, group, String(n + 1))
      const norm = svg("text", { class: "end norm", x: x + tile.width, y: y - 6, "font-size": font * 0.92 }, group)
      for (let i = 0; i < each; i++) {
        const { channel, row, column } = this.position(i)
        const place = { x: x + (column + channel * (wide + 0.5)) * cell, y: y + row * cell }
        const rect = svg("rect", { class: "cell", ...place, width: cell, height: cell, "data-kernel": n, "data-cell": i }, group)
        this.cells.push({ ...place, rect, text: null })
      }
      for (let c = 0; c < channels; c++)
        svg("rect", { class: "frame", x: x + c * (wide + 0.5) * cell, y, width: wide * cell, height: high * cell }, group)
      this.tiles.push({ group, norm, x, y, texts: svg("g", { "aria-hidden": "true" }, group) })
    }
    this.pointer = svg("rect", { class: "pointed", visibility: "hidden", width: cell, height: cell, stroke: this.mark }, this.group)
  }

  position(i) {
    const { high, wide } = this.kernels
    return { channel: Math.floor(i / (high * wide)), row: Math.floor(i / wide) % high, column: i % wide }
  }

  /** How cells hold numbers: font size and decimals, or null where no number would be readable. */
  digits(weights) {
    for (const decimals of [2, 1]) {
      let longest = 1
      for (const w of weights) longest = Math.max(longest, number(w, decimals).length)
      const size = Math.min(18, this.cell * 0.44, (this.cell * 0.92) / (longest * 0.57))
      if (size >= 8) return { size, decimals }
    }
    return null
  }

  /** Paint the weights of one moment. `own`: each kernel's largest weight is the end of its colours. */
  paint(weights, { limit, own, values, digits }) {
    const { each } = this.kernels
    this.weights = weights
    this.statistics = []
    this.tiles.forEach((tile, n) => {
      const mine = weights.subarray(n * each, (n + 1) * each)
      const s = statistics(mine)
      this.statistics.push(s)
      const end = own ? Math.max(Math.abs(s.min), Math.abs(s.max)) || 1 : limit
      mine.forEach((w, i) => {
        const cell = this.cells[n * each + i]
        const shade = Number.isFinite(w) ? this.colors[Math.round(((clamp(w / end, -1, 1) + 1) / 2) * (SHADES - 1))] : { fill: "#94a3b8", ink: "#0f172a" }
        cell.rect.setAttribute("fill", shade.fill)
        if (!values || !digits) return
        cell.text ??= svg("text", { class: "middle", x: cell.x + this.cell / 2, y: cell.y + this.cell / 2 }, tile.texts)
        cell.text.setAttribute("font-size", digits.size)
        cell.text.style.fill = shade.ink
        cell.text.textContent = number(w, digits.decimals)
      })
      tile.texts.style.display = values && digits ? "" : "none"
      const norm = fill(this.words.norm, { norm: number(s.norm, 2) })
      const size = `±${number(end, 2)}`
      const room = this.tile.width
      tile.norm.textContent = room < 70 ? "" : !own ? norm : room < 150 ? size : `${norm} · ${size}`
    })
  }

  /** What a kernel looks like, for those who cannot see it. */
  describe() {
    this.tiles.forEach((tile, n) => {
      const s = this.statistics[n]
      const [low, high] = [this.position(s.minAt), this.position(s.maxAt)]
      const place = { min_row: low.row + 1, min_column: low.column + 1, max_row: high.row + 1, max_column: high.column + 1 }
      const words = { n: n + 1, norm: number(s.norm, 2), mean: number(s.mean, 2), min: number(s.min, 2), max: number(s.max, 2), ...place }
      tile.group.setAttribute("aria-label", fill(this.words.describe, words))
    })
  }

  /** Lines that say what the pointer is on. */
  explain(kernel, i) {
    const { words } = this
    const { channel, row, column } = this.position(i)
    const place = fill(this.kernels.channels > 1 ? words.cell_channel : words.cell, { channel: channel + 1, row: row + 1, column: column + 1 })
    const w = this.weights[kernel * this.kernels.each + i]
    const s = this.statistics[kernel]
    const four = (value) => number(value, 4)
    return [
      `${fill(words.kernel, { n: kernel + 1 })}, ${place}: ${Number.isFinite(w) ? four(w) : words.not_finite}`,
      fill(words.statistics, { min: four(s.min), max: four(s.max), mean: four(s.mean), norm: four(s.norm) }),
    ]
  }

  point(kernel, i) {
    const cell = kernel === null ? null : this.cells[kernel * this.kernels.each + i]
    this.pointer.setAttribute("visibility", cell ? "visible" : "hidden")
    if (cell) for (const axis of ["x", "y"]) this.pointer.setAttribute(axis, cell[axis])
    return cell
  }
}

// ---- the view ----

class View {
  constructor(root) {
    this.root = root
    const asked = new URLSearchParams(location.search)
    this.asked = asked.has("step") ? Number(asked.get("step")) : null // the step of the link that the reader came by
    this.own = asked.get("scale") === "own"
    this.values = asked.get("values") !== "off"
    this.index = 0 // the snapshot shown
    this.timer = null
    this.cursor = null // {kernel, i}: the cell that keys point at
    this.pointed = null // {side, kernel, i}: the cell whose weight is told
    this.build()
    this.resizer = new ResizeObserver(() => this.data && this.size() !== this.drawnSize && this.draw())
    this.resizer.observe(this.holder)
    this.onresize = () => this.data && this.draw()
    window.addEventListener("resize", this.onresize)
  }

  close() {
    clearInterval(this.timer)
    clearTimeout(this.remembering)
    this.resizer.disconnect()
    window.removeEventListener("resize", this.onresize)
  }

  size() {
    return Math.floor(this.holder.clientWidth)
  }

  /** Where the picture begins on the page, however far the page is scrolled. */
  top() {
    let top = this.holder.getBoundingClientRect().top
    for (let node = this.root.getRootNode().host ?? this.root; node; node = node.parentElement) top += node.scrollTop
    return top
  }

  /** The parts that stay: the controls, and the holder of the picture. */
  build() {
    const bar = (this.bar = html("div", "bar", this.root))
    const button = (name, sign, action) => {
      const node = html("button", name, bar, { type: "button" })
      node.textContent = sign
      node.onclick = action
      return node
    }
    this.previous = button("previous", "◀", () => this.go(this.index - 1))
    this.play = button("play", "▶", () => this.toggle())
    this.next = button("next", "▶|", () => this.go(this.index + 1))
    this.slider = html("input", "slider", bar, { type: "range", min: 0, value: 0 })
    this.slider.oninput = () => this.go(Number(this.slider.value))
    this.scales = html("select", "scale", bar)
    this.scales.onchange = () => this.set({ own: this.scales.value === "own" })
    const label = html("label", "values", bar)
    this.checkbox = html("input", "", label, { type: "checkbox" })
    this.checkbox.onchange = () => this.set({ values: this.checkbox.checked })
    this.valuesWord = html("span", "", label)
    this.save = button("save", "", () => this.download())
    this.holder = html("div", "holder", this.root)
    this.tip = html("div", "tip", this.holder, { "aria-hidden": "true" })
    this.hint = html("div", "hint", this.root)
    this.live = html("div", "live", this.root, { "aria-live": "polite" })
    this.root.onkeydown = (event) => this.key(event)
  }

  update(data) {
    const text = JSON.stringify(data)
    if (text === this.received) return
    this.received = text
    const first = !this.data
    const changed = first || this.data.run !== data.run
    const atEnd = changed || this.index === this.last
    const step = changed ? null : this.step
    this.data = data
    this.wall = data.wall && new Wall(unpack(data.wall), data)
    this.note = new Wall(unpack(data.note), data)
    this.colors = shades(data.scale)
    // A history that grows does not move the reader: one at its end stays there, one at a step stays at that step.
    if (first && this.asked !== null && Number.isFinite(this.asked)) this.index = this.nearest(this.asked)
    else if (atEnd) this.index = this.last
    else this.index = this.nearest(step)
    if (changed) {
      this.pause()
      this.cursor = this.pointed = null
      if (!first) this.remember()
    }
    this.words()
    this.draw()
  }

  get steps() {
    return this.data.wall?.steps ?? [0]
  }

  get last() {
    return this.steps.length - 1
  }

  get step() {
    return this.steps[this.index]
  }

  /** Epochs of training at a step; null where the length of an epoch is not known. */
  epoch(step) {
    return this.data.per_epoch ? step / this.data.per_epoch : null
  }

  nearest(step) {
    let best = 0
    this.steps.forEach((s, i) => Math.abs(s - step) < Math.abs(this.steps[best] - step) && (best = i))
    return best
  }

  words() {
    const { words } = this.data
    const name = (node, text) => {
      node.title = text
      node.setAttribute("aria-label", text)
    }
    name(this.previous, words.previous)
    name(this.next, words.next)
    name(this.scales, words.scale)
    this.slider.setAttribute("aria-label", words.slider)
    this.scales.replaceChildren()
    for (const [value, text] of [["shared", words.shared], ["own", words.own]]) html("option", "", this.scales, { value }).textContent = text
    this.valuesWord.textContent = words.values
    this.save.textContent = words.save
    this.hint.textContent = words.hint
    this.bar.style.display = this.hint.style.display = this.wall ? "" : "none"
  }

  // ---- moving through training ----

  go(index, { keep = false } = {}) {
    if (!keep) this.pause()
    this.index = clamp(index, 0, this.last)
    this.show()
    this.remember()
  }

  toggle() {
    if (this.timer) return this.pause()
    if (this.index === this.last) this.index = 0
    this.show()
    // The whole history in about eight seconds; a short one slowly enough to see.
    const pace = clamp(8000 / this.steps.length, 50, 200)
    this.timer = setInterval(() => {
      this.go(this.index + 1, { keep: true })
      if (this.index === this.last) this.pause()
    }, pace)
    this.controls()
  }

  pause() {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = null
    if (this.svg) this.show()
  }

  set(changes) {
    Object.assign(this, changes)
    this.show()
    this.remember()
  }

  /** Write what is shown into the URL, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.remembering)
    this.remembering = setTimeout(() => {
      if (this.timer) return
      const url = new URL(location.href)
      const put = (key, value) => (value === null ? url.searchParams.delete(key) : url.searchParams.set(key, value))
      put("step", this.index === this.last ? null : this.step)
      put("scale", this.own ? "own" : null)
      put("values", this.values ? null : "off")
      if (url.href !== location.href) history.replaceState(history.state, "", url)
    }, 300)
  }

  controls() {
    const { words } = this.data
    this.play.textContent = this.timer ? "❚❚" : "▶"
    this.play.title = this.timer ? words.pause : words.play
    this.play.setAttribute("aria-label", this.play.title)
    this.previous.disabled = this.index === 0
    this.next.disabled = this.index === this.last
    this.slider.max = this.last
    this.slider.value = this.index
    this.slider.setAttribute("aria-valuetext", this.where())
    this.scales.value = this.own ? "own" : "shared"
    this.checkbox.checked = this.values
  }

  where() {
    const { words } = this.data
    const epoch = this.epoch(this.step)
    if (this.step === 0) return words.initial
    // A fraction of an epoch only where it says something: the first steps would all read 0.0.
    const text = epoch === null ? "" : number(epoch, epoch < 0.1 ? 3 : Number.isInteger(epoch) ? 0 : 2)
    return fill(epoch === null ? words.step : words.step_epoch, { step: this.step, epoch: text })
  }

  // ---- layout and the picture ----

  draw() {
    const width = this.size()
    if (!width) return
    this.drawnSize = width
    const { data } = this
    const old = this.svg
    const picture = (this.svg = svg("svg", { role: "group", "aria-label": data.words.alt || data.words.note }))
    svg("style", {}, picture, STYLE)
    const narrow = width < NARROW
    // What the page and the controls leave of the window's height.
    const budget = clamp(window.innerHeight - this.top() - 34, 330, 1000)
    const side = clamp(width * 0.3, 330, 720) // at least; the wall comes first
    let [x, y] = [0, 0]
    if (this.wall) {
      const room = narrow ? width - BAR : width - side - BAR - GAP
      this.wall.fit(room, narrow ? 620 : budget - HEAD - 4, 110)
      this.title = svg("text", { class: "head", x: 1, y: 19, "font-size": 18 }, picture)
      svg("text", { class: "small end saved", x: this.wall.width, y: 19 }, picture, data.label)
      this.wall.draw(picture, 1, HEAD, this.colors)
      this.drawColorBar(picture, this.wall.width + 18, HEAD + this.wall.label, Math.min(this.wall.height - this.wall.label, 620))
      if (narrow) y = HEAD + this.wall.height + 26
      else x = this.wall.width + BAR + GAP
    }
    const room = narrow || !this.wall ? Math.min(width, 640) : width - x
    let curveHeight = 0
    this.mark = null
    if (data.curve) {
      curveHeight = narrow ? 170 : clamp(budget * 0.33, 150, 300)
      this.drawCurve(picture, x, y, room, curveHeight)
      curveHeight += 16
    }
    y += curveHeight
    svg("text", { class: "head", x, y: y + 15, "font-size": 15 }, picture, data.words.note)
    svg("text", { class: "small", x, y: y + 33 }, picture, data.words.note_result)
    y += 42
    const noteHeight = narrow ? 620 : budget - curveHeight - 44
    this.note.fit(room, Math.max(noteHeight, 120), 64)
    this.note.draw(picture, x, y, this.colors)
    const height = Math.max(y + this.note.height, this.wall ? HEAD + this.wall.height : 0) + 4
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) picture.setAttribute(key, value)
    this.digits = this.wall?.digits([-data.limit]) // the longest number of the whole history
    this.note.group.setAttribute("aria-label", data.words.note)
    if (this.wall) {
      this.wall.group.setAttribute("tabindex", 0)
      this.wall.group.setAttribute("aria-label", data.words.wall)
    }
    picture.onpointermove = (event) => this.point(event)
    picture.onpointerleave = () => this.point(null)
    picture.onpointerdown = (event) => {
      event.preventDefault() // the keys go to the slider, not to what was clicked
      this.slider.focus({ preventScroll: true })
    }
    if (old) {
      const focused = old.getRootNode().activeElement?.classList?.contains("wall")
      old.replaceWith(picture)
      if (focused) this.wall?.group.focus({ preventScroll: true })
    } else this.holder.prepend(picture)
    this.tip.style.display = "none"
    this.show()
  }

  drawColorBar(picture, x, top, height) {
    const { data } = this
    const bar = (this.colorBar = svg("g", { role: "img" }, picture))
    const n = 60
    for (let i = 0; i < n; i++) {
      const shade = this.colors[Math.round(((n - 1 - i) / (n - 1)) * (SHADES - 1))]
      svg("rect", { x, y: top + (i * height) / n, width: 14, height: height / n + 0.6, fill: shade.fill }, bar)
    }
    svg("rect", { class: "frame", x, y: top, width: 14, height }, bar)
    this.barTicks = svg("g", {}, bar)
    const at = (value) => top + ((1 - value) / 2) * height
    this.drawTicks = () => {
      this.barTicks.replaceChildren()
      const tick = (place, text) => {
        svg("path", { class: "axis", d: `M${x + 14} ${at(place)}h4` }, this.barTicks)
        svg("text", { x: x + 21, y: at(place) + 4.5, "font-size": 13 }, this.barTicks, text)
      }
      if (this.own) {
        for (const [place, text] of [[1, data.words.high], [0, "0"], [-1, data.words.low]]) tick(place, text)
      } else {
        const step = tickStep(data.limit, 4)
        const digits = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 4)
        for (let k = -4; k <= 4; k++) if (Math.abs(k * step) <= data.limit * 1.0001) tick((k * step) / data.limit, number(k * step, digits))
      }
      const [low, high] = this.own ? [data.words.low, data.words.high] : [number(-data.limit, 2), number(data.limit, 2)]
      bar.setAttribute("aria-label", fill(data.words.alt_bar, { low, high }))
    }
  }

  drawCurve(picture, left, top, width, height) {
    const { data } = this
    const { words, colors, curve } = data
    const group = svg("g", { class: "plot", role: "img", "aria-label": words.alt_curve }, picture)
    const axis = 38 // room for the numbers on the left
    const foot = 18
    const title = 19
    const x0 = left + axis
    const wide = width - axis - 8
    const each = (height - foot) / 2
    const toX = (epoch) => x0 + (epoch / data.epochs) * wide
    svg("rect", { x: left, y: top, width, height, fill: "transparent" }, group)
    const highest = Math.max(0.1, ...curve.loss.map(([, y]) => y))
    this.readings = {}
    const panel = (n, end, ticks, format, lines) => {
      const y0 = top + n * each + title
      const tall = each - title - 4
      const toY = (value) => y0 + tall * (1 - clamp(value / end, 0, 1))
      for (const value of ticks) {
        svg("path", { class: value ? "grid" : "axis", d: `M${x0} ${toY(value)}h${wide}` }, group)
        svg("text", { class: "end", x: x0 - 5, y: toY(value) + 4, "font-size": 11 }, group, format(value))
      }
      let at = x0
      for (const { name, points, color, dash, dots = points } of lines) {
        const d = points.map(([epoch, value], i) => `${i ? "L" : "M"}${toX(epoch).toFixed(1)} ${toY(value).toFixed(1)}`).join("")
        const look = { stroke: color, ...(dash ? { "stroke-dasharray": dash } : {}) }
        if (d) svg("path", { class: "line", d, ...look }, group)
        if (dots.length <= 30) for (const [epoch, value] of dots) svg("circle", { cx: toX(epoch), cy: toY(value), r: 2.5, fill: color }, group)
        svg("path", { class: "line", d: `M${at} ${y0 - 10}h18`, ...look }, group)
        this.readings[name] = svg("text", { x: at + 23, y: y0 - 6, "font-size": 12.5 }, group)
        at += wide / 2
      }
    }
    const lossStep = tickStep(highest, 2)
    const lossTicks = [0, 1, 2].map((k) => k * lossStep).filter((value) => value <= highest)
    const lossDigits = lossStep < 1 ? clamp(Math.ceil(-Math.log10(lossStep)), 1, 3) : 0
    panel(0, highest, lossTicks, (value) => number(value, lossDigits), [
      { name: "loss", points: curve.loss, dots: curve.mean, color: colors.loss },
    ])
    panel(1, 1, [0, 0.5, 1], (value) => `${value * 100}%`, [
      { name: "test", points: curve.test, color: colors.test },
      { name: "train", points: curve.train, color: colors.train, dash: "3 3" },
    ])
    const step = Math.max(1, tickStep(data.epochs, 10))
    const foots = top + height - 4
    for (let epoch = 0; epoch <= data.epochs; epoch += step) {
      const text = epoch === 0 ? `${words.epoch} 0` : String(epoch)
      svg("text", { class: "centre", x: toX(epoch), y: foots, "font-size": 11 }, group, text)
    }
    this.mark = svg("path", { class: "mark" }, group)
    this.moveMark = () => {
      const epoch = this.epoch(this.step)
      const at = epoch === null ? null : toX(Math.min(epoch, data.epochs))
      this.mark.setAttribute("d", at === null ? "" : `M${at} ${top + title - 2}V${top + height - foot}`)
      // The loss of the step nearest to this one, the accuracy after the last finished epoch.
      const before = (points) => points.filter(([e]) => e <= (epoch ?? Infinity) + 1e-6).at(-1)
      const after = curve.loss.find(([e]) => e >= (epoch ?? Infinity) - 1e-6) ?? curve.loss.at(-1)
      const percent = (point) => (point ? `${number(point[1] * 100, 1)}%` : "–")
      const three = (point) => (point ? number(point[1], 3) : "–")
      this.readings.loss.textContent = `${words.loss} ${three(after)} · ${words.mean} ${three(before(curve.mean))}`
      this.readings.test.textContent = `${words.test} ${percent(before(curve.test))}`
      this.readings.train.textContent = `${words.train} ${percent(before(curve.train))}`
    }
    const seek = (event) => {
      const box = this.svg.getBoundingClientRect()
      const epoch = ((event.clientX - box.left - x0) / wide) * data.epochs
      if (data.per_epoch && this.wall) this.go(this.nearest(epoch * data.per_epoch))
    }
    group.onpointerdown = (event) => {
      group.setPointerCapture(event.pointerId)
      seek(event)
    }
    group.onpointermove = (event) => event.buttons & 1 && group.hasPointerCapture(event.pointerId) && seek(event)
  }

  // ---- what changes while the step moves ----

  show() {
    const { data, own, values } = this
    this.controls()
    if (this.wall) {
      const weights = this.wall.kernels.at(this.index)
      this.wall.paint(weights, { limit: data.limit, own, values, digits: this.digits })
      this.title.textContent = this.where()
      this.drawTicks()
      if (!this.timer) {
        this.wall.describe()
        this.live.textContent = this.where()
      }
    }
    const note = this.note.kernels.at(0)
    this.note.paint(note, { limit: data.limit, own, values, digits: this.note.digits(note) })
    this.note.describe()
    if (this.mark) this.moveMark()
    if (this.pointed) this.showTip(this.pointed)
  }

  // ---- pointer and keys ----

  /** The wall ("wall" or "note") and the cell under a node. */
  target(node) {
    const i = node?.getAttribute?.("data-cell")
    if (i === null || i === undefined) return null
    const side = this.wall?.group.contains(node) ? "wall" : "note"
    return { side, kernel: Number(node.getAttribute("data-kernel")), i: Number(i) }
  }

  point(event) {
    this.showTip(event && this.target(event.target))
  }

  showTip(pointed) {
    for (const wall of [this.wall, this.note]) wall?.point(null)
    this.pointed = pointed
    this.tip.style.display = pointed ? "" : "none"
    if (!pointed) return
    const wall = this[pointed.side]
    const cell = wall.point(pointed.kernel, pointed.i)
    this.tip.replaceChildren()
    for (const line of wall.explain(pointed.kernel, pointed.i)) html("div", "", this.tip).textContent = line
    const { offsetWidth, offsetHeight } = this.tip
    const size = wall.cell
    const x = clamp(cell.x + size / 2 - offsetWidth / 2, 0, Math.max(0, this.size() - offsetWidth))
    const above = cell.y - offsetHeight - 8
    this.tip.style.left = `${x}px`
    this.tip.style.top = `${above < 0 ? cell.y + size + 8 : above}px`
  }

  key(event) {
    if (!this.wall || event.ctrlKey || event.metaKey || event.altKey) return
    const node = event.target
    if (node.classList?.contains("wall")) return this.cellKey(event)
    const plain = node === this.slider || node === this.play || node === this.previous || node === this.next
    if (!plain) return
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }
    if (event.key in moves) this.go(this.index + moves[event.key])
    else if (event.key === " ") this.toggle()
    else return
    event.preventDefault()
  }

  /** With the wall in focus arrows go from cell to cell. */
  cellKey(event) {
    const { high, wide, each, out, channels } = this.wall.kernels
    const columns = this.wall.columns
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }
    if (event.key === "Escape") this.cursor = null
    else if (event.key === " ") return event.preventDefault(), this.toggle()
    else if (event.key in moves) {
      if (!this.cursor) this.cursor = { kernel: 0, i: 0 }
      else {
        // The wall as one table: cells of a kernel, then the kernel beside or below it.
        const { channel, row, column } = this.wall.position(this.cursor.i)
        const across = channels * wide
        const [down, right] = moves[event.key]
        const r = Math.floor(this.cursor.kernel / columns) * high + row + down
        const c = (this.cursor.kernel % columns) * across + channel * wide + column + right
        const kernel = Math.floor(r / high) * columns + Math.floor(c / across)
        if (r >= 0 && c >= 0 && c < columns * across && kernel < out) {
          const inside = c % across
          this.cursor = { kernel, i: Math.floor(inside / wide) * high * wide + (r % high) * wide + (inside % wide) }
        }
      }
    } else return
    event.preventDefault()
    this.showTip(this.cursor && { side: "wall", ...this.cursor })
    if (this.cursor) this.live.textContent = this.wall.explain(this.cursor.kernel, this.cursor.i).join(". ")
  }

  // ---- the picture as a file ----

  download() {
    this.showTip(null)
    const copy = this.svg.cloneNode(true)
    // A picture on its own names its run; on the page the control above does.
    for (const node of copy.querySelectorAll(".saved")) node.classList.remove("saved")
    const look = getComputedStyle(this.root)
    copy.setAttribute("xmlns", SVG)
    copy.setAttribute("style", `color:${look.color};font-family:sans-serif;background:${look.getPropertyValue("--st-background-color") || "#ffffff"}`)
    const link = document.createElement("a")
    link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }))
    link.download = `kernels-${this.data.run}-step-${this.step}.svg`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
}
