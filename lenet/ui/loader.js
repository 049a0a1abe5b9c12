/**
 * What Streamlit gets as the script of every component: it loads the component's modules and style sheets and mounts
 * it. Until they are there its place stays empty, or shows what another version drew.
 */

/** @import { Component, Host, View } from "../common/components/component.js" */

/**
 * @typedef {object} Call how Streamlit calls a component, whenever the page has run
 * @property {[unknown, string]} data the scene, and the sentence for while nothing can be loaded
 * @property {Place} parentElement
 * @property {Host["setStateValue"]} setStateValue
 * @property {Host["setTriggerValue"]} setTriggerValue
 */
/** @typedef {(ShadowRoot | HTMLElement) & { lenetComponent?: Mounted | undefined }} Place */

// components.py writes this line: where the modules are, their version, and which of them this component needs.
const FILES = { base: "", version: "", modules: [""], styles: [""] }

const LONGEST_PAUSE = 32 // seconds between two attempts
let failures = 0

/** @param {Call} call */
export default function (call) {
  const place = call.parentElement
  const address = `${FILES.version}/${FILES.modules[0]}`
  if (place.lenetComponent?.address !== address) place.lenetComponent = new Mounted(place, address)
  return place.lenetComponent.show(call)
}

/** A component in its place. Streamlit calls it again and again, whether it is loaded by then or not. */
class Mounted {
  /**
   * @param {Place} place
   * @param {string} address
   */
  constructor(place, address) {
    this.place = place
    this.address = address
    this.root = /** @type {HTMLElement} */ (place.querySelector(".root"))
    this.before = place.lenetComponent // of another version
    this.isClosed = false
    /** @type {View<unknown> | null} */
    this.view = null
    this.shown = "" // the scene that it shows
    /** @type {HTMLLinkElement[]} */
    this.links = []
    this.loaded = this.load()
  }

  /** @param {Call} call */
  show(call) {
    this.call = call
    this.loaded.then((make) => make && call === this.call && !this.isClosed && this.draw(make, call.data[0]))
    // Streamlit also ends a call that the next one has overtaken. The component ends when its place has left the page.
    return () => this.place.isConnected || this.close()
  }

  /**
   * @param {Component<unknown>} make
   * @param {unknown} scene
   */
  draw(make, scene) {
    this.view ??= this.begin(make, scene)
    const text = JSON.stringify(scene)
    if (text === this.shown) this.view.again?.()
    else this.view.update(scene)
    this.shown = text
  }

  /**
   * @param {Component<unknown>} make
   * @param {unknown} scene
   * @returns {View<unknown>}
   */
  begin(make, scene) {
    this.before?.close()
    this.before = undefined
    this.root.replaceChildren()
    /** @type {Host} */
    const host = {
      setStateValue: (name, value) => this.call?.setStateValue(name, value),
      setTriggerValue: (name, value) => this.call?.setTriggerValue(name, value),
    }
    return make(this.root, host, scene)
  }

  close() {
    this.isClosed = true
    this.before?.close()
    this.view?.close?.()
    for (const link of this.links) link.remove()
    if (this.place.lenetComponent === this) delete this.place.lenetComponent
  }

  /**
   * The component, once all its files are there; null where its place was left before.
   * @returns {Promise<Component<unknown> | null>}
   */
  async load() {
    for (let pause = 1; !this.isClosed; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const attempt = failures
      try {
        const modules = FILES.modules.map((path) => import(url(path, attempt)))
        const styles = FILES.styles.map((path) => this.link(url(path, attempt)))
        const [[index]] = await Promise.all([Promise.all(modules), Promise.all(styles)])
        return index.default
      } catch (error) {
        console.error(error)
        failures = attempt + 1
        if (!this.before?.view) this.root.textContent = this.call?.data[1] ?? ""
        await new Promise((done) => setTimeout(done, 1000 * pause))
      }
    }
    return null
  }

  /**
   * Add a style sheet to the place.
   * @param {string} href
   */
  link(href) {
    const link = document.createElement("link")
    Object.assign(link, { rel: "stylesheet", href })
    this.links.push(link)
    this.place.prepend(link)
    return new Promise((resolve, reject) => {
      link.onload = resolve
      link.onerror = () => reject(new Error(`${href} could not be loaded`))
    })
  }
}

/**
 * The address of a file. The version is there for caches alone: a browser does not ask again for a module that it could
 * not load, so that another attempt needs another address.
 * @param {string} path
 * @param {number} attempt
 */
function url(path, attempt) {
  const version = attempt ? `${FILES.version}.${attempt}` : FILES.version
  return `${location.origin}${FILES.base}${version}/${path}`
}
