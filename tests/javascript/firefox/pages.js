/** What matters most, in Firefox: step and play, the wall and its presentation, the walk, a curve that grows.
 *
 * tests/browser/test_firefox.py runs it against a server: APP_URL is its address, RUN a run
 * that is trained meanwhile, FIREFOX the browser. */

import assert from "node:assert/strict"
import { after, afterEach, before, beforeEach, test } from "node:test"
import { launch, PATIENCE, Reader } from "./reader.js"

/** @type {import("puppeteer-core").Browser} */
let browser
/** @type {Reader} */
let reader

before(async () => {
  browser = await launch()
})
after(() => browser.close())
beforeEach(async () => {
  reader = await Reader.come(browser)
})
afterEach(async () => {
  assert.deepEqual(reader.errors, [])
  await reader.page.close()
})

test("the window is stepped, played and changed", async () => {
  await reader.open("/pooling")
  await reader.reads(".panel", /max\(0, 1, 3, 4\) = 4/)
  await reader.click("button.next")
  await reader.reads(".panel", /max\(1, 2, 4, 5\) = 5/)
  const { x, y } = await reader.place("rect[data-zone=out][data-i='3']")
  await reader.page.mouse.move(x, y)
  await reader.reads(".panel", /max\(4, 5, 7, 8\) = 8/)
  await reader.click("button.play")
  await reader.reads(".zone.out", /4.*5.*7.*8/)
  const average = await reader.page.waitForSelector("::-p-text(Average)")
  await average?.click()
  await reader.atQuery("mode=avg")
  await reader.reads(".panel", /\/ 4/)
})

test("the wall is scrubbed, played and presented", async () => {
  await reader.open("/kernels")
  await reader.click(".wall .kernel")
  await reader.press("Home")
  await reader.reads("svg > text.head", /^step 0: random initialisation/)
  await reader.press("ArrowRight", "ArrowRight")
  await reader.reads("svg > text.head", /^step 2 ·/)
  await reader.atQuery("step=2(&|$)")
  await reader.press(" ")
  await reader.reads("svg > text.head", /^step \d{3,} ·/)
  await reader.press(" ")

  await reader.open("/kernels?present=1&ground=dark")
  const root = await reader.find(".root.present")
  assert.deepEqual(await root.boundingBox(), { x: 0, y: 0, width: 1366, height: 768 })
  assert.equal(await root.evaluate((r) => getComputedStyle(r).backgroundColor), "rgb(14, 17, 23)")
  await reader.press("Home", "PageDown")
  await reader.reads("svg > text.head", /^step 1 ·/)
  await reader.press("Escape")
  await reader.page.waitForFunction(() => !/present=/.test(location.search), { polling: 100 })
})

test("an image is walked through", async () => {
  await reader.open("/architecture?tab=walk")
  await reader.reads("[data-testid=stApp]", /Predicted: Ankle boot/)
  const { x, y } = await reader.place(".layer:nth-of-type(2) image", { x: 14.5 / 28, y: 14.5 / 28 })
  await reader.page.mouse.click(x, y)
  await reader.page.mouse.move(5, 5)
  await reader.reads(".over", /1 Conv2d, channel 1, row 15, column 15.*sum of 25 products/)
  await reader.press("ArrowRight", "ArrowDown")
  await reader.reads(".over", /channel 1, row 16, column 16/)
})

test("a curve grows while a run is trained", async () => {
  await reader.open(`/training?run=${process.env.RUN}`)
  await reader.reads("[data-testid=stProgress]", /^training/)
  const first = await reached(reader, 0)
  await reached(reader, await reached(reader, first))
})

/**
 * The epoch that the curve of the steps has reached, once that is later than an earlier one. The number of its points does
 * not tell: a long curve is thinned.
 * @param {Reader} reader
 * @param {number} before
 */
async function reached(reader, before) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const epoch = await drawn(reader)
    if (epoch > before) return epoch
    if (Date.now() > end) throw new Error(`the curve stays at ${epoch}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** @param {Reader} reader */
async function drawn(reader) {
  const plot = await reader.find(".js-plotly-plot")
  return plot.evaluate((element) => {
    /** @typedef {{ x?: number[], _input: { hovertemplate?: string } }} Trace */
    const traces = /** @type {{ _fullData?: Trace[] }} */ (element)._fullData ?? []
    return traces.find((trace) => trace._input.hovertemplate?.startsWith("loss of a step"))?.x?.at(-1) ?? 0
  })
}
