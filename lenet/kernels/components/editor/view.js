// One's own kernel: a grid of weights to edit, and at once its signed response on an image.
//
// Python (lenet/figures/lab.py) sends images and kernels to begin with; all the rest happens here, and nothing goes to
// the server. What is edited is in the URL: own=the weights row by row, on=the image.

export default mounted((root) => new Lab(root))

const tidy = (value) => String(Number(value.toFixed(3)))

/** A number as people type it, or NaN: "−1.5", "-1,5", ".5". */
function parse(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".")
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN
}

/** What Conv2d computes with one kernel of size×size on one image, zero padding of half a kernel, no bias. */
function correlate(pixels, side, weights, size) {
  const pad = Math.floor(size / 2)
  const out = side + 2 * pad - size + 1
  const sums = new Float64Array(out * out)
  for (let y = 0; y < out; y++)
    for (let x = 0; x < out; x++) {
      let sum = 0
      for (let r = 0; r < size; r++) {
        const row = y + r - pad
        if (row < 0 || row >= side) continue
        for (let c = 0; c < size; c++) {
          const column = x + c - pad
          if (column >= 0 && column < side) sum += weights[r * size + c] * pixels[row * side + column]
        }
      }
      sums[y * out + x] = sum
    }
  return { sums, out }
}

class Lab {
  constructor(root) {
    this.root = root
    this.image = 0
    this.build()
  }

  close() {
    clearTimeout(this.remembering)
  }

  build() {
    const { root } = this
    const bar = html("div", "bar", root)
    this.presets = html("select", "presets", bar)
    this.presets.onchange = () => this.begin(Number(this.presets.value))
    this.images = html("select", "images", bar)
    this.images.onchange = () => this.set({ image: Number(this.images.value) })
    this.flip = button("flip", "", bar, () => this.use(this.weights.map((w) => -w)))
    this.turn = button("turn", "", bar, () => {
      const { size } = this.data
      this.use(this.weights.map((unused, i) => this.weights[(i % size) * size + (size - 1 - Math.floor(i / size))]))
    })
    const row = html("div", "row", root)
    const panel = (name) => {
      const figure = html("figure", name, row)
      const caption = html("figcaption", "", figure)
      return { figure, caption }
    }
    this.editor = panel("editor")
    this.grid = html("div", "grid", this.editor.figure, { role: "group" })
    this.seen = panel("seen")
    this.original = html("canvas", "", this.seen.figure, { role: "img" })
    this.result = panel("result")
    this.response = html("canvas", "", this.result.figure, { role: "img" })
    this.response.setAttribute("tabindex", 0)
    this.response.onkeydown = (event) => this.move(event)
    for (const canvas of [this.response, this.original]) {
      canvas.onpointermove = (event) => this.point(event)
      canvas.onpointerleave = () => this.say()
      canvas.onblur = () => this.say()
    }
    this.mark = html("div", "mark", this.result.figure)
    this.remark = html("div", "remark", root, { "aria-live": "polite" })
  }

  /** Streamlit may have written a query of its own. */
  again() {
    this.remember()
  }

  update(data) {
    const first = !this.data || this.data.size !== data.size
    this.data = data
    this.mark.style.outlineColor = data.mark
    this.pixels = data.images.map(({ pixels }) => Float64Array.from(bytes(pixels), (value) => value / 255))
    const { words, size } = data
    choices(this.presets, data.presets.map(({ name }, i) => [i, name]))
    html("option", "", this.presets, { value: -1, disabled: "" }, words.own)
    choices(this.images, data.images.map(({ name }, i) => [i, name]))
    named(this.presets, words.begin)
    named(this.images, words.image)
    named(this.grid, words.grid)
    this.flip.textContent = words.flip
    this.turn.textContent = words.turn
    this.editor.caption.textContent = words.grid
    this.seen.caption.textContent = words.image
    this.grid.style.gridTemplateColumns = `repeat(${size}, 1fr)`
    this.grid.replaceChildren()
    this.cells = Array.from({ length: size * size }, (unused, i) => {
      const place = { row: Math.floor(i / size) + 1, column: (i % size) + 1 }
      const cell = html("input", "cell", this.grid, { type: "text", inputmode: "decimal", "aria-label": fill(words.cell, place), autocomplete: "off" })
      cell.oninput = () => this.typed(i)
      cell.onblur = () => this.write()
      cell.onkeydown = (event) => this.key(event, i)
      return cell
    })
    if (first) {
      // While the page lives, what was set last; after that, what the link asks for.
      const asked = new URLSearchParams(window.lenetLab ?? data.asked)
      const given = (asked.get("own") ?? "").split(",").map(parse)
      const image = Number(asked.get("on") ?? 0)
      if (Number.isInteger(image) && this.pixels[image]) this.image = image
      const usable = given.length === size * size && given.every((w) => Math.abs(w) <= data.limit)
      this.weights = usable ? given : [...data.presets[0].values]
    }
    this.remember()
    this.write()
    this.show()
  }

  begin(preset) {
    this.use([...this.data.presets[preset].values])
  }

  use(weights) {
    this.weights = weights
    this.write()
    this.show()
    this.remember()
  }

  set(changes) {
    Object.assign(this, changes)
    this.show()
    this.remember()
  }

