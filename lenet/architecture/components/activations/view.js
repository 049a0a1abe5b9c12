// An image on its way through a network: a strip of maps for every layer, and under the pointer the arithmetic that
// made a number, with the patch that it looked at.
//
// Python (lenet/figures/walk.py) sends all activations and the kernels once; pointing sends nothing back.
// On top stand the image, the map under the pointer enlarged, and the arithmetic. A click holds a cell, and the cells of
// the enlarged map can be pointed at; another click or Escape lets it go. By keyboard: Tab to a strip, arrows from cell to
// cell.

const NAMES = 128 // room for the names at the left
const ABOVE = 252 // of the page, over this drawing: what is left of the window is for the strips
const TILES = [24, 150] // height of the largest maps: as much as fits on the screen
const UNIT = 40 // width of a number in a vector's strip, at most
const BAR = 12 // height of a vector's strip
const GAP = 2
const ROW = 22 // height of a strip, at least: two lines of text
const CELL = 36 // of the patch and the kernel, at most
const LEGIBLE = 18 // a cell of this size has room for its number
const HEAD = 22 // room for a line above the image, the enlarged map and the arithmetic
const WORDS = 162 // room for the lines of the arithmetic

const STYLE = `
text { fill: currentColor; font-variant-numeric: tabular-nums; font-size: 11px; }
.name { font-size: 10.5px; }
.end { text-anchor: end; }
.quiet { opacity: .7; }
.strong { font-weight: 600; }
.big { font-size: 13px; }
.line { font-size: 12.5px; }
.middle { text-anchor: middle; dominant-baseline: central; }
image { image-rendering: pixelated; }
.layer { outline: none; }
.layer .focus { fill: none; stroke: none; }
.layer:focus-visible .focus { stroke: currentColor; stroke-width: 1.5; stroke-opacity: .6; }
.mark { fill: none; stroke-width: 2; pointer-events: none; }
.sees { fill: none; stroke-width: 2; stroke-dasharray: 3 2; pointer-events: none; }
.lens { cursor: crosshair; }
.grid { stroke: #64748b; stroke-opacity: .4; stroke-width: .5; }
`

export default mounted((root) => new View(root))

function number(value, digits = 3) {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  const text = size !== 0 && (size < 10 ** -digits || size >= 1e5) ? value.toExponential(1) : value.toFixed(digits)
  return minus(text)
}

function floats(text) {
  const view = new DataView(bytes(text).buffer)
  return Float32Array.from({ length: view.byteLength / 4 }, (unused, i) => view.getFloat32(4 * i, true))
}

/** The colour of a value on a scale of stops from low to high. */
function shade({ stops, low, high }, value) {
  if (!Number.isFinite(value)) return [128, 128, 128]
  return mix(stops, clamp((value - low) / (high - low || 1), 0, 1))
}

/** One stage (the image or a layer's output): its numbers, and where it is drawn. */
class Stage {
  constructor(data, before) {
    Object.assign(this, data, { before })
    this.values = floats(data.values)
    const [channels, height, width] = data.shape.length === 3 ? data.shape : [1, 1, data.shape[0]]
    Object.assign(this, { channels, height, width, isMap: data.shape.length === 3 })
    if (data.weights) this.weights = floats(data.weights)
    if (data.bias) this.bias = floats(data.bias)
  }

  at(c, y, x) {
    return y < 0 || x < 0 || y >= this.height || x >= this.width ? 0 : this.values[(c * this.height + y) * this.width + x]
  }

  /** The window on the layer before that made cell (y, x): its first row and column, height and width. */
  window(y, x) {
    const [kh, kw] = this.kernel
    return [y * this.stride[0] - this.padding[0], x * this.stride[1] - this.padding[1], kh, kw]
  }

  /** How large it will be: maps as high as `most` allows, smaller ones lower, and no wider than the room. */
  measure(room, most, tallest) {
    if (this.isMap) {
      const high = most * (0.75 + (0.25 * this.height) / tallest)
      const wide = room / this.channels / (this.channels > 1 ? 1.1 : 1)
      const scale = Math.min(high / this.height, wide / this.width)
      this.cell = [scale, scale]
    } else this.cell = [Math.min(UNIT, room / this.width), BAR]
    this.pitch = this.width * this.cell[0] * 1.1
    this.tall = this.height * this.cell[1]
    this.wide = (this.channels - 1) * this.pitch + this.width * this.cell[0]
    return Math.max(this.tall, ROW)
  }

