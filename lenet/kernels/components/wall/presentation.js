/** The kernels alone, as large as the screen: in front of a class. */

import { html } from "../../../common/components/dom.js"

/** @import { Settings } from "./query.js" */

/**
 * Present, or stop to.
 * @param {HTMLElement} root
 * @param {boolean} presenting
 * @param {Settings["ground"]} [ground]
 */
export function present(root, presenting, ground = null) {
  root.classList.toggle("present", presenting)
  root.classList.toggle("dark", presenting && ground === "dark")
  root.classList.toggle("light", presenting && ground === "light")
  document.documentElement.classList.toggle("presenting", presenting)
}

export function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen()
  else document.documentElement.requestFullscreen?.()
}

/**
 * Whether the ground is dark: the ink is light then.
 * @param {Element} root
 */
export function isDark(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/[\d.]+/g) ?? []).map(Number)
  return 0.299 * r + 0.587 * g + 0.114 * b > 140
}

/**
 * Tab goes round among what is on screen: behind it lies the rest of the page, which nobody sees now.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} within
 */
export function stayWithin(event, within) {
  /** @type {NodeListOf<HTMLElement | SVGElement>} */
  const controls = within.querySelectorAll(":is(button, select, input):enabled, a[href], [tabindex='0']")
  const stops = [...controls].filter((node) => node.checkVisibility())
  const [target] = event.composedPath()
  const at = target instanceof HTMLElement || target instanceof SVGElement ? stops.indexOf(target) : -1
  const next = event.shiftKey ? (at < 1 ? stops.length : at) - 1 : (at + 1) % stops.length
  stops[next]?.focus({ preventScroll: true })
  event.preventDefault()
}

/**
 * Whether a control keeps a key for itself: a select its arrows and letters, a button or box its Space.
 * @param {EventTarget | undefined} control
 * @param {string} key
 */
export function keepsKey(control, key) {
  if (control instanceof HTMLSelectElement) return !key.startsWith("Page") && key !== "Escape"
  const takesSpace =
    control instanceof HTMLButtonElement || (control instanceof HTMLInputElement && control.type === "checkbox")
  return key === " " && takesSpace
}

/** A black screen, so that a class looks at its teacher. Any key, click or tap ends it. */
export class Blank {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.screen = html("div", { class: "black", hidden: "" }, root)
    this.screen.onclick = () => this.hide()
  }

  get isShown() {
    return !this.screen.hidden
  }

  show() {
    this.screen.hidden = false
  }

  hide() {
    this.screen.hidden = true
  }

  toggle() {
    this.screen.hidden = this.isShown
  }
}
