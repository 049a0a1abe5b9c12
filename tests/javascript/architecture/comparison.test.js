import assert from "node:assert/strict"
import { test } from "node:test"
import { layerAt, layout, moved } from "../../../lenet/architecture/components/comparison/layout.js"

/** @param {number[][]} layers */
const net = (layers) => ({
  name: "",
  label: "",
  totals: [],
  layers: layers.map((values) => ({ color: "", values, words: "" })),
})

const NETS = [
  net([
    [6, 0],
    [2, 10],
  ]),
  net([
    [1, 1],
    [0, 3],
    [1, 1],
  ]),
] // two measures

test("bars are as long as what they stand for, and lie beside or below one another", () => {
  for (const [width, isStacked] of /** @type {const} */ ([
    [1200, false],
    [358, true],
  ])) {
    const at = layout(NETS, 2, { width, names: 120, legend: [90, 60, 160] })
    assert.equal(at.isStacked, isStacked)
    const [first, second] = at.rows.map(({ bars }) => bars[0].edges)
    assert.ok(Math.abs(first[2] / second[3] - 8 / 2) < 1e-9)
    assert.equal(second[1], second[2], "what costs nothing has no width")
    for (const { box, bars } of at.rows) {
      for (const bar of bars) {
        assert.ok(bar.box.x + bar.box.width <= width && bar.edges[bar.edges.length - 1] <= bar.box.width + 1e-6)
        assert.ok(
          bar.box.y >= box.y && bar.box.y + bar.box.height <= box.y + box.height && box.y + box.height <= at.height,
        )
      }
    }
    const below = Math.max(...at.rows.map(({ box }) => box.y + box.height))
    at.legend.forEach(({ swatch, text }, i) => {
      assert.ok(swatch.y >= below && text.x + [90, 60, 160][i] <= width && swatch.y + swatch.height <= at.height)
    })
    assert.equal(at.legend[2].text.y > at.legend[0].text.y, isStacked, "in as many lines as it takes")
    const [left, right] = at.rows[0].bars.map(({ box }) => box)
    assert.ok(isStacked ? right.y >= left.y + 24 : right.x > left.x + left.width)
  }
})

test("the segment under a finger, or the nearest", () => {
  assert.equal(layerAt([0, 60, 60, 80], 59), 0)
  assert.equal(layerAt([0, 60, 60, 80], 61), 2)
  assert.equal(layerAt([0, 60, 60, 80], 300), 2)
  assert.equal(layerAt([0, 60, 60, 80], -5), 0)
  assert.equal(layerAt([0, 0, 0], 3), 0)
})

test("keys go along the layers, and from network to network", () => {
  assert.deepEqual(moved("ArrowRight", { net: 0, layer: 0 }, NETS), { net: 0, layer: 1 })
  assert.deepEqual(moved("ArrowRight", { net: 0, layer: 1 }, NETS), { net: 0, layer: 1 })
  assert.deepEqual(moved("ArrowUp", { net: 1, layer: 2 }, NETS), { net: 0, layer: 1 })
  assert.deepEqual(moved("End", { net: 1, layer: 0 }, NETS), { net: 1, layer: 2 })
  assert.equal(moved("x", { net: 1, layer: 0 }, NETS), null)
})