  /** Row and column of number (y, x) in the last maps: of a vector's, where it lay before Flatten. */
  origin(y, x) {
    if (this.isMap) return [y, x]
    let maps = this
    while (!maps.isMap) maps = maps.before
    const rest = x % (maps.height * maps.width)
    return [Math.floor(rest / maps.width), rest % maps.width]
  }

  draw(parent, top) {
    this.left = this.first ? 4 : NAMES
    this.top = this.first ? top + HEAD : top + Math.max(0, (ROW - this.tall) / 2)
    this.group = svg("g", { class: "layer", tabindex: 0, role: "img", "aria-label": this.label }, parent)
    if (this.first) {
      const name = svg("text", { class: "name", x: this.left, y: top + 14 }, this.group)
      svg("tspan", { class: "strong" }, name, this.title)
      svg("tspan", { class: "quiet", dx: 8 }, name, this.range)
    } else {
      const middle = this.top + this.tall / 2
      svg("text", { class: "name end strong", x: NAMES - 10, y: middle - 1.5 }, this.group, this.title)
      svg("text", { class: "name end quiet", x: NAMES - 10, y: middle + 9.5 }, this.group, this.range)
    }
    this.pictures = Array.from({ length: this.channels }, (unused, c) => this.picture(c))
    this.pictures.forEach((href, c) => svg("image", {
      href, x: this.left + c * this.pitch, y: this.top, width: this.width * this.cell[0], height: this.tall,
      preserveAspectRatio: "none",
    }, this.group))
    svg("rect", {
      class: "focus", x: this.left - 3, y: this.top - 3, width: this.wide + 6, height: this.tall + 6, rx: 3,
    }, this.group)
  }

  picture(c) {
    const values = this.values.subarray(c * this.width * this.height)
    return paint(document.createElement("canvas"), this.width, this.height, (i) => shade(this.scale, values[i])).toDataURL()
  }

  /** The cell under a point of the picture: [channel, row, column], or null. */
  hit(px, py) {
    const [x, y] = [px - this.left, py - this.top]
    if (x < 0 || y < -2 || y > this.tall + 2 || x > this.wide) return null
    const c = this.isMap && this.channels > 1 ? Math.floor(x / this.pitch) : 0
    const column = Math.floor((x - c * this.pitch) / this.cell[0])
    if (column >= this.width || c >= this.channels) return null
    return [c, clamp(Math.floor(y / this.cell[1]), 0, this.height - 1), column]
  }

  /** Outline a box of cells on map c, as far as it lies on the map. */
  outline(parent, kind, color, c, y, x, high = 1, wide = 1) {
    const [x0, x1] = [clamp(x, 0, this.width), clamp(x + wide, 0, this.width)]
    const [y0, y1] = [clamp(y, 0, this.height), clamp(y + high, 0, this.height)]
    if (x1 <= x0 || y1 <= y0) return
    svg("rect", {
      class: kind, stroke: color, x: this.left + c * this.pitch + x0 * this.cell[0], y: this.top + y0 * this.cell[1],
      width: Math.max((x1 - x0) * this.cell[0], 3), height: Math.max((y1 - y0) * this.cell[1], 3),
    }, parent)
  }
}

