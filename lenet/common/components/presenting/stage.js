/** The stage: a container of the page that covers the screen, enlarged as far as its height allows. */

import { html } from "../dom.js"
import { clamp } from "../math.js"

const LARGEST = 2.5 // times as large as on the page
const WIDE = 860 // CSS pixels that a figure keeps across, so that it stays laid out for a wide place
const SMALLER = 0.93 // a step by which what has become too tall is made smaller
const SETTLED = 150 // milliseconds in which figures lay themselves out anew
const COMPONENT = "[data-testid=stBidiComponentIsolated]"
const REDRAWN = 2000 // milliseconds in which Streamlit draws a chart in another size
export const MARGIN = 12 // CSS pixels that stay free around it
export const FOOT = 8 // CSS pixels that stay free below

export class Stage {
  /** @param {HTMLElement} root of the component, which stays in reach */
  constructor(root) {
    this.root = root
    /** @type {HTMLElement | null} */
    this.figure = null
    this.key = ""
    this.height = 0 // of a chart on the page
    this.style = html("style")
    this.black = html("div", { class: "black", hidden: "" }, root)
    this.black.onclick = () => this.blank()
    /** @type {HTMLElement[]} what lies behind it */
    this.behind = []
    this.fitSoon = () => {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.fit(), SETTLED)
    }
  }

  get isOpen() {
    return this.figure !== null
  }

  get isBlank() {
    return !this.black.hidden
  }

  blank() {
    this.black.hidden = !this.black.hidden
  }

  toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen?.()
  }

  /**
   * Present the first of these containers that is on the page. Returns whether there is one.
   * @param {string[]} keys
   */
  open(keys) {
    if (this.isOpen) return true // a page that was asked for by a link may be presented by hand meanwhile
    for (const key of keys) {
      /** @type {HTMLElement | null} */
      const found = document.querySelector(`.st-key-${key}`)
      if (!found?.checkVisibility() || !isDrawn(found)) continue
      this.figure = found
      this.key = key
      this.height = found.querySelector(".js-plotly-plot")?.clientHeight ?? 0
      break
    }
    if (!this.figure) return false
    clearTimeout(this.timer)
    document.head.append(this.style)
    this.dress(1)
    document.documentElement.classList.add("presenting")
    this.behind = bystanders(document.body, [this.figure, host(this.root)])
    for (const part of this.behind) part.inert = true
    window.addEventListener("resize", this.fitSoon)
    this.fitSoon()
    focusable(this.figure)?.focus({ preventScroll: true })
    return true
  }

  close() {
    clearTimeout(this.timer)
    for (const part of this.behind) part.inert = false
    this.behind = []
    // A chart would stay as high as it is: its place has its old height until it is drawn again.
    const place = `.st-key-${this.key} > * { height: ${this.height}px !important; }`
    this.style.textContent = this.hasCharts ? place : ""
    this.timer = setTimeout(() => this.style.remove(), REDRAWN)
    this.black.hidden = true
    this.figure = null
    document.documentElement.classList.remove("presenting")
    window.removeEventListener("resize", this.fitSoon)
    if (document.fullscreenElement) document.exitFullscreen()
    window.dispatchEvent(new Event("resize"))
  }

  /**
   * The rules by which the container covers the screen. They go by its key: Streamlit may make its element anew.
   * @param {number} zoom
   */
  dress(zoom) {
    const app = document.querySelector("[data-testid=stApp]")
    const ground = app ? getComputedStyle(app).backgroundColor : "Canvas"
    const inside = `html.presenting .st-key-${this.key}`
    this.style.textContent = `
      ${inside} {
        position: fixed !important; inset: 0; z-index: 999980; box-sizing: border-box; overflow: hidden auto;
        width: auto !important; height: auto !important; max-width: none !important; max-height: none !important;
        padding: ${MARGIN}px; justify-content: center; background: ${ground};
        ${zoom > 1 ? enlarged(zoom) : ""}
      }
      html.presenting .st-key-page_tools { visibility: hidden; }`
  }

  get hasCharts() {
    return Boolean(this.figure?.querySelector(".js-plotly-plot")) && !this.figure?.querySelector(COMPONENT)
  }

  /** Make what is presented as large as the screen allows. */
  fit() {
    if (!this.figure) return
    // Streamlit may have made its element anew.
    if (!this.figure.isConnected) this.figure = document.querySelector(`.st-key-${this.key}`) ?? this.figure
    const { figure } = this
    const height = window.innerHeight - 2 * MARGIN - FOOT
    const largest = clamp(window.innerWidth / WIDE, 1, LARGEST)
    if (this.hasCharts) return this.dress(largest) // a chart is as large as its place
    this.dress(1)
    let zoom = clamp(height / contentHeight(figure), 1, largest)
    this.dress(zoom)
    // In the room that is left across it may have become taller.
    const shrink = () => {
      if (!this.isOpen || zoom === 1 || contentHeight(figure) <= height) return
      zoom = Math.max(1, zoom * SMALLER)
      this.dress(zoom)
      this.timer = setTimeout(shrink, SETTLED)
    }
    this.timer = setTimeout(shrink, SETTLED)
  }
}

