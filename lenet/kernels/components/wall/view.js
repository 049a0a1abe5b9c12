// The kernel gallery's figure: the wall of kernels, the scrubber that moves it through training, the run's curve
// with a mark at the step shown, and the note's kernels beside it.
//
// Python (lenet/figures/kernels.py) sends the whole history once; scrubbing and playing send nothing to the server.
// What the reader has set here is in the URL: step (left out at the end of training), scale=own, values=off,
// sort=norm|similarity, layer=2, present=1 and ground=dark|light. The one message that goes to the server is `share`:
// the address of what is on screen, which comes back as a link and its QR code.

const MISSING = -32768 // the packed form of a weight that is not a finite number
const HEAD = 30 // height of the line above the wall
const BAR = 62 // width of the colour bar with its numbers
const GAP = 26 // between the colour bar and what stands beside the wall
const NARROW = 860 // below this width everything stands in one column
const SHADES = 256
const OURS = ["step", "scale", "values", "sort", "layer", "present", "ground"] // in the URL

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

export default mounted(
  (root, data) => new View(root, data.asked),
  (view, component) => {
    view.send = (search) => component.setTriggerValue("share", search)
  },
)

// ---- small helpers ----

/** A number with a true minus sign; with an exponent where it would not fit. */
function number(value, digits) {
  if (!Number.isFinite(value)) return "–"
  const text = Math.abs(value) < 1000 ? value.toFixed(digits) : value.toExponential(1)
  return Number(text) === 0 ? text.replace("-", "") : minus(text)
}

/** SHADES colours along a scale of [place, "#rrggbb"] stops, each with the ink that reads on it. */
function shades(scale) {
  return Array.from({ length: SHADES }, (unused, n) => {
    const mixed = mix(scale, n / (SHADES - 1))
    return { fill: css(mixed), ink: ink(mixed) }
  })
}