class View {
  constructor(root) {
    this.root = root
    this.svg = svg("svg", { role: "group", width: "100%" }, root)
    this.live = html("div", "live", root, { "aria-live": "polite" })
    this.observer = new ResizeObserver(() => {
      if (this.data && Math.abs(root.clientWidth - this.width) > 2) this.draw()
    })
    this.observer.observe(root)
    this.svg.addEventListener("pointermove", (event) => {
      const cell = this.held ? this.enlarged(event) : this.under(event)
      if (!this.held || (cell && !this.same(cell))) this.choose(cell)
    })
    this.svg.addEventListener("pointerleave", () => this.held || this.choose(null))
    this.svg.addEventListener("pointerup", (event) => { // unlike a click, it knows fractions of a pixel
      const near = this.enlarged(event)
      const cell = near ?? this.under(event)
      this.held = Boolean(near || (cell && !(this.held && this.same(cell))))
      this.choose(cell)
      if (near) this.stages[near[0]].group.focus({ preventScroll: true }) // the arrows go on from there
    })
    this.svg.addEventListener("keydown", (event) => this.key(event))
    this.svg.addEventListener("focusin", (event) => this.focus(event))
  }

  close() {
    this.observer.disconnect()
  }

  update(data) {
    this.data = data
    this.stages = []
    for (const layer of data.layers) this.stages.push(new Stage(layer, this.stages.at(-1) ?? null))
    this.stages[0].first = true
    this.svg.setAttribute("aria-label", data.words.title)
    this.draw()
  }