  /** A cell's text as a weight at once; what is no number is told, and the old weight stays. */
  typed(i) {
    const value = parse(this.cells[i].value)
    const { limit, words } = this.data
    const good = Math.abs(value) <= limit
    this.cells[i].setAttribute("aria-invalid", String(!good))
    if (!good) return void (this.remark.textContent = fill(words.bad, { value: this.cells[i].value.slice(0, 20), limit }))
    this.weights[i] = value
    this.show()
    this.remember()
  }

  /** Up and down go through the rows, with Shift by a tenth; left and right at the ends of a text. */
  key(event, i) {
    const { size, limit } = this.data
    const cell = this.cells[i]
    const rows = { ArrowUp: -size, ArrowDown: size }
    const all = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length
    if (event.shiftKey && event.key in rows) {
      this.weights[i] = clamp(Number((this.weights[i] + (event.key === "ArrowUp" ? 0.1 : -0.1)).toFixed(3)), -limit, limit)
      this.write()
      this.show()
      this.remember()
    } else if (event.key in rows || event.key === "Enter") this.cells[i + (rows[event.key] ?? size)]?.focus()
    else if (event.key === "ArrowLeft" && (all || cell.selectionEnd === 0)) this.cells[i - 1]?.focus()
    else if (event.key === "ArrowRight" && (all || cell.selectionStart === cell.value.length)) this.cells[i + 1]?.focus()
    else return
    event.preventDefault()
    const root = this.root.getRootNode()
    if (root.activeElement?.classList.contains("cell")) root.activeElement.select()
  }

  /** The weights into their cells. */
  write() {
    this.cells.forEach((cell, i) => {
      cell.value = minus(tidy(this.weights[i]))
      cell.setAttribute("aria-invalid", "false")
    })
  }

  show() {
    const { data, weights } = this
    const { size, side, words, scale } = data
    const most = Math.max(...weights.map(Math.abs)) || 1
    weights.forEach((w, i) => {
      const color = mix(scale, (w / most + 1) / 2)
      this.cells[i].style.background = css(color)
      this.cells[i].style.color = ink(color)
    })
    const match = data.presets.findIndex(({ values }) => values.every((v, i) => Math.abs(v - weights[i]) < 5e-4))
    this.presets.value = match
    this.images.value = this.image
    const pixels = this.pixels[this.image]
    paint(this.original, side, side, (i) => Array(3).fill(Math.round(pixels[i] * 255)))
    const { sums, out } = correlate(pixels, side, weights, size)
    this.sums = sums
    this.out = out
    const limit = Math.max(...sums.map(Math.abs)) || 1
    paint(this.response, out, out, (i) => mix(scale, (sums[i] / limit + 1) / 2))
    const number = (v) => minus(v.toFixed(2))
    const range = { min: number(Math.min(...sums)), max: number(Math.max(...sums)), limit: number(limit) }
    this.result.caption.textContent = fill(words.response, range)
    this.response.setAttribute("aria-label", fill(words.alt, { image: data.images[this.image].name, ...range }))
    this.original.setAttribute("aria-label", data.images[this.image].name)
    this.say()
  }

  say() {
    const { words } = this.data
    this.place = null
    this.mark.style.display = "none"
    const sum = this.weights.reduce((a, w) => a + w, 0)
    this.remark.textContent = fill(words.sum, { sum: minus(sum.toFixed(2)) })
  }

  /** Tell the place under the pointer. */
  point(event) {
    const box = event.currentTarget.getBoundingClientRect()
    const at = (where, from, length) => clamp(Math.floor(((where - from) / length) * this.out), 0, this.out - 1)
    this.tell(at(event.clientY, box.top, box.height), at(event.clientX, box.left, box.width))
  }

  /** With the response in focus arrows go from place to place. */
  move(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [-Infinity, -Infinity], End: [Infinity, Infinity] }
    if (!(event.key in moves)) return
    event.preventDefault()
    const middle = Math.floor(this.out / 2)
    const from = this.place ?? [middle, middle]
    this.tell(...moves[event.key].map((by, axis) => clamp(from[axis] + by, 0, this.out - 1)))
  }

  /** The weighted sum at a place of the response, which is framed. */
  tell(row, column) {
    this.place = [row, column]
    const { offsetLeft, offsetTop, offsetWidth } = this.response
    const cell = offsetWidth / this.out
    Object.assign(this.mark.style, { display: "block", left: `${offsetLeft + column * cell}px`, top: `${offsetTop + row * cell}px`, width: `${cell}px`, height: `${cell}px` })
    const value = minus(this.sums[row * this.out + column].toFixed(3))
    this.remark.textContent = fill(this.data.words.place, { row: row + 1, column: column + 1, value })
  }

  /** Write what is edited into the URL, a moment after the last change, without a word to the server. */
  remember() {
    clearTimeout(this.remembering)
    const first = this.data.presets[0].values.every((v, i) => Math.abs(v - this.weights[i]) < 5e-4)
    const query = new URLSearchParams()
    if (!first) query.set("own", this.weights.map(tidy).join(","))
    if (this.image) query.set("on", this.image)
    window.lenetLab = query.toString()
    this.remembering = setTimeout(() => writeUrl(["own", "on"], query), 300)
  }
}
