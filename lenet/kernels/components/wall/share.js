/** A link to what is on screen, and its QR code. */

import { button, focused, html, setName, svg } from "../../../common/components/dom.js"
import { fill } from "../../../common/components/text.js"

/** @import { Scene } from "./scene.js" */

const QUIET_ZONE = 4 // modules on each side, by the standard

export class SharePanel {
  /**
   * @param {HTMLElement} root
   * @param {() => void} rest where the keys go when what had them is gone
   */
  constructor(root, rest) {
    this.rest = rest
    /** @type {string | null} the query that was sent for its link */
    this.search = null
    this.panel = html("div", { class: "share", role: "dialog", tabindex: -1 }, root)
    this.panel.hidden = true
    this.panel.onkeydown = (event) => {
      if (event.key !== "Escape" && event.key !== "l") return
      event.preventDefault()
      event.stopPropagation()
      this.close()
    }
  }

  get isOpen() {
    return !this.panel.hidden
  }

  /**
   * Open the panel for a query; its link comes with a later scene.
   * @param {string} search
   * @param {Scene} scene
   */
  open(search, scene) {
    this.search = search
    this.before = focused(this.panel)
    this.panel.hidden = false
    this.show(scene)
    this.panel.focus()
  }

  close() {
    this.panel.hidden = true
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus({ preventScroll: true })
    else this.rest()
  }

  /**
   * Close it when anything but the panel is pressed.
   * @param {HTMLElement} opener which closes it by itself
   * @param {AbortSignal} signal ends the listening
   */
  closeFromOutside(opener, signal) {
    const press = (/** @type {PointerEvent} */ event) => {
      const path = event.composedPath()
      if (this.isOpen && !path.includes(this.panel) && !path.includes(opener)) this.close()
    }
    window.addEventListener("pointerdown", press, { signal })
  }

  /** @param {Scene} scene */
  show({ words, share, still }) {
    setName(this.panel, words.link)
    if (!this.isOpen) return
    this.panel.replaceChildren()
    setName(
      button("close", "✕", this.panel, () => this.close()),
      words.close,
    )
    html("div", { class: "title" }, this.panel, words.link)
    if (still) html("p", {}, this.panel, words.link_none)
    else if (share?.search !== this.search) html("p", {}, this.panel, "…")
    else this.showLink(share, words.qr)
  }

  /**
   * @param {NonNullable<Scene["share"]>} share
   * @param {string} alt
   */
  showLink({ rows, url, remark }, alt) {
    if (rows.length) {
      const size = rows.length + 2 * QUIET_ZONE
      const look = { viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges" }
      const code = svg("svg", { class: "qr", role: "img", "aria-label": fill(alt, { url }), ...look }, this.panel)
      svg("rect", { width: size, height: size, fill: "#ffffff" }, code)
      svg("path", { d: modules(rows), fill: "#000000" }, code)
    }
    html("a", { class: "address", href: url, target: "_blank", rel: "noopener" }, this.panel, url)
    if (remark) html("p", { class: "remark" }, this.panel, remark)
  }
}

/**
 * The dark modules of a QR code as squares of a path.
 * @param {string[]} rows
 */
function modules(rows) {
  let path = ""
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (row[x] === "1") path += `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`
    }
  })
  return path
}