/** Kernels as `lenet.kernels.pack` packed them: `at(t)` are the weights of snapshot t, `each` of them a kernel's. */
function unpack({ shape, unit, values }) {
  const view = new DataView(bytes(values).buffer)
  const weights = Float64Array.from({ length: view.byteLength / 2 }, (unused, i) => {
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

/** Put words into a text of the picture, shortened to `room`. */
function fitted(node, text, room) {
  node.textContent = text
  for (let n = text.length - 1; n > 0 && node.getComputedTextLength() > room; n--) node.textContent = `${text.slice(0, n)}…`
}

// ---- a wall of kernels ----

/** Kernels as heatmaps in a box of the picture: the run's own, or the note's. */
class Wall {
  constructor(kernels, { words, colors }) {
    Object.assign(this, { kernels, words, mark: colors.mark })
    this.gap = kernels.channels > 1 ? 2 : 0.45 // cells between two kernels
    this.big = 1 // how much larger than usual the words are
    this.arrange(Array.from({ length: kernels.out }, (unused, n) => n))
  }

  /** `order[place]` is the kernel that stands there; `place[kernel]` is where it stands. */
  arrange(order) {
    this.order = order
    this.place = []
    order.forEach((kernel, place) => (this.place[kernel] = place))
  }

  /** Columns and cell size that fill a box of `width` × `height` best. */
  fit(width, height, largest) {
    const { out, channels, high, wide } = this.kernels
    const across = channels * wide + (channels - 1) * 0.5
    let best = { cell: 0 }
    for (let columns = 1; columns <= out; columns++) {
      const rows = Math.ceil(out / columns)
      const roomX = width / columns
      const label = 21 * this.big
      // Between two kernels of one channel half a cell is left free.
      const cell = Math.min(roomX / (across + this.gap), (height / rows - label) / (high + 0.15), largest)
      if (cell > best.cell + 0.01) best = { cell, columns, rows, label }
    }
    if (best.cell < 5) {
      // A wall too large for the screen: small cells, and the page scrolls.
      const columns = Math.max(1, Math.floor(width / (5 * (across + this.gap))))
      best = { cell: 5, columns, rows: Math.ceil(out / columns), label: 14 }
    }
    const { cell, columns, rows, label } = best
    this.cell = cell
    this.columns = columns
    this.label = label
    this.tile = { width: across * cell, height: high * cell, stepX: (across + this.gap) * cell, stepY: label + (high + 0.15) * cell }
    this.width = columns * this.tile.stepX - this.gap * cell
    this.height = rows * this.tile.stepY - 0.15 * cell
    return this
  }

  draw(parent, left, top, colors) {
    const { out, channels, high, wide, each } = this.kernels
    const { cell, tile, label } = this
    this.colors = colors
    this.group = svg("g", { class: "wall", role: "group" }, parent)
    svg("rect", { class: "focus", x: left - 5, y: top - 3, width: this.width + 10, height: this.height + 8, rx: 6 }, this.group)
    const font = (this.font = clamp(cell * 0.4, Math.min(12 * this.big, 0.86 * label), 17 * this.big))
    this.tiles = []
    this.cells = []
    for (let n = 0; n < out; n++) {
      const x = left + (this.place[n] % this.columns) * tile.stepX
      const y = top + Math.floor(this.place[n] / this.columns) * tile.stepY + label
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
    let found = null
    for (const decimals of [2, 1]) {
      let longest = 1
      for (const w of weights) longest = Math.max(longest, number(w, decimals).length - 0.5) // a point is narrow
      const size = Math.min(18 * this.big, this.cell * 0.44, (this.cell * 0.92) / (longest * 0.57))
      if (size >= 8) found = { size, decimals }
      if (size >= 7.5 * this.big) break // from further away a decimal less is worth larger ones
    }
    return found
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
      const room = (this.tile.width * 12) / this.font
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
  constructor(root, given) {
    this.root = root
    // While the page lives, what was set last; after that, what the link asks for.
    const asked = new URLSearchParams(window.lenetWall?.query ?? given)
    this.asked = asked.has("step") ? Number(asked.get("step")) : null // the step to open at, of the run `askedRun`
    this.askedRun = window.lenetWall?.run ?? null
    this.own = asked.get("scale") === "own"
    this.values = asked.get("values") !== "off"
    this.sort = ["norm", "similarity"].includes(asked.get("sort")) ? asked.get("sort") : "stored"
    this.layer = asked.get("layer") === "2" ? 2 : 1
    this.presenting = asked.get("present") === "1"
    this.ground = ["dark", "light"].includes(asked.get("ground")) ? asked.get("ground") : null // null: the reader's theme
    this.shared = null // the address that was sent for its link and QR code
    this.index = 0 // the snapshot shown
    this.timer = null
    this.cursor = null // {side, kernel, i}: the cell that keys point at
    this.pointed = null // {side, kernel, i}: the cell whose weight is told
    this.build()
    this.resizer = new ResizeObserver(() => this.data && this.size() !== this.drawnSize && this.draw())
    this.resizer.observe(this.holder)
    this.onresize = () => this.data && this.draw()
    window.addEventListener("resize", this.onresize)
    this.onkey = (event) => this.presenting && this.presentKey(event)
    window.addEventListener("keydown", this.onkey)
    this.onaway = (event) => {
      const path = event.composedPath()
      if (!this.panel.hidden && !path.includes(this.panel) && !path.includes(this.link)) this.closeShare()
    }
    window.addEventListener("pointerdown", this.onaway)
  }

  close() {
    document.documentElement.classList.remove("presenting")
    if (this.presenting) {
      // Another tab is open now, or another page: nothing is presented any more.
      this.presenting = false
      this.remember()
    }
    window.removeEventListener("keydown", this.onkey)
    window.removeEventListener("pointerdown", this.onaway)
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
    this.previous = button("previous", "◀", bar, () => this.go(this.index - 1))
    this.play = button("play", "▶", bar, () => this.toggle())
    this.next = button("next", "▶|", bar, () => this.go(this.index + 1))
    this.slider = html("input", "slider", bar, { type: "range", min: 0, value: 0 })
    this.slider.oninput = () => this.go(Number(this.slider.value))
    this.layers = html("select", "layer", bar)
    this.layers.onchange = () => this.look({ layer: Number(this.layers.value) })
    this.sorts = html("select", "sort", bar)
    this.sorts.onchange = () => this.look({ sort: this.sorts.value })
    this.scales = html("select", "scale", bar)
    this.scales.onchange = () => this.set({ own: this.scales.value === "own" })
    const label = html("label", "values", bar)
    this.checkbox = html("input", "", label, { type: "checkbox" })
    this.checkbox.onchange = () => this.set({ values: this.checkbox.checked })
    this.valuesWord = html("span", "", label)
    this.save = html("select", "save", bar)
    this.save.onchange = () => {
      const what = this.save.value
      this.save.value = ""
      this[{ svg: "saveSvg", png: "savePng", print: "print" }[what]]()
    }
    this.link = button("link", "", bar, () => (this.panel.hidden ? this.share() : this.closeShare()))
    this.present = button("present", "", bar, () => this.look({ presenting: !this.presenting }))
    // What was set with the mouse gives the keys back to the presentation; who goes there by Tab stays there.
    let byMouse = false
    for (const kind of ["pointerdown", "keydown"]) bar.addEventListener(kind, () => (byMouse = kind === "pointerdown"))
    bar.addEventListener("change", () => this.presenting && byMouse && this.rest())
    this.holder = html("div", "holder", this.root)
    this.tip = html("div", "tip", this.holder, { "aria-hidden": "true" })
    this.hint = html("div", "hint", this.root)
    this.live = html("div", "live", this.root, { "aria-live": "polite" })
    this.panel = html("div", "share", this.root, { role: "dialog", tabindex: -1 })
    this.panel.hidden = true
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape" || event.key === "l") this.closeShare(event)
    }
    this.root.onkeydown = (event) => this.key(event)
  }

  /** Streamlit may have written a query of its own. */
  again() {
    this.remember()
  }

  update(data) {
    const first = !this.data
    const changed = first || this.data.run !== data.run
    const atEnd = changed || this.index === this.last
    const step = changed ? null : this.step
    this.data = data
    this.walls = { 1: data.wall && new Wall(unpack(data.wall), data), 2: data.second && new Wall(unpack(data.second), data) }
    this.note = new Wall(unpack(data.note), data)
    this.colors = shades(data.scale)
    // A history that grows does not move the reader: one at its end stays there, one at a step stays at that step.
    const mine = this.askedRun === null || this.askedRun === data.run
    if (first && mine && this.asked !== null && Number.isFinite(this.asked)) this.index = this.nearest(this.asked)
    else if (atEnd) this.index = this.last
    else this.index = this.nearest(step)
    if (changed) {
      this.pause()
      this.cursor = this.pointed = null
    }
    this.remember()
    this.words()
    this.drawShare()
    this.draw()
  }

  /** The wall shown: the first layer's, or the second's at the end of training. */
  get wall() {
    return this.second ? this.walls[2] : this.walls[1]
  }

  get second() {
    return this.layer === 2 && Boolean(this.walls[2])
  }

  /** Whether there are no moments to go through. */
  get still() {
    return this.second || this.data.still
  }

  /** The end of the colour scale that all kernels of the wall share. */
  get limit() {
    return this.second ? this.data.second.limit : this.data.limit
  }

  get weights() {
    return this.wall.kernels.at(this.second ? 0 : this.index)
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
    named(this.previous, words.previous)
    named(this.next, words.next)
    named(this.scales, words.scale)
    named(this.layers, words.layer)
    named(this.sorts, words.sort)
    named(this.save, words.save)
    named(this.panel, words.link)
    named(this.link, words.link)
    this.slider.setAttribute("aria-label", words.slider)
    choices(this.scales, [["shared", words.shared], ["own", words.own]])
    choices(this.layers, [["1", words.layer_first], ["2", words.layer_second]])
    choices(this.sorts, [["stored", words.sort_stored], ["norm", words.sort_norm], ["similarity", words.sort_similarity]])
    choices(this.save, [["", words.save], ["svg", words.save_svg], ["png", words.save_png], ["print", words.print]])
    this.layers.style.display = this.walls[2] ? "" : "none"
    for (const node of [this.previous, this.play, this.next, this.slider]) node.style.display = this.data.still ? "none" : ""
    this.link.textContent = words.link_short
    this.bar.style.display = this.hint.style.display = this.walls[1] ? "" : "none"
  }

  // ---- moving through training ----

  go(index, { keep = false } = {}) {
    if (!keep) this.pause()
    if (this.still) return
    this.index = clamp(index, 0, this.last)
    this.show()
    this.remember()
  }

  toggle() {
    if (this.timer) return this.pause()
    if (this.still) return
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

  /** Change what calls for another layout of the picture. */
  look(changes) {
    this.pause()
    this.cursor = this.pointed = null
    Object.assign(this, changes)
    if (changes.presenting === false && document.fullscreenElement) document.exitFullscreen()
    if ("presenting" in changes) this.rest()
    this.draw()
    this.remember()
  }

  /** Where the keys go when nothing else asks for them. */
  rest() {
    this.root.getRootNode().activeElement?.blur()
    this.slider.focus({ preventScroll: true })
  }

  /** Write what is shown into the URL, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.remembering)
    const query = new URLSearchParams()
    const set = (key, value) => value !== null && query.set(key, value)
    set("step", this.index === this.last ? null : this.step)
    set("scale", this.own ? "own" : null)
    set("values", this.values ? null : "off")
    set("sort", this.sort === "stored" ? null : this.sort)
    set("layer", this.layer === 2 ? 2 : null)
    set("present", this.presenting ? 1 : null)
    set("ground", this.presenting ? this.ground : null)
    window.lenetWall = { run: this.data.run, query: query.toString() }
    this.remembering = setTimeout(() => !this.timer && writeUrl(OURS, query), 300)
  }

  controls() {
    const { words } = this.data
    this.play.textContent = this.timer ? "❚❚" : "▶"
    named(this.play, this.timer ? words.pause : words.play)
    this.previous.disabled = this.still || this.index === 0
    this.next.disabled = this.still || this.index === this.last
    this.play.disabled = this.slider.disabled = this.still
    this.slider.max = this.last
    this.slider.value = this.index
    this.slider.setAttribute("aria-valuetext", this.where())
    this.scales.value = this.own ? "own" : "shared"
    this.checkbox.checked = this.values
    this.checkbox.disabled = !this.digits && !this.noteDigits
    this.valuesWord.textContent = this.digits ? words.values : words.values_none
    this.layers.value = this.layer
    this.sorts.value = this.sort
    this.save.value = ""
    this.present.textContent = this.presenting ? words.leave : words.present
    this.present.title = this.presenting ? words.leave : words.present_more
    this.hint.textContent = words[`hint${this.presenting ? "_present" : ""}${this.still ? "_still" : ""}`]
  }

  where() {
    const { words } = this.data
    if (this.second) return words.second
    if (this.data.still) return this.data.label
    const epoch = this.epoch(this.step)
    if (this.step === 0) return words.initial
    // A fraction of an epoch only where it says something: the first steps would all read 0.0.
    const text = epoch === null ? "" : number(epoch, epoch < 0.1 ? 3 : Number.isInteger(epoch) ? 0 : 2)
    return fill(epoch === null ? words.step : words.step_epoch, { step: this.step, epoch: text })
  }

  // ---- layout and the picture ----

  /** How wide words of a size are. */
  measure(text, size) {
    return textWidth(text, `600 ${size}px ${getComputedStyle(this.root).fontFamily}`)
  }

  /** How wide the title of the wall becomes. */
  titleWidth(size) {
    const { words } = this.data
    const all = this.second ? [words.second] : [words.initial, fill(words.step_epoch, { step: this.steps.at(-1), epoch: "0.00" })]
    return Math.max(...all.map((text) => this.measure(text, size)))
  }

  draw() {
    const { data } = this
    const presenting = this.presenting && Boolean(this.walls[1])
    const { classList } = this.root
    classList.toggle("present", presenting)
    classList.toggle("dark", presenting && this.ground === "dark")
    classList.toggle("light", presenting && this.ground === "light")
    document.documentElement.classList.toggle("presenting", presenting)
    const width = this.size()
    if (!width) return
    this.drawnSize = width
    const big = presenting ? clamp(window.innerHeight / 520, 1.2, 2.2) : 1
    const old = this.svg
    const picture = (this.svg = svg("svg", { role: "group", "aria-label": data.words.alt || data.words.note }))
    svg("style", {}, picture, STYLE)
    const narrow = width < NARROW
    // What the page and the controls leave of the window's height.
    const budget = presenting ? window.innerHeight - 40 : clamp(window.innerHeight - this.top() - 34, 330, 1000)
    const side = this.second ? 0 : clamp(width * 0.3, 330, 720) // at least; the wall comes first
    let head = HEAD * big
    const bar = BAR + 26 * (big - 1)
    for (const kind of [this.walls[1], this.walls[2], this.note]) if (kind) kind.big = big
    let [x, y] = [0, 0]
    if (this.wall) {
      const orders = this.second ? data.second.orders : data.orders
      if (orders[this.sort]) this.wall.arrange(orders[this.sort])
      const room = narrow ? width - bar : width - side - bar - GAP
      const fit = () => this.wall.fit(room, narrow ? 620 : budget - head - 4, presenting ? 400 : 110)
      fit()
      // In front of a class the name of the run stands beside the step, or below it where there is no room.
      const below = presenting && !data.still && this.titleWidth(18 * big) + this.measure(data.label, 11 * big) + 20 > this.wall.width
      if (below) {
        head += 16 * big
        fit()
      }
      this.title = svg("text", { class: "head", x: 1, y: 19 * big, "font-size": 18 * big }, picture)
      const look = presenting ? (below ? "" : "end") : "small end saved"
      this.name = svg("text", { class: look, x: below ? 1 : this.wall.width, y: (below ? 35 : 19) * big, "font-size": 11 * big }, picture)
      this.wall.draw(picture, 1, head, this.colors)
      const tall = Math.min(this.wall.height - this.wall.label, presenting ? Infinity : 620)
      this.drawTicks = this.drawColorBar(picture, this.wall.width + 18, head + this.wall.label, tall, this.wall.big)
      if (narrow) y = head + this.wall.height + 26
      else x = this.wall.width + bar + GAP
    }
    const room = narrow || !this.wall ? Math.min(width, 640) : width - x
    let curveHeight = 0
    this.mark = null
    if (data.curve && !this.second) {
      curveHeight = narrow ? 170 : clamp(budget * 0.33, 150, presenting ? 420 : 300)
      this.drawCurve(picture, x, y, room, curveHeight, Math.min(big, 1.6))
      curveHeight += 16
    }
    y += curveHeight
    if (!this.second) {
      this.noteTitle = svg("text", { class: "head", x, y: y + 15 * big, "font-size": 15 * big }, picture)
      if (!presenting) svg("text", { class: "small", x, y: y + 33 }, picture, data.words.note_result)
      const under = presenting ? 18 * big : 42
      y += under
      const noteHeight = narrow ? 620 : budget - curveHeight - under - 2
      this.note.fit(room, Math.max(noteHeight, 120), presenting ? 400 : 64)
      this.note.draw(picture, x, y, this.colors)
      y += this.note.height
    }
    const height = Math.max(y, this.wall ? head + this.wall.height : 0) + 10
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) picture.setAttribute(key, value)
    this.digits = this.wall?.digits([-this.limit]) // the longest number of the whole history
    this.noteDigits = this.second ? null : this.note.digits(this.note.kernels.at(0))
    const wallName = this.second ? data.words.second : data.words.wall
    for (const [side, name] of [["wall", wallName], ["note", data.words.note]]) {
      const group = this.side(side)?.group
      if (group) for (const [key, value] of Object.entries({ tabindex: 0, "aria-label": name, "data-side": side })) group.setAttribute(key, value)
    }
    picture.onpointermove = (event) => this.point(event)
    picture.onpointerleave = () => this.point(null)
    picture.onpointerdown = (event) => {
      event.preventDefault() // the keys go to the slider, not to what was clicked
      this.slider.focus({ preventScroll: true })
    }
    if (old) {
      const focused = old.getRootNode().activeElement?.getAttribute("data-side")
      old.replaceWith(picture)
      if (focused) this.side(focused)?.group.focus({ preventScroll: true })
    } else this.holder.prepend(picture)
    this.tip.style.display = "none"
    if (this.wall && !data.still) fitted(this.name, data.label, this.wall.width)
    this.show()
  }

  /** Draw the colour bar; returns what draws its numbers. */
  drawColorBar(picture, x, top, height, big = 1) {
    const { data } = this
    const bar = svg("g", { role: "img" }, picture)
    const n = 60
    for (let i = 0; i < n; i++) {
      const shade = this.colors[Math.round(((n - 1 - i) / (n - 1)) * (SHADES - 1))]
      svg("rect", { x, y: top + (i * height) / n, width: 14, height: height / n + 0.6, fill: shade.fill }, bar)
    }
    svg("rect", { class: "frame", x, y: top, width: 14, height }, bar)
    const ticks = svg("g", {}, bar)
    const at = (value) => top + ((1 - value) / 2) * height
    return () => {
      const { limit } = this
      ticks.replaceChildren()
      const tick = (place, text) => {
        svg("path", { class: "axis", d: `M${x + 14} ${at(place)}h4` }, ticks)
        svg("text", { x: x + 21, y: at(place) + 4.5, "font-size": 13 * Math.min(big, 1.4) }, ticks, text)
      }
      if (this.own) {
        for (const [place, text] of [[1, data.words.high], [0, "0"], [-1, data.words.low]]) tick(place, text)
      } else {
        const step = tickStep(limit, 4)
        const digits = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 4)
        for (let k = -4; k <= 4; k++) if (Math.abs(k * step) <= limit * 1.0001) tick((k * step) / limit, number(k * step, digits))
      }
      const [low, high] = this.own ? [data.words.low, data.words.high] : [number(-limit, 2), number(limit, 2)]
      bar.setAttribute("aria-label", fill(data.words.alt_bar, { low, high }))
    }
  }

  drawCurve(picture, left, top, width, height, big) {
    const { data } = this
    const { words, colors, curve } = data
    const group = svg("g", { class: "plot", role: "img", "aria-label": words.alt_curve }, picture)
    const axis = 38 * big // room for the numbers on the left
    const foot = 18 * big
    const title = 19 * big
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
        svg("text", { class: "end", x: x0 - 5, y: toY(value) + 4 * big, "font-size": 11 * big }, group, format(value))
      }
      let at = x0
      for (const { name, points, color, dash, dots = points } of lines) {
        const d = points.map(([epoch, value], i) => `${i ? "L" : "M"}${toX(epoch).toFixed(1)} ${toY(value).toFixed(1)}`).join("")
        const look = { stroke: color, ...(dash ? { "stroke-dasharray": dash } : {}) }
        if (d) svg("path", { class: "line", d, ...look }, group)
        if (dots.length <= 30) for (const [epoch, value] of dots) svg("circle", { cx: toX(epoch), cy: toY(value), r: 2.5, fill: color }, group)
        svg("path", { class: "line", d: `M${at} ${y0 - 10 * big}h18`, ...look }, group)
        this.readings[name] = svg("text", { x: at + 23, y: y0 - 6 * big, "font-size": 12.5 * big }, group)
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
    const step = Math.max(1, tickStep(data.epochs, 10 / big))
    const foots = top + height - 4
    for (let epoch = 0; epoch <= data.epochs; epoch += step) {
      const text = epoch === 0 ? `${words.epoch} 0` : String(epoch)
      svg("text", { class: "centre", x: toX(epoch), y: foots, "font-size": 11 * big }, group, text)
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
      this.wall.paint(this.weights, { limit: this.limit, own, values, digits: this.digits })
      fitted(this.title, this.where(), this.wall.width + BAR)
      this.drawTicks()
      if (!this.timer) {
        this.wall.describe()
        this.live.textContent = this.where()
      }
    }
    if (!this.second) {
      const { limit } = data.note
      this.noteTitle.textContent = own ? data.words.note : fill(data.words.note_scale, { limit: number(limit, 2) })
      this.note.paint(this.note.kernels.at(0), { limit, own, values, digits: this.noteDigits })
      this.note.describe()
    }
    if (this.mark) this.moveMark()
    if (this.pointed) this.showTip(this.pointed)
  }

  // ---- pointer and keys ----

  /** The run's wall ("wall") or the note's ("note"), where it is shown. */
  side(name) {
    return name === "note" ? (this.second ? null : this.note) : this.wall
  }

  /** The side and the cell under a node. */
  target(node) {
    const i = node?.getAttribute?.("data-cell") ?? null
    if (i === null) return null
    const side = this.wall?.group.contains(node) ? "wall" : "note"
    return { side, kernel: Number(node.getAttribute("data-kernel")), i: Number(i) }
  }

  point(event) {
    this.showTip(event && this.target(event.target))
  }

  showTip(pointed) {
    for (const side of ["wall", "note"]) this.side(side)?.point(null)
    this.pointed = pointed
    this.tip.style.display = pointed ? "" : "none"
    if (!pointed) return
    const wall = this.side(pointed.side)
    const cell = wall.point(pointed.kernel, pointed.i)
    this.tip.replaceChildren(...wall.explain(pointed.kernel, pointed.i).map((line) => html("div", "", null, {}, line)))
    const { offsetWidth, offsetHeight } = this.tip
    const size = wall.cell
    const x = clamp(cell.x + size / 2 - offsetWidth / 2, 0, Math.max(0, this.size() - offsetWidth))
    const above = cell.y - offsetHeight - 8
    this.tip.style.left = `${x}px`
    this.tip.style.top = `${above < 0 ? cell.y + size + 8 : above}px`
  }

  key(event) {
    if (!this.wall || this.presenting || isChord(event)) return
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
    const side = event.target.getAttribute("data-side")
    const wall = this.side(side)
    const { high, wide, out, channels } = wall.kernels
    const columns = wall.columns
    if (event.key === "Escape") this.cursor = null
    else if (event.key === " ") return event.preventDefault(), this.toggle()
    else if (event.key in ARROWS) {
      if (this.cursor?.side !== side) this.cursor = { side, kernel: wall.order[0], i: 0 }
      else {
        // The wall as one table: cells of a kernel, then the kernel beside or below it.
        const { channel, row, column } = wall.position(this.cursor.i)
        const across = channels * wide
        const [down, right] = ARROWS[event.key]
        const from = wall.place[this.cursor.kernel]
        const r = Math.floor(from / columns) * high + row + down
        const c = (from % columns) * across + channel * wide + column + right
        const place = Math.floor(r / high) * columns + Math.floor(c / across)
        if (r >= 0 && c >= 0 && c < columns * across && place < out) {
          const inside = c % across
          this.cursor = { side, kernel: wall.order[place], i: Math.floor(inside / wide) * high * wide + (r % high) * wide + (inside % wide) }
        }
      }
    } else return
    event.preventDefault()
    this.showTip(this.cursor)
    if (this.cursor) this.live.textContent = wall.explain(this.cursor.kernel, this.cursor.i).join(". ")
  }

  /** Keys of the presentation; a presenter's clicker sends PageUp and PageDown. */
  presentKey(event) {
    if (isChord(event)) return
    const node = event.composedPath()[0]
    if (event.key === "Tab") return this.stayInside(event, node)
    if (!this.panel.hidden) return ["Escape", "l", "L"].includes(event.key) ? this.closeShare(event) : undefined
    if (node.tagName === "SELECT" && !event.key.startsWith("Page")) return
    if (event.key === " " && node !== this.play && (node.tagName === "BUTTON" || node === this.checkbox)) return
    const moves = { ArrowLeft: -1, PageUp: -1, ArrowDown: -10, ArrowRight: 1, PageDown: 1, ArrowUp: 10, Home: -Infinity, End: Infinity }
    const choices = {
      " ": () => this.toggle(),
      Escape: () => this.look({ presenting: false }),
      d: () => this.look({ ground: this.isDark() ? "light" : "dark" }),
      f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()),
      l: () => this.share(),
      n: () => this.set({ values: !this.values }),
      s: () => this.set({ own: !this.own }),
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (key in moves) this.go(this.index + moves[key])
    else if (key in choices) choices[key]()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Tab goes round among what is on screen: behind it lies the rest of the page, which nobody sees now. */
  stayInside(event, from) {
    const within = this.panel.hidden ? this.root : this.panel
    const stops = [...within.querySelectorAll("button, select, input, a[href]")].filter((n) => !n.disabled && n.checkVisibility())
    const at = stops.indexOf(from)
    const to = event.shiftKey ? (at < 1 ? stops.length : at) - 1 : (at + 1) % stops.length
    stops[to]?.focus({ preventScroll: true })
    event.preventDefault()
  }

  isDark() {
    const [r, g, b] = getComputedStyle(this.root).color.match(/[\d.]+/g).map(Number)
    return 0.299 * r + 0.587 * g + 0.114 * b > 140 // the ink is light
  }

  // ---- a link and its QR code ----

  /** Ask the server for the address under which others reach what is on screen. */
  share() {
    this.pause()
    this.remember()
    const query = new URLSearchParams(location.search)
    for (const key of OURS) query.delete(key)
    for (const [key, value] of new URLSearchParams(window.lenetWall.query)) query.set(key, value)
    for (const key of ["present", "ground"]) query.delete(key) // the others want the controls
    this.shared = query.toString()
    this.before = this.root.getRootNode().activeElement
    this.panel.hidden = false
    this.drawShare()
    this.panel.focus()
    if (!this.data.still) this.send(this.shared)
  }

  closeShare(event = null) {
    event?.preventDefault()
    event?.stopPropagation()
    this.panel.hidden = true
    if (this.before?.isConnected) this.before.focus({ preventScroll: true })
    else this.rest()
  }

  drawShare() {
    if (this.panel.hidden) return
    const { words, share } = this.data
    this.panel.replaceChildren()
    named(button("close", "✕", this.panel, () => this.closeShare()), words.close)
    html("div", "title", this.panel, {}, words.link)
    if (this.data.still) return void html("p", "", this.panel, {}, words.link_none)
    if (share?.search !== this.shared) return void html("p", "", this.panel, {}, "…")
    const { rows, url } = share
    if (rows.length) {
      const size = rows.length + 8 // the quiet zone of the standard: four modules on each side
      const code = svg("svg", { class: "qr", role: "img", "aria-label": fill(words.qr, { url }), viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges" }, this.panel)
      svg("rect", { width: size, height: size, fill: "#ffffff" }, code)
      const d = rows.map((row, y) => [...row].map((dark, x) => (dark === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("")).join("")
      svg("path", { d, fill: "#000000" }, code)
    }
    html("a", "address", this.panel, { href: url, target: "_blank", rel: "noopener" }, url)
    if (share.remark) html("p", "remark", this.panel, {}, share.remark)
  }

  // ---- the picture as a file and on paper ----

  /** The picture on screen as SVG text that stands alone. */
  drawing() {
    this.showTip(null)
    const copy = this.svg.cloneNode(true)
    // A picture on its own names its run; on the page the control above does.
    for (const node of copy.querySelectorAll(".saved")) node.classList.remove("saved")
    return alone(copy, this.root)
  }

  /** What files and sheets of these kernels are called. */
  get fileName() {
    return `kernels-${this.data.still ? this.data.label.replace(/[^\p{L}\p{N}.-]+/gu, "-") : this.data.run}`
  }

  file(content, ending) {
    const moment = this.second ? "-layer-2" : this.data.still ? "" : `-step-${this.step}`
    save(content, `${this.fileName}${moment}.${ending}`)
  }

  saveSvg() {
    this.file(this.drawing(), "svg")
  }

  /** The same picture as pixels, two for each of the screen's. */
  async savePng() {
    const source = URL.createObjectURL(this.drawing())
    const image = new Image()
    image.src = source
    await image.decode()
    const [width, height] = ["width", "height"].map((side) => Number(this.svg.getAttribute(side)))
    const canvas = document.createElement("canvas")
    canvas.width = 2 * width
    canvas.height = 2 * height
    const pen = canvas.getContext("2d")
    pen.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#ffffff"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(image, 0, 0, canvas.width, canvas.height)
    URL.revokeObjectURL(source)
    canvas.toBlob((content) => this.file(content, "png"))
  }

  /** A sheet of the kernels shown, A4 across, black on white, all of it vectors. */
  sheet() {
    const [width, height, margin] = [1060, 740, 16]
    const page = svg("svg", { xmlns: SVG, style: "color:#000;font-family:sans-serif;width:100%;height:100%" })
    svg("style", {}, page, STYLE)
    svg("text", { class: "head", x: margin, y: 26, "font-size": 20 }, page, this.data.still ? this.data.label : `${this.data.label} · ${this.where()}`)
    const wall = new Wall(this.wall.kernels, this.data)
    wall.arrange(this.wall.order)
    wall.fit(width - 2 * margin - BAR, height - 2 * margin - 40, 200)
    wall.draw(page, margin, 44, this.colors)
    // A wall that is too large for the sheet is drawn smaller as a whole.
    page.setAttribute("viewBox", `0 0 ${width} ${Math.max(height, 44 + wall.height + margin)}`)
    this.drawColorBar(page, margin + wall.width + 18, 44 + wall.label, wall.height - wall.label)()
    wall.paint(this.weights, { limit: this.limit, own: this.own, values: this.values, digits: wall.digits([-this.limit]) })
    return page
  }

  print() {
    const frame = html("iframe", "print", this.root, { "aria-hidden": "true" })
    const paper = frame.contentDocument
    paper.title = this.fileName
    const style = paper.createElement("style")
    style.textContent = "@page { size: A4 landscape; margin: 10mm } html, body { margin: 0; height: 100% } * { print-color-adjust: exact; -webkit-print-color-adjust: exact }"
    paper.head.append(style)
    paper.body.append(this.sheet())
    frame.contentWindow.onafterprint = () => setTimeout(() => frame.remove(), 0)
    frame.contentWindow.print()
  }
}
