/** A link to what is on screen, and its QR code. */

import { copy } from "../clipboard.js"
import { button, focused, html, setName } from "../dom.js"
import { isChord } from "../keys.js"
import { qrCode } from "../qr.js"
import { fill } from "../text.js"

/**
 * The link that was asked for.
 * @typedef {object} Share
 * @property {string} search the query that it is of
 * @property {string} url
 * @property {string[]} rows of its QR code: "1" is dark
 * @property {string} remark
 */
/**
 * What the panel needs of a scene.
 * @typedef {object} Sharing
 * @property {Share | null} share
 * @property {boolean} [still] what is shown is only in this browser: there is no link to it
 * @property {{ on: boolean, label: string, hint: string } | null} [guests] the switch of whoever sits at the machine
 * @property {Record<"link" | "link_none" | "qr" | "copy" | "copied" | "close", string>} words
 */

export class SharePanel {
  /**
   * @param {HTMLElement} root
   * @param {() => void} rest where the keys go when what had them is gone
   * @param {(on: boolean) => void} [setGuests] whether guests may only look
   */
  constructor(root, rest, setGuests) {
    this.rest = rest
    this.setGuests = setGuests
    /** @type {string | null} the query that was sent for its link */
    this.search = null
    /** @type {(() => void) | undefined} */
    this.onClose = undefined
    this.panel = html("div", { class: "share", role: "dialog", tabindex: -1 }, root)
    this.panel.hidden = true
    this.panel.onkeydown = (event) => {
      if (isChord(event) || !["Escape", "l", "L"].includes(event.key)) return
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
   * @param {Sharing} scene
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
    this.onClose?.()
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

  /** @param {Sharing} scene */
  show({ words, share, still = false, guests = null }) {
    setName(this.panel, words.link)
    if (!this.isOpen) return
    const key = focused(this.panel)?.className // of what is drawn anew, and shall keep the keys
    this.panel.replaceChildren()
    setName(
      button("close", "✕", this.panel, () => this.close()),
      words.close,
    )
    html("div", { class: "title" }, this.panel, words.link)
    if (still) html("p", {}, this.panel, words.link_none)
    else if (share?.search !== this.search) html("p", {}, this.panel, "…")
    else this.showLink(share, words)
    if (guests) this.showGuests(guests)
    if (key) /** @type {HTMLElement | null} */ (this.panel.querySelector(`[class="${key}"]`))?.focus()
  }

  /**
   * @param {Share} share
   * @param {Sharing["words"]} words
   */
  showLink({ rows, url, remark }, words) {
    if (rows.length) qrCode(rows, fill(words.qr, { url }), this.panel)
    html("a", { class: "address", href: url, target: "_blank", rel: "noopener" }, this.panel, url)
    const taken = button("copy", words.copy, this.panel, async () => {
      if (await copy(url)) taken.textContent = words.copied
    })
    if (remark) html("p", { class: "remark" }, this.panel, remark)
  }

  /** @param {NonNullable<Sharing["guests"]>} guests */
  showGuests({ on, label, hint }) {
    const row = html("label", { class: "guests" }, this.panel)
    const box = html("input", { class: "only-look", type: "checkbox" }, row)
    box.checked = on
    box.onchange = () => this.setGuests?.(box.checked)
    const words = html("span", {}, row)
    html("strong", {}, words, label)
    html("small", {}, words, hint)
  }
}
