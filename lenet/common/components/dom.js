// What all components share: `ui.component` puts these lines before each of their scripts.

const SVG = "http://www.w3.org/2000/svg"

/**
 * What a component exports: a view for each of its places in the page, made once and closed in the end. It is shown the
 * data whenever they are others, `update`, and told where they came once more as they were, `again`.
 */
function mounted(make, connect = () => {}) {
  const views = new WeakMap()
  return (component) => {
    const root = component.parentElement.querySelector(".root")
    if (!views.has(root)) views.set(root, make(root, component.data))
    const view = views.get(root)
    connect(view, component)
    const text = JSON.stringify(component.data)
    if (text === view.received) view.again?.()
    else {
      view.received = text
      view.update(component.data)
    }
    return () => {
      view.close?.()
      views.delete(root)
    }
  }
}

function svg(name, attributes = {}, parent = null, text = null) {
  return node(document.createElementNS(SVG, name), attributes, parent, text)
}

function html(name, className, parent, attributes = {}, text = null) {
  return node(document.createElement(name), className ? { class: className, ...attributes } : attributes, parent, text)
}

function node(made, attributes, parent, text) {
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== null) made.textContent = text
  if (parent) parent.append(made)
  return made
}

function button(className, sign, parent, action) {
  const made = html("button", className, parent, { type: "button" }, sign)
  made.onclick = action
  return made
}

/** Give a control its name: for those who listen, and for those who point at it. */
function named(node, words) {
  node.title = words
  node.setAttribute("aria-label", words)
}

/** What a select offers: a [value, words] each. */
function choices(select, all) {
  select.replaceChildren(...all.map(([value, words]) => html("option", "", null, { value }, words)))
}

/** [rows, columns] that the keys of a grid move by. */
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }
const MOVES = { ...ARROWS, Home: [-99, -99], End: [99, 99] }

/** Whether a key belongs to the browser or the system. */
const isChord = (event) => event.ctrlKey || event.metaKey || event.altKey

/** The bytes that Python sent as base64. */
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

/** Write `keys` as `query` has them into the URL, without a word to the server; what it lacks is left out. */
function writeUrl(keys, query) {
  const url = new URL(location.href)
  for (const key of keys) {
    if (query.has(key)) url.searchParams.set(key, query.get(key))
    else url.searchParams.delete(key)
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url)
}

/** How wide a text becomes in a CSS font. */
function textWidth(text, font) {
  textWidth.pen ??= document.createElement("canvas").getContext("2d")
  textWidth.pen.font = font
  return textWidth.pen.measureText(text).width
}

/** Paint a canvas: `color(i)` is [red, green, blue] of its pixel i, row by row. */
function paint(canvas, width, height, color) {
  Object.assign(canvas, { width, height })
  const pen = canvas.getContext("2d")
  const picture = pen.createImageData(width, height)
  for (let i = 0; i < width * height; i++) picture.data.set([...color(i), 255], 4 * i)
  pen.putImageData(picture, 0, 0)
  return canvas
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)
const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
const minus = (text) => text.replace("-", "−")

/** "#rrggbb" as [red, green, blue]. */
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))

/** The colour [red, green, blue] at `place`, from 0 to 1, of a scale of [place, "#rrggbb"] stops. */
function mix(scale, place) {
  const at = Math.max(1, scale.findIndex(([stop]) => stop >= place))
  const [[low, from], [high, to]] = [scale[at - 1], scale[at]]
  const part = (place - low) / (high - low)
  return rgb(from).map((c, i) => Math.round(c + (rgb(to)[i] - c) * part))
}

const css = (color) => `rgb(${color.join(",")})`

/** How light a colour is to the eye, from 0 to 1 (the relative luminance of WCAG). */
function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const DARK = "#0f172a"
const DARKNESS = luminance(rgb(DARK))

/** The ink that reads on a colour: of white and dark the one with the greater contrast, 4.2 : 1 at least. */
function ink(color) {
  const light = luminance(color) + 0.05
  return 1.05 / light > light / (DARKNESS + 0.05) ? "#ffffff" : DARK
}

/** The copy of a picture on screen as a file that stands alone, in the colours of its surroundings. */
function alone(copy, root) {
  const look = getComputedStyle(root)
  copy.setAttribute("xmlns", SVG)
  copy.setAttribute("style", `color:${look.color};font-family:sans-serif;background:${look.getPropertyValue("--st-background-color") || "#ffffff"}`)
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" })
}

/** Hand a file to the reader. */
function save(content, name) {
  const link = html("a", "", null, { href: URL.createObjectURL(content), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** Colour of a shade 0–100 on a scale of [place, "#rrggbb"] stops, and the ink that reads on it. */
function color(scale, shade) {
  if (shade === null) return { fill: "none", ink: "currentColor" }
  const mixed = mix(scale, shade / 100)
  return { fill: css(mixed), ink: ink(mixed) }
}
