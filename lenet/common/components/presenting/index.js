/**
 * The button in the head of a page that presents its main figure: alone, as large as the screen. The page says by key
 * which containers may hold it, and the first that is on screen counts. It is in the address as `present=1`. The kernels
 * have a presentation of their own, with more to set.
 */

import { linkedQuery, writeQuery } from "../address.js"
import { button, html, svg } from "../dom.js"
import { isChord } from "../keys.js"
import { Stage } from "./stage.js"

/** @import { Component } from "../component.js" */

/**
 * @typedef {object} Scene
 * @property {string[]} figures keys of containers
 * @property {string} above key of the container that is shown above the figure, if it is on the page
 * @property {Record<string, string>} asked what the reader's link says
 * @property {Record<"present" | "more" | "leave" | "blank" | "full" | "hint" | "none", string>} words
 */

const KEYS = ["present"]
const SIGN = {
  fill: "none",
  stroke: "currentColor",
  "stroke-width": 1.5,
  "stroke-linejoin": "round",
  "stroke-linecap": "round",
}
const PATIENCE = 20_000 // milliseconds that a linked page may take to draw its figure
const DRAWING = 1500 // milliseconds that the figure of another tab may take

/** The link counts once: who goes on to another page does not present that one too. */
let isLinked = true

/** @type {Component<Scene>} */
export default function presenting(root, _host, scene) {
  const closing = new AbortController()
  const opener = button("opener", "", root, () => presentWithin(DRAWING, tellNone))
  const sign = svg("svg", { viewBox: "0 0 18 18", width: 16, height: 16, "aria-hidden": true }, opener)
  svg("path", { d: "M2 2.5h14v10H2zM9 12.5v3M5.5 15.5h7M7.5 5l4 2.5-4 2.5z", ...SIGN }, sign)
  const word = html("span", {}, opener)
  const bar = html("div", { class: "stage-bar", hidden: "" }, root)
  const blank = button("blank", "", bar, () => stage.blank())
  const full = button("full", "", bar, () => stage.toggleFullscreen())
  const leave = button("leave", "", bar, () => stop())
  const hint = html("div", { class: "stage-hint", role: "status" }, root)
  const stage = new Stage(root, scene.above)

  const write = () => writeQuery(KEYS, new URLSearchParams(stage.isOpen ? { present: "1" } : {}))
  const present = () => {
    if (!stage.open(scene.figures)) return false
    bar.hidden = false
    hint.textContent = scene.words.hint
    write()
    return true
  }
  /**
   * Present as soon as the figure is drawn; a page draws it a while after its head.
   * @param {number} patience milliseconds
   * @param {() => void} [otherwise]
   */
  const presentWithin = (patience, otherwise) => {
    const until = performance.now() + patience
    const wait = () => {
      if (closing.signal.aborted || stage.isOpen || present()) return
      if (performance.now() < until) setTimeout(wait, 100)
      else otherwise?.()
    }
    wait()
  }
  const tellNone = () => {
    hint.textContent = ""
    requestAnimationFrame(() => (hint.textContent = scene.words.none)) // said again, and shown again
  }
  const stop = () => {
    stage.close()
    bar.hidden = true
    hint.textContent = ""
    write()
    opener.focus({ preventScroll: true })
  }
  /** @type {Record<string, () => void>} */
  const commands = {
    Escape: stop,
    b: () => stage.blank(),
    ".": () => stage.blank(),
    f: () => stage.toggleFullscreen(),
  }
  window.addEventListener(
    "keydown",
    (event) => {
      if (!stage.isOpen || isChord(event) || isTyping(event)) return
      const command = stage.isBlank
        ? () => stage.blank()
        : commands[event.key.length > 1 ? event.key : event.key.toLowerCase()]
      if (!command) return
      command()
      event.preventDefault()
      event.stopPropagation()
    },
    { signal: closing.signal, capture: true },
  )
  const isAsked = isLinked && linkedQuery(KEYS, scene.asked).get("present") === "1"
  isLinked = false
  if (isAsked) presentWithin(PATIENCE)
  return {
    update(next) {
      scene = next
      const { words } = scene
      word.textContent = words.present
      opener.title = words.more
      blank.textContent = words.blank
      full.textContent = words.full
      leave.textContent = words.leave
    },
    again: () => stage.isOpen && write(), // Streamlit may have written a query of its own
    close() {
      closing.abort()
      if (stage.isOpen) stage.close()
    },
  }
}

/**
 * Whether a key is written into a field.
 * @param {Event} event
 */
function isTyping(event) {
  const [target] = event.composedPath()
  const isText = target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type)
  return isText || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
