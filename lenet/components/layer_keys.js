// The drawing of the network by keyboard: a list of its layers that lies over the chart and lets the pointer through.
//
// Arrows, Home and End move a frame along the layers, without a word to the server; Enter or Space opens the one framed.
// Python (lenet/figures/architecture.py) sends where the layers stand in the chart, and their names.

const views = new WeakMap()

export default function (component) {
  const root = component.parentElement.querySelector(".root")
  if (!views.has(root)) views.set(root, new List(root))
  const view = views.get(root)
  view.open = (layer) => component.setTriggerValue("open", layer)
  view.update(component.data)
  return () => {
    view.resizer.disconnect()
    views.delete(root)
  }
}

class List {
  constructor(root) {
    this.list = document.createElement("div")
    this.list.className = "list"
    this.list.tabIndex = 0
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-orientation", "horizontal")
    this.list.onkeydown = (event) => this.key(event)
    this.list.onfocus = () => this.move(this.data.selected)
    root.replaceChildren(this.list)
    this.resizer = new ResizeObserver(() => this.data && this.place())
    this.resizer.observe(this.list)
  }

  update(data) {
    this.data = data
    this.list.style.height = `${data.height}px`
    this.list.setAttribute("aria-label", data.label)
    this.options = data.layers.map(({ name }, i) => {
      const option = document.createElement("div")
      option.id = `layer-${i}`
      option.setAttribute("role", "option")
      option.setAttribute("aria-label", name)
      option.setAttribute("aria-selected", String(i === data.selected))
      option.style.borderColor = data.mark
      return option
    })
    this.list.replaceChildren(...this.options)
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
    this.at = Math.min(Math.max(layer, 0), this.options.length - 1)
    this.options.forEach((option, i) => option.classList.toggle("here", i === this.at))
    this.list.setAttribute("aria-activedescendant", this.options[this.at].id)
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = { ArrowLeft: this.at - 1, ArrowUp: this.at - 1, ArrowRight: this.at + 1, ArrowDown: this.at + 1, Home: 0, End: Infinity }
    if (event.key in to) this.move(to[event.key])
    else if (event.key === "Enter" || event.key === " ") this.open(this.at)
    else return
    event.preventDefault()
  }
}
