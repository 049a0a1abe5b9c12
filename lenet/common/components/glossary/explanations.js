import { button, html, setName } from "../dom.js"
import { clamp } from "../math.js"

/** @typedef {{ key: string, name: string, text: string }} Entry */

/**
 * @typedef {object} Scene
 * @property {string} address from which the explanations are loaded, once
 * @property {string} marker how the address of a link to a term begins; its key follows
 * @property {Record<"all" | "close" | "failed", string>} words
 */

const GAP = 6 // CSS pixels between a term and its explanation
const NARROW = 640 // CSS pixels: in a narrower window it lies at the foot, over the whole width

export class Explanations {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.scene = scene
    /** @type {Entry[] | undefined} */
    this.entries = undefined
    /** @type {HTMLElement | undefined} the term, or the button, that opened it */
    this.pressed = undefined
    this.panel = html("div", { class: "explanations", role: "dialog", tabindex: -1 }, root)
    this.panel.hidden = true
    this.closer = button("close", "✕", this.panel, () => this.close())
    this.list = html("dl", {}, this.panel)
    this.all = button("every", "", this.panel, () => this.open(""))
    this.opener = button("glossary", "", root, () => this.press(this.opener, ""))
    this.panel.onkeydown = (event) => {
      if (event.key !== "Escape") return
      event.stopPropagation()
      this.close()
    }
    this.listening = new AbortController()
    const { signal } = this.listening
    document.addEventListener("click", (event) => this.follow(event), { signal })
    document.addEventListener("pointerdown", (event) => this.leave(event), { signal })
    this.update(scene)
  }

  stop() {
    this.listening.abort()
  }

  /** @param {Scene} scene */
  update(scene) {
    if (scene.address !== this.scene.address) this.entries = undefined
    this.scene = scene
    this.panel.setAttribute("aria-label", scene.words.all)
    setName(this.closer, scene.words.close)
    this.all.textContent = this.opener.textContent = scene.words.all
  }

  /**
   * Open the explanation of the term whose link was pressed.
   * @param {MouseEvent} event
   */
  follow(event) {
    const link = event.target instanceof Element ? event.target.closest(`a[href^="${this.scene.marker}"]`) : null
    if (!(link instanceof HTMLElement)) return
    event.preventDefault() // the address of the page stays
    this.press(link, (link.getAttribute("href") ?? "").slice(this.scene.marker.length))
  }

  /**
   * @param {HTMLElement} pressed
   * @param {string} key of a term; "": all of them
   */
  press(pressed, key) {
    const again = this.pressed === pressed && !this.panel.hidden
    if (again) return this.close()
    this.pressed = pressed
    void this.open(key)
  }

  /** @param {string} key of a term; "": all of them */
  async open(key) {
    const entries = await this.load()
    const shown = entries?.filter((entry) => !key || entry.key === key) ?? []
    this.list.replaceChildren()
    for (const { name, text } of shown) {
      html("dt", {}, this.list, name)
      html("dd", {}, this.list, text)
    }
    if (!shown.length) html("dd", {}, this.list, this.scene.words.failed)
    this.all.hidden = !key
    this.panel.hidden = false
    this.panel.scrollTop = 0
    this.place(key ? this.pressed : undefined)
    this.panel.focus({ preventScroll: true })
  }

  /** @returns {Promise<Entry[] | undefined>} */
  async load() {
    try {
      this.entries ??= await (await fetch(this.scene.address)).json()
    } catch (error) {
      console.warn(error)
    }
    return this.entries
  }

  /**
   * Below the term, or above it where there is no room; all terms lie in the middle.
   * @param {HTMLElement} [term]
   */
  place(term) {
    const { style } = this.panel
    style.left = style.top = ""
    this.panel.classList.toggle("beside", Boolean(term) && window.innerWidth > NARROW)
    if (!term || window.innerWidth <= NARROW) return
    const [at, own] = [term.getBoundingClientRect(), this.panel.getBoundingClientRect()]
    const below = at.bottom + GAP
    const fits = below + own.height <= window.innerHeight
    style.left = `${clamp(at.left, GAP, Math.max(GAP, window.innerWidth - own.width - GAP))}px`
    style.top = `${fits ? below : Math.max(GAP, at.top - GAP - own.height)}px`
  }

  /** @param {PointerEvent} event */
  leave(event) {
    const path = event.composedPath()
    if (this.panel.hidden || path.includes(this.panel) || (this.pressed && path.includes(this.pressed))) return
    this.panel.hidden = true // what was pressed gets the keys
  }

  close() {
    this.panel.hidden = true
    this.pressed?.focus({ preventScroll: true })
  }
}