  draw() {
    this.width = Math.max(this.root.clientWidth, 420)
    this.svg.replaceChildren(svg("style", {}, null, STYLE))
    const room = this.width - NAMES - 4
    const [image, ...layers] = this.stages
    this.side = clamp(room / 4.6, 100, 230) // of the image, and of what stands beside it
    image.measure(image.channels > 1 ? this.width / 4 : this.side, this.side, image.height)
    const tallest = Math.max(...this.stages.map((stage) => stage.height * stage.isMap))
    const begin = HEAD + this.side + 8
    let most = TILES[1]
    const needs = () => layers.reduce((sum, stage) => sum + stage.measure(room, most, tallest) + GAP, begin)
    while (needs() > window.innerHeight - ABOVE && most > TILES[0]) most -= 1
    image.draw(this.svg, 0)
    let y = begin
    for (const stage of layers) {
      stage.draw(this.svg, y)
      y += Math.max(stage.tall, ROW) + GAP
    }
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${y}`)
    this.svg.setAttribute("height", y)
    this.over = svg("g", { class: "over" }, this.svg)
    this.choose(this.chosen ?? null)
  }

  point(event) {
    const box = this.svg.getBoundingClientRect()
    const scale = this.width / box.width
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]
  }

  under(event) {
    const point = this.point(event)
    for (const [n, stage] of this.stages.entries()) {
      const cell = stage.hit(...point)
      if (cell) return [n, ...cell]
    }
    return null
  }

  /** The cell under the pointer in the enlarged map, or null. */
  enlarged(event) {
    if (!this.chosen || !this.lens) return null
    const [px, py] = this.point(event)
    const { left, top, cell, rows, columns } = this.lens
    const [y, x] = [Math.floor((py - top) / cell), Math.floor((px - left) / cell)]
    if (y < 0 || x < 0 || y >= rows || x >= columns) return null
    const [n, c] = this.chosen
    if (this.stages[n].isMap) return [n, c, y, x]
    return y * columns + x < this.stages[n].width ? [n, 0, 0, y * columns + x] : null
  }

  /** Draw map c of a stage large, its cell (y, x) marked, a vector in rows; returns where there is room beside it. */
  enlarge(stage, c, y, x, left) {
    const columns = stage.isMap ? stage.width : Math.ceil(Math.sqrt(stage.width))
    const rows = stage.isMap ? stage.height : Math.ceil(stage.width / columns)
    const cell = Math.min(this.side / rows, (this.side * 1.4) / columns, CELL)
    this.lens = { left, top: HEAD, cell, rows, columns }
    const at = (r, s) => stage.values[(c * rows + r) * columns + s]
    const exists = (r, s) => stage.isMap || r * columns + s < stage.width
    const group = svg("g", { class: "lens" }, this.over)
    if (cell < LEGIBLE && stage.isMap) {
      const size = { width: columns * cell, height: rows * cell, preserveAspectRatio: "none" }
      svg("image", { href: stage.pictures[c], x: left, y: HEAD, ...size }, group)
    } else this.numbers(left, HEAD, cell, rows, columns, at, stage.scale, { exists, parent: group })
    const [r, s] = stage.isMap ? [y, x] : [Math.floor(x / columns), x % columns]
    svg("rect", {
      class: "mark", stroke: this.data.colors.mark, x: left + s * cell, y: HEAD + r * cell,
      width: Math.max(cell, 3), height: Math.max(cell, 3),
    }, group)
    return left + columns * cell + 16
  }

  same(cell) {
    return this.chosen && cell.every((v, i) => v === this.chosen[i])
  }

  focus(event) {
    const n = this.stages.findIndex((stage) => stage.group === event.target)
    if (n < 0 || !event.target.matches(":focus-visible")) return
    this.held = true
    if (this.chosen?.[0] !== n) {
      const stage = this.stages[n]
      this.choose([n, 0, stage.height >> 1, stage.isMap ? stage.width >> 1 : 0])
    }
  }

  key(event) {
    if (event.key === "Escape") {
      this.held = false
      this.choose(null)
      return
    }
    const move = ARROWS[event.key]
    if (!move || !this.chosen) return
    event.preventDefault()
    let [n, c, y, x] = this.chosen
    const stage = this.stages[n]
    x += move[1]
    if (x >= stage.width && c + 1 < stage.channels) [c, x] = [c + 1, 0]
    if (x < 0 && c > 0) [c, x] = [c - 1, stage.width - 1]
    this.choose([n, c, clamp(y + move[0], 0, stage.height - 1), clamp(x, 0, stage.width - 1)])
  }

  choose(cell) {
    this.chosen = cell
    this.over.replaceChildren()
    const words = this.data.words
    const beside = this.stages[0].left + this.stages[0].wide + 16
    this.lens = null
    if (!cell) {
      this.live.textContent = ""
      words.hint.forEach((line, i) => svg("text", { class: "quiet big", x: beside, y: HEAD + 20 + 20 * i }, this.over, line))
      return
    }
    const [n, c, y, x] = cell
    const [stage, mark] = [this.stages[n], this.data.colors.mark]
    stage.outline(this.over, "mark", mark, c, y, x)
    if (stage.field) {
      const { size, step, start } = stage.field
      const image = this.stages[0]
      const [r, s] = stage.origin(y, x)
      for (let i = 0; i < image.channels; i++) {
        image.outline(this.over, "sees", mark, i, start[0] + r * step[0], start[1] + s * step[1], size[0], size[1])
      }
    }
    const place = stage.isMap
      ? fill(words.place, { name: stage.title, channel: c + 1, row: y + 1, column: x + 1 })
      : fill(words.unit, { name: stage.title, n: x + 1 })
    const lines = this.explain(stage, c, y, x, this.enlarge(stage, c, y, x, beside))
    svg("text", { class: "strong big", x: beside, y: 14 }, this.over, `${place}: ${number(stage.at(c, y, x), 4)}`)
    this.live.textContent = `${place}: ${lines.join("; ") || number(stage.at(c, y, x), 4)}`
  }

  /** Mark what the number was made from and write its arithmetic; returns the lines for those who listen. */
  explain(stage, c, y, x, left) {
    const [before, mark, words] = [stage.before, this.data.colors.mark, this.data.words]
    const value = stage.at(c, y, x)
    if (!before) return []
    const say = (lines, at = left, top = HEAD + 14) => {
      lines.forEach((line, i) => svg("text", { class: "line", x: at, y: top + 19 * i }, this.over, line))
      return lines
    }
    if (stage.kernel && stage.isMap) {
      const [top, start, kh, kw] = stage.window(y, x)
      const convolution = Boolean(stage.weights)
      const sums = []
      for (let i = 0; i < (convolution ? before.channels : 1); i++) {
        const from = convolution ? i : c
        before.outline(this.over, "mark", mark, from, top, start, kh, kw)
        let sum = 0
        for (let r = 0; r < kh; r++) {
          for (let s = 0; s < kw; s++) {
            const weight = convolution ? stage.weights[((c * before.channels + i) * kh + r) * kw + s] : 1
            sum += weight * before.at(from, top + r, start + s)
          }
        }
        sums.push(sum)
      }
      const most = sums.reduce((best, sum, i) => (Math.abs(sum) > Math.abs(sums[best]) ? i : best), 0)
      const shown = convolution ? most : c
      const room = this.width - left - WORDS - (convolution ? 32 : 8)
      const side = Math.max(2, Math.min(CELL, this.side / kh, room / (kw * (convolution ? 2 : 1))))
      this.numbers(left, HEAD, side, kh, kw, (r, s) => before.at(shown, top + r, start + s), before.scale, {
        padded: (r, s) => top + r < 0 || start + s < 0 || top + r >= before.height || start + s >= before.width,
      })
      let at = left + kw * side + 10
      if (convolution) {
        svg("text", { class: "big middle", x: at, y: HEAD + (kh * side) / 2 }, this.over, "×")
        at += 10
        const weights = stage.weights.subarray((c * before.channels + most) * kh * kw, (c * before.channels + most + 1) * kh * kw)
        const limit = Math.max(...weights.map(Math.abs))
        this.numbers(at, HEAD, side, kh, kw, (r, s) => weights[r * kw + s],
          { stops: this.data.colors.diverging, low: -limit, high: limit })
        at += kw * side + 12
        const bias = stage.bias[c]
        const lines = before.channels > 1
          ? [fill(words.shown, { n: most + 1, sum: number(sums[most]) }),
             fill(words.others, { n: before.channels - 1, sum: number(sums.reduce((a, b) => a + b, 0) - sums[most]) })]
          : [fill(words.products, { n: kh * kw, sum: number(sums[0]) })]
        return say([...lines, fill(words.bias, { bias: number(bias) }), `= ${number(value, 4)}`], at)
      }
      const name = stage.type === "MaxPool2d" ? words.max : fill(words.mean, { n: kh * kw })
      return say([`${name} = ${number(value, 4)}`], at + 4)
    }
    if (stage.type === "Flatten") {
      before.outline(this.over, "mark", mark, Math.floor(x / (before.height * before.width)), ...stage.origin(y, x))
      return say([words.copy])
    }
    if (stage.type === "Linear") {
      before.outline(this.over, "mark", mark, 0, 0, 0, before.height, before.width)
      const bias = stage.bias[x]
      return say([fill(words.products, { n: before.width, sum: number(value - bias) }), fill(words.bias, { bias: number(bias) }), `= ${number(value, 4)}`])
    }
    if (stage.type === "AdaptiveAvgPool2d") {
      before.outline(this.over, "mark", mark, c, 0, 0, before.height, before.width)
      return say([`${fill(words.mean, { n: before.height * before.width })} = ${number(value, 4)}`])
    }
    before.outline(this.over, "mark", mark, c, y, x)
    const from = before.at(c, y, x)
    if (stage.type === "BatchNorm2d") {
      return say([`${number(stage.weights[c], 4)} × ${number(from, 4)} + ${number(stage.bias[c], 4)}`, `= ${number(value, 4)}`])
    }
    if (stage.type === "Dropout") return say([words.copy])
    return say([`${stage.type}(${number(from, 4)}) = ${number(value, 4)}`])
  }

  /** A grid of numbers, coloured on a scale; padding is hatched out as a muted tone. */
  numbers(left, top, side, rows, columns, value, scale, { padded = () => false, exists = () => true, parent = this.over } = {}) {
    for (let r = 0; r < rows; r++) {
      for (let s = 0; s < columns; s++) {
        if (!exists(r, s)) continue
        const isPadding = padded(r, s)
        const color = isPadding ? rgb(this.data.colors.padding) : shade(scale, value(r, s))
        svg("rect", {
          class: "grid", x: left + s * side, y: top + r * side, width: side, height: side,
          fill: css(color), ...(isPadding ? { "fill-opacity": 0.45 } : {}),
        }, parent)
        if (side < LEGIBLE) continue
        svg("text", {
          class: "middle", x: left + (s + 0.5) * side, y: top + (r + 0.5) * side,
          style: `font-size:${Math.min(side * 0.4, 13)}px;fill:${ink(color)}`,
        }, parent, minus(value(r, s).toFixed(Math.abs(value(r, s)) < 10 ? 2 : 1)))
      }
    }
  }
}
