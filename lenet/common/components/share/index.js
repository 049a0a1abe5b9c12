/** The button in the head of every page that shows the link to what is on screen, as text and as a QR code. */

import { html, svg } from "../dom.js"
import { SharePanel } from "./panel.js"

/** @import { Component } from "../component.js" */
/** @import { Sharing } from "./panel.js" */

/** @typedef {Sharing & { words: Sharing["words"] & { share: string } }} Scene */

/** @type {Component<Scene>} */
export default function share(root, host, first) {
  let scene = first
  const opener = html(
    "button",
    { class: "opener", type: "button", "aria-haspopup": "dialog", "aria-expanded": false },
    root,
  )
  const sign = svg("svg", { viewBox: "0 0 18 18", width: 16, height: 16, "aria-hidden": true }, opener)
  const line = { fill: "none", stroke: "currentColor", "stroke-linecap": "round" }
  svg("path", { d: "M13 4L5 9l8 5", "stroke-width": 1.5, ...line }, sign)
  svg("path", { d: "M13 4h0M5 9h0M13 14h0", "stroke-width": 5, ...line }, sign)
  const word = html("span", {}, opener)
  const listening = new AbortController()
  /** @type {SharePanel | null} */
  let panel = null

  opener.onclick = () => {
    panel ??= made()
    if (panel.isOpen) return panel.close()
    const search = location.search.replace(/^\?/, "")
    panel.open(search, scene)
    opener.setAttribute("aria-expanded", "true")
    host.setTriggerValue("link", search)
  }

  const made = () => {
    const made = new SharePanel(
      root,
      () => opener.focus(),
      (on) => host.setTriggerValue("guests", on),
    )
    made.closeFromOutside(opener, listening.signal)
    made.onClose = () => opener.setAttribute("aria-expanded", "false")
    return made
  }

  return {
    update(next) {
      scene = next
      word.textContent = scene.words.share
      opener.title = scene.words.link
      panel?.show(scene)
    },
    close: () => listening.abort(),
  }
}
