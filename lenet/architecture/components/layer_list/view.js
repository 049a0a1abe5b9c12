// The drawing of the network by keyboard: a list of its layers that lies over the chart and lets the pointer through.
//
// Arrows, Home and End move a frame along the layers, without a word to the server; Enter or Space opens the one framed.
// Python (lenet/figures/flow.py) sends where the layers stand in the chart, and their names.

export default mounted(
  (root) => new List(root),
  (list, component) => {
    list.open = (layer) => component.setTriggerValue("open", layer)
  },
)

class List {
  constructor(root) {
    this.list = html("div", "list", root, { tabindex: 0, role: "listbox", "aria-orientation": "horizontal" })
    this.list.onkeydown = (event) => this.key(event)
    this.list.onfocus = () => this.move(this.data.selected)
    this.resizer = new ResizeObserver(() => this.data && this.place())
    this.resizer.observe(this.list)
  }

  close() {
    this.resizer.disconnect()
  }

  update(data) {
    this.data = data
    this.list.style.height = `${data.height}px`
    this.list.setAttribute("aria-label", data.label)
    this.list.replaceChildren()
    this.options = data.layers.map(({ name }, i) => {
      const named = { id: `layer-${i}`, "aria-label": name, "aria-selected": i === data.selected }
      return html("div", "", this.list, { role: "option", style: `border-color:${data.mark}`, ...named })
    })
    this.place()
    this.move(data.selected)
  }

  /** Put every option over its column; the chart has one scale for both axes and stands in the middle of its box. */
  place() {
    const { range, height, layers } = this.data
    const width = this.list.clientWidth
    const scale = Math.min(width / range[0], height / range[1])
    const left = (width - range[0] * scale) / 2
    layers.forEach(({ from, to }, i) => {
      this.options[i].style.left = `${left + from * scale}px`
      this.options[i].style.width = `${(to - from) * scale}px`
    })
  }

  move(layer) {
    this.at = clamp(layer, 0, this.options.length - 1)
    this.options.forEach((option, i) => option.classList.toggle("here", i === this.at))
    this.list.setAttribute("aria-activedescendant", this.options[this.at].id)
  }

  key(event) {
    if (isChord(event)) return
    const to = { ArrowLeft: this.at - 1, ArrowUp: this.at - 1, ArrowRight: this.at + 1, ArrowDown: this.at + 1, Home: 0, End: Infinity }
    if (event.key in to) this.move(to[event.key])
    else if (event.key === "Enter" || event.key === " ") this.open(this.at)
    else return
    event.preventDefault()
  }
}
