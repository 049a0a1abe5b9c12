import assert from "node:assert/strict"
import { test } from "node:test"
import { next, start } from "../../lenet/common/components/charts/keys.js"

const axes = { xaxis: "x", yaxis: "y", visible: true }
const grid = {
  ...axes,
  type: "heatmap",
  z: [
    [1, 2, 3],
    [4, 5, 6],
  ],
}
/** @param {any[]} traces @param {[number, number]} range of the y axis */
const plot = (traces, range = [0, 1]) => ({
  calcdata: traces.map(({ n = 1, ...trace }) => [...Array(n)].map(() => ({ trace }))),
  _fullLayout: { yaxis: { range } },
})
const line = { ...axes, type: "scatter", n: 4 }

test("the first key goes to the first mark that can be read", () => {
  const words = { ...line, mode: "text" }
  const silent = { ...line, hoverinfo: "skip" }
  assert.deepEqual(next(plot([words, silent, line]), null, "ArrowRight"), { trace: 2, row: 0, column: 0 })
  assert.equal(next(plot([words]), null, "ArrowRight"), null)
})

test("a line has its marks from left to right, and other lines above and below", () => {
  const two = plot([line, { ...line, n: 2 }])
  const at = { trace: 0, row: 0, column: 3 }
  assert.deepEqual(next(two, { ...at, column: 2 }, "ArrowRight"), at)
  assert.deepEqual(next(two, at, "ArrowRight"), at, "its end")
  assert.deepEqual(next(two, at, "Home"), { ...at, column: 0 })
  assert.deepEqual(next(two, at, "ArrowDown"), { trace: 1, row: 0, column: 1 })
  assert.deepEqual(next(two, at, "ArrowUp"), { trace: 1, row: 0, column: 1 })
})

test("a grid has rows as they are drawn, and goes on to the next one", () => {
  const at = { trace: 0, row: 0, column: 2 }
  const upright = plot([grid, line])
  assert.deepEqual(next(upright, at, "ArrowUp"), { ...at, row: 1 })
  assert.deepEqual(next(plot([grid, line], [1, 0]), at, "ArrowDown"), { ...at, row: 1 })
  assert.deepEqual(next(upright, at, "ArrowRight"), { trace: 1, row: 0, column: 0 })
  assert.deepEqual(next(upright, { ...at, row: 1 }, "ArrowUp"), { trace: 1, row: 0, column: 2 })
})

test("a polar chart has its marks around the centre, as a line has", () => {
  const polar = { type: "scatterpolar", subplot: "polar2", visible: true, n: 36 }
  const both = plot([grid, polar])
  assert.deepEqual(next(both, { trace: 0, row: 0, column: 2 }, "ArrowRight"), { trace: 1, row: 0, column: 0 })
  assert.deepEqual(next(both, { trace: 1, row: 0, column: 9 }, "ArrowRight"), { trace: 1, row: 0, column: 10 })
  assert.deepEqual(next(both, { trace: 1, row: 0, column: 9 }, "End"), { trace: 1, row: 0, column: 35 })
})

test("a mark of another chart is forgotten", () => {
  assert.deepEqual(next(plot([line]), { trace: 0, row: 0, column: 9 }, "ArrowRight"), { trace: 0, row: 0, column: 0 })
})

test("a chart that was drawn before the module arrived is reached by Tab, as one that is drawn later", () => {
  /** @param {any} drawn */
  const chart = (drawn) => ({
    attributes: /** @type {Record<string, string>} */ ({}),
    querySelector: () => drawn,
    /** @param {string} name @param {string} value */
    setAttribute(name, value) {
      this.attributes[name] = value
    },
  })
  const early = chart(plot([line]))
  const picture = chart(plot([{ ...line, hoverinfo: "skip" }]))
  const late = chart(plot([grid]))
  const charts = [early, picture]
  let look = () => {}
  const page = {
    window: {},
    document: {
      body: {},
      addEventListener: () => {},
      querySelectorAll: () => charts.filter(({ attributes }) => !("tabindex" in attributes)),
    },
    MutationObserver: class {
      /** @param {() => void} told */
      constructor(told) {
        look = told
      }
      observe() {}
    },
  }
  Object.assign(globalThis, page)
  try {
    start()
    assert.deepEqual(early.attributes, { tabindex: "0" })
    assert.deepEqual(picture.attributes, {}, "nothing in it can be read")
    charts.push(late)
    look()
    assert.deepEqual(late.attributes, { tabindex: "0" })
  } finally {
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name)
  }
})
