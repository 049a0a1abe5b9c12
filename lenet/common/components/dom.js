/** Elements of HTML and SVG: made from attributes and text, never from markup. */

/** @import { Color } from "./color.js" */
/** @typedef {Record<string, string | number | boolean>} Attributes */

export const SVG = "http://www.w3.org/2000/svg"

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {Node | null} [parent]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function html(name, attributes = {}, parent = null, text = "") {
  return prepared(document.createElement(name), attributes, parent, text)
}

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {Node | null} [parent]
 * @param {string} [text]
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, attributes = {}, parent = null, text = "") {
  return prepared(document.createElementNS(SVG, name), attributes, parent, text)
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Attributes} attributes
 * @param {Node | null} parent
 * @param {string} text
 */
function prepared(element, attributes, parent, text) {
  setAttributes(element, attributes)
  if (text) element.textContent = text
  parent?.appendChild(element)
  return element
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}

/**
 * @param {string} className
 * @param {string} sign
 * @param {Node} parent
 * @param {() => void} action
 */
export function button(className, sign, parent, action) {
  const made = html("button", { class: className, type: "button" }, parent, sign)
  made.onclick = action
  return made
}

/**
 * Give a control its name: for those who listen, and for those who point at it.
 * @param {HTMLElement} control
 * @param {string} words
 */
export function setName(control, words) {
  control.title = words
  control.setAttribute("aria-label", words)
}

/**
 * @param {HTMLSelectElement} select
 * @param {[value: string | number, words: string][]} options
 */
export function setOptions(select, options) {
  select.replaceChildren(...options.map(([value, words]) => html("option", { value }, null, words)))
}

/** @type {CanvasRenderingContext2D | null} */
let ruler = null

/**
 * How wide a text becomes in a CSS font.
 * @param {string} text
 * @param {string} font
 */
export function textWidth(text, font) {
  ruler ??= pen(html("canvas"))
  ruler.font = font
  return ruler.measureText(text).width
}

/**
 * Paint a canvas, or a new one; `color(i)` is the colour of its pixel i, row by row.
 * @param {number} width
 * @param {number} height
 * @param {(i: number) => Color} color
 * @param {HTMLCanvasElement} [canvas]
 */
export function paint(width, height, color, canvas = html("canvas")) {
  Object.assign(canvas, { width, height })
  const picture = new ImageData(width, height)
  for (let i = 0; i < width * height; i++) picture.data.set([...color(i), 255], 4 * i)
  pen(canvas).putImageData(picture, 0, 0)
  return canvas
}

/** @param {HTMLCanvasElement} canvas */
export function pen(canvas) {
  const context = canvas.getContext("2d")
  if (!context) throw new Error("This browser draws on no canvas")
  return context
}

/**
 * The element in focus in the tree that `node` is in: a component has a tree of its own.
 * @param {Node | undefined} node
 */
export function focused(node) {
  const root = node?.getRootNode()
  return root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null
}

/**
 * Where an element begins on the page, however far the page is scrolled.
 * @param {Element} element
 */
export function pageTop(element) {
  let top = element.getBoundingClientRect().top
  const tree = element.getRootNode()
  /** @type {Element | null} */
  let node = tree instanceof ShadowRoot ? tree.host : element
  for (; node; node = node.parentElement) top += node.scrollTop
  return top
}

/**
 * Draw anew whenever an element has another width than what is drawn in it. Returns what ends that.
 * @param {Element} element
 * @param {() => number | undefined} drawn the width for which it was drawn; undefined: not yet
 * @param {() => void} draw
 */
export function followWidth(element, drawn, draw) {
  const observer = new ResizeObserver(() => element.clientWidth !== drawn() && draw())
  observer.observe(element)
  return () => observer.disconnect()
}
