/**
 * The stage: a container of the page that covers the screen, enlarged as far as its height allows. Another may stand above
 * it: the question that the figure is about.
 */

import { html } from "../dom.js"
import { clamp } from "../math.js"

const LARGEST = 2.5 // times as large as on the page
const WIDE = 860 // CSS pixels that a figure keeps across, so that it stays laid out for a wide place
const SMALLER = 0.93 // a step by which what has become too tall is made smaller
const SETTLED = 150 // milliseconds in which figures lay themselves out anew
const COMPONENT = "[data-testid=stBidiComponentIsolated]"
const READ_FROM_AFAR = 1.35 // times as large as on the page are the words above the figure
const REDRAWN = 2000 // milliseconds in which Streamlit draws a chart in another size
export const MARGIN = 12 // CSS pixels that stay free around it
export const FOOT = 8 // CSS pixels that stay free below

export class Stage {
  /**
   * @param {HTMLElement} root of the component, which stays in reach
   * @param {string} above key of the container that stands above the figure, if the page has it
   */
  constructor(root, above) {
    this.root = root
    this.above = above
    /** @type {HTMLElement | null} */
    this.figure = null
    this.key = ""
    /** @type {string[]} */
    this.keys = []
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
    /** @type {HTMLElement | null} */
    this.observed = null
    this.changed = new MutationObserver(() => this.renew())
    this.resized = new ResizeObserver(this.fitSoon) // of the words: an answer makes them longer
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
    if (!this.choose(keys)) return false
    clearTimeout(this.timer)
    document.head.append(this.style)
    this.dress(1)
    document.documentElement.classList.add("presenting")
    this.leaveBehind()
    this.changed.observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] })
    window.addEventListener("resize", this.fitSoon)
    this.fitSoon()
    if (this.figure) focusable(this.figure)?.focus({ preventScroll: true })
    return true
  }

  /**
   * Take the first of these containers that is drawn. Returns whether there is one.
   * @param {string[]} keys
   */
  choose(keys) {
    this.keys = keys
    for (const key of keys) {
      /** @type {HTMLElement | null} */
      const found = document.querySelector(`.st-key-${key}`)
      if (!found?.checkVisibility() || !isDrawn(found)) continue
      this.figure = found
      this.key = key
      this.height = found.querySelector(".js-plotly-plot")?.clientHeight ?? 0
      return true
    }
    return false
  }

  /** What stands above the figure: an answer has the page drawn anew.
   * @returns {HTMLElement | null} */
  get words() {
    return this.above ? document.querySelector(`.st-key-${this.above}`) : null
  }

  /** How much of the screen the words take. */
  get wordsHeight() {
    return this.words?.getBoundingClientRect().height ?? 0
  }

  /** Keep everything else of the page out of reach. */
  leaveBehind() {
    if (!this.figure) return
    this.comeBack()
    const { words } = this
    this.behind = bystanders(document.body, [this.figure, host(this.root), ...(words ? [words] : [])])
    for (const part of this.behind) part.inert = true
    if (words) this.resized.observe(words)
    this.observed = words
  }

  comeBack() {
    this.resized.disconnect()
    for (const part of this.behind) part.inert = false
    this.behind = []
  }

  /** The page has changed: after an answer there may be other words above the figure, and another tab with its own. */
  renew() {
    if (!this.figure) return
    clearTimeout(this.drawing)
    const isGone = !this.figure.isConnected || !this.figure.classList.contains(`st-key-${this.key}`)
    if (!isGone && this.words === this.observed) return
    if (isGone && !this.choose(this.keys)) {
      this.drawing = setTimeout(() => this.renew(), SETTLED)
      return
    }
    this.leaveBehind()
    this.fitSoon()
  }

  close() {
    clearTimeout(this.timer)
    clearTimeout(this.drawing)
    this.changed.disconnect()
    this.comeBack()
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
    const words = `html.presenting .st-key-${this.above}`
    this.style.textContent = `
      ${
        this.above &&
        `${words} {
        position: fixed !important; inset: 0 0 auto; z-index: 999981; box-sizing: border-box; width: auto !important;
        max-height: 50vh; overflow: auto; padding: ${MARGIN}px; background: ${ground};
      }
      ${words} p { font-size: ${READ_FROM_AFAR}rem; }`
      }
      ${inside} {
        position: fixed !important; inset: ${this.wordsHeight}px 0 0; z-index: 999980; box-sizing: border-box; overflow: hidden auto;
        width: auto !important; height: auto !important; max-width: none !important; max-height: none !important;
        padding: ${MARGIN}px; justify-content: center; background: ${ground};
        ${zoom > 1 ? enlarged(zoom, this.wordsHeight) : ""}
      }
      html.presenting .st-key-page_tools { visibility: hidden; }`
  }

  get hasCharts() {
    return Boolean(this.figure?.querySelector(".js-plotly-plot")) && !this.figure?.querySelector(COMPONENT)
  }

  /** Make what is presented as large as the screen allows. */
  fit() {
    const { figure } = this
    if (!figure) return
    const height = window.innerHeight - this.wordsHeight - 2 * MARGIN - FOOT
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
 * @param {number} above CSS pixels of the screen that are taken
 */
const enlarged = (zoom, above) =>
  `right: auto; bottom: auto; width: ${100 / zoom}vw !important; height: calc((100vh - ${above}px) / ${zoom}) !important;
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
