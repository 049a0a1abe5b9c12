/** A reader in Firefox, driven over WebDriver BiDi: pages, what lies on them also within components, errors. */

import puppeteer from "puppeteer-core"

/** @import { Browser, ElementHandle, KeyInput, Page } from "puppeteer-core" */

export const PATIENCE = 30_000 // milliseconds: a loaded machine takes its time
// Streamlit looks for its own health and configuration below the address of a page before it finds them at the root.
const STREAMLITS_OWN = /\/\w+\/_stcore\/(health|host-config)/

export const launch = () =>
  puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    defaultViewport: { width: 1366, height: 768 },
    extraPrefsFirefox: { "intl.accept_languages": "en-US" },
  })

export class Reader {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
    /** @type {string[]} */
    this.errors = []
    page.setDefaultTimeout(PATIENCE)
    page.on("pageerror", (error) => this.errors.push(String(error)))
    page.on("console", (message) => {
      const isOurs = message.type() === "error" && !STREAMLITS_OWN.test(message.location().url ?? "")
      if (isOurs) this.errors.push(message.text())
    })
  }

  /** @param {Browser} browser */
  static async come(browser) {
    const context = await browser.createBrowserContext()
    return new Reader(await context.newPage())
  }

  /** @param {string} path */
  open(path) {
    return this.page.goto(`${process.env.APP_URL}${path}`)
  }

  /**
   * The first element that a selector finds on the page or within a component, once it is there.
   * @param {string} selector
   * @returns {Promise<ElementHandle<Element>>}
   */
  async find(selector) {
    const found = await this.page.waitForFunction(first, { polling: 100 }, selector)
    return /** @type {ElementHandle<Element>} */ (found)
  }

  /**
   * Once the text of the element that a selector finds matches.
   * @param {string} selector
   * @param {RegExp} pattern
   */
  async reads(selector, pattern) {
    let text = ""
    const end = Date.now() + PATIENCE
    while (!pattern.test(text)) {
      if (Date.now() > end) throw new Error(`${selector} reads “${text}”, not ${pattern}`)
      await new Promise((done) => setTimeout(done, 50))
      text = await (await this.find(selector)).evaluate((element) => element.textContent ?? "")
    }
  }

  /**
   * @param {string} selector
   * @param {{ x?: number, y?: number }} [within] where in it, as parts of its width and height
   */
  async place(selector, { x = 0.5, y = 0.5 } = {}) {
    const element = await this.find(selector)
    await element.evaluate((e) => e.scrollIntoView({ block: "nearest" }))
    const box = await element.boundingBox()
    if (!box) throw new Error(`${selector} is not on screen`)
    return { x: box.x + x * box.width, y: box.y + y * box.height }
  }

  /** @param {string} selector */
  async click(selector) {
    const { x, y } = await this.place(selector)
    await this.page.mouse.click(x, y)
  }

  /** @param {KeyInput[]} keys */
  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /**
   * Once the query of the page's address matches.
   * @param {string} pattern
   */
  atQuery(pattern) {
    return this.page.waitForFunction((text) => new RegExp(text).test(location.search), { polling: 100 }, pattern)
  }
}

/**
 * In the browser: the first element of a selector, also in the trees of components.
 * @param {string} selector
 */
function first(selector) {
  /** @type {(Document | ShadowRoot)[]} */
  const trees = [document]
  for (const tree of trees) {
    const found = tree.querySelector(selector)
    if (found) return found
    for (const element of tree.querySelectorAll("*")) if (element.shadowRoot) trees.push(element.shadowRoot)
  }
  return null
}