/**
 * Rules by which a container is laid out for a smaller screen, and enlarged. Plotly knows where a pointer is on what is
 * transformed, but not on what is zoomed.
 * @param {number} zoom
 */
const enlarged = (zoom) =>
  `right: auto; bottom: auto; width: ${100 / zoom}vw !important; height: ${100 / zoom}vh !important;
   transform: scale(${zoom}); transform-origin: 0 0;`

/**
 * Whether what a container holds is drawn already.
 * @param {HTMLElement} figure
 */
function isDrawn(figure) {
  const parts = [...figure.querySelectorAll(COMPONENT)].map((part) => part.shadowRoot?.querySelector(".root"))
  const isMade = parts.length > 0 && parts.every((root) => root?.childElementCount)
  return isMade || figure.querySelector(".js-plotly-plot .main-svg, pre") !== null
}

/**
 * How tall the contents of a container are on screen, which itself is as tall as the screen.
 * @param {HTMLElement} figure
 */
function contentHeight(figure) {
  const roots = [...figure.querySelectorAll(COMPONENT)].flatMap((part) => {
    const root = part.shadowRoot?.querySelector(".root")
    return root ? [root.getBoundingClientRect()] : []
  })
  const boxes = roots.length ? roots : [...figure.children].map((part) => part.getBoundingClientRect())
  const shown = boxes.filter((box) => box.height > 0)
  if (!shown.length) return 1
  return Math.max(...shown.map((box) => box.bottom)) - Math.min(...shown.map((box) => box.top))
}

/**
 * All elements below `root` that neither hold any of those to keep nor are held by them.
 * @param {Element} root
 * @param {Element[]} keep
 * @returns {HTMLElement[]}
 */
function bystanders(root, keep) {
  return [...root.children].flatMap((child) => {
    if (!(child instanceof HTMLElement) || child.inert || keep.includes(child)) return []
    return keep.some((part) => child.contains(part)) ? bystanders(child, keep) : [child]
  })
}

/**
 * The element of the page in whose shadow a component is.
 * @param {HTMLElement} root
 */
function host(root) {
  const tree = root.getRootNode()
  return tree instanceof ShadowRoot ? tree.host : root
}

/**
 * What takes the keys in a figure: its slider, or whatever else comes first.
 * @param {HTMLElement} figure
 * @returns {HTMLElement | null}
 */
function focusable(figure) {
  const shadows = [...figure.querySelectorAll(COMPONENT)].map((part) => part.shadowRoot)
  for (const wanted of ["input[type=range]:enabled", "button:enabled, [tabindex='0']"]) {
    for (const tree of shadows) {
      /** @type {HTMLElement | null | undefined} */
      const found = tree?.querySelector(wanted)
      if (found) return found
    }
  }
  return null
}
