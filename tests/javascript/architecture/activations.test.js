import assert from "node:assert/strict"
import { test } from "node:test"
import { explain } from "../../../lenet/architecture/components/activations/arithmetic.js"
import { corner, hit, layout, outline } from "../../../lenet/architecture/components/activations/layout.js"
import { neighbour, Stage } from "../../../lenet/architecture/components/activations/stage.js"
import { convolution, flat, image, layer, linear, packed, padded, partial, pool } from "./stages.js"

/** @import { Words } from "../../../lenet/architecture/components/activations/scene.js" */

/** @type {Words} */
const WORDS = {
  ...{ title: "", place: "", unit: "", hint: "", hint_touch: "" },
  ...{ shown: "channel {n}: {sum}", others: "{n} others: {sum}", products: "{n} products: {sum}" },
  bias: "bias {bias}",
}

/** @param {number} channel @param {number} row @param {number} column */
const cell = (channel, row, column) => ({ stage: 1, channel, row, column })

test("numbers lie map by map, and 0 around them", () => {
  assert.equal(image.at(1, 0, 2), 11)
  assert.equal(image.at(0, -1, 0), 0)
  assert.equal(image.at(0, 0, 3), 0)
  assert.deepEqual([...image.map(1)], [9, 10, 11, 12, 13, 14, 15, 16, 17])
})

test("a convolution sums over the window of every map, and shows the one that gives most", () => {
  const { lines, from, patch, kernel } = explain(convolution, cell(0, 1, 1), WORDS)
  const [first, second] = [4 + 5 + 7 + 8, -(13 + 14 + 16 + 17)]
  assert.deepEqual(lines, [`channel 2: −${-second}.000`, `1 others: ${first}.000`, "bias 0.500", "= −35.5000"])
  assert.equal(from.length, 2)
  assert.deepEqual(patch, { channel: 1, row: 1, column: 1, height: 2, width: 2 })
  assert.deepEqual([...(kernel ?? [])], [-1, -1, -1, -1])
})

test("a pool looks at its own map alone, padding included", () => {
  const { lines, patch, kernel } = explain(pool, cell(1, 0, 1), WORDS)
  assert.deepEqual(lines, ["largest = 5.0000"])
  assert.deepEqual(patch, { channel: 1, row: -1, column: 1, height: 2, width: 2 })
  assert.equal(kernel, undefined)
})

test("a vector remembers where its numbers lay", () => {
  assert.deepEqual(flat.origin(0, 14), [1, 2])
  const { lines, from } = explain(flat, cell(0, 0, 14), WORDS)
  assert.deepEqual(lines, ["the same"])
  assert.deepEqual(from, [{ channel: 1, row: 1, column: 2, height: 1, width: 1 }])
})

test("a dense layer looks at all numbers before it", () => {
  const { lines, from } = explain(linear, cell(0, 0, 0), WORDS)
  assert.deepEqual(lines, ["18 products: 6.000", "bias 1.000", "= 7.0000"])
  assert.deepEqual(from, [{ channel: 0, row: 0, column: 0, height: 1, width: 18 }])
})

test("other layers work number by number, or map by map, as Python says", () => {
  const shape = [2, 3, 3]
  const twos = Array(18).fill(2)
  const sigmoid = new Stage(layer("Sigmoid", shape, twos, { source: "number", sum: "σ({input}) = {output}" }), image)
  assert.deepEqual(explain(sigmoid, cell(0, 0, 1), WORDS).lines, ["σ(1.0000) = 2.0000"])
  const mean = new Stage(layer("Mean", [2, 1, 1], [4, 13], { source: "map", sum: "mean = {output}" }), image)
  const { lines, from } = explain(mean, cell(1, 0, 0), WORDS)
  assert.deepEqual(lines, ["mean = 13.0000"])
  assert.deepEqual(from, [{ channel: 1, row: 0, column: 0, height: 3, width: 3 }])
})

test("a normalisation is a factor and a summand for each map", () => {
  const weights = {
    source: /** @type {const} */ ("number"),
    sum: "",
    weights: packed([2, 3]),
    bias: packed([0, -28]),
  }
  const stage = new Stage(layer("BatchNorm2d", [2, 3, 3], Array(18).fill(2), weights), image)
  assert.deepEqual(explain(stage, cell(1, 0, 1), WORDS).lines, ["3.0000 × 10.0000 + −28.0000", "= 2.0000"])
})

test("the image is made from nothing", () => {
  assert.deepEqual(explain(image, { ...cell(0, 0, 0), stage: 0 }, WORDS), { lines: [], from: [] })
})

test("what a number sees of the image", () => {
  assert.deepEqual(convolution.seen(1, 0), { row: 1, column: 0, height: 2, width: 2 })
  assert.equal(pool.seen(0, 0), null, "all of it")
  const part = { row: 0, column: 0, height: 2, width: 2 }
  for (let n = 0; n < 7; n++) assert.deepEqual(partial.seen(0, n), part, "behind a dense layer all see the same")
  assert.equal(padded.seen(0, 1), null)
  assert.deepEqual(padded.seen(1, 1), { row: 0, column: 0, height: 3, width: 3 })
})

test("arrows go from map to map sideways, and stop at the ends", () => {
  assert.deepEqual(neighbour(image, cell(0, 1, 2), [0, 1]), cell(1, 1, 0))
  assert.deepEqual(neighbour(image, cell(1, 1, 0), [0, -1]), cell(0, 1, 2))
  assert.deepEqual(neighbour(image, cell(1, 2, 2), [0, 1]), cell(1, 2, 2))
  assert.deepEqual(neighbour(image, cell(0, 0, 0), [-1, 0]), cell(0, 0, 0))
})

test("every strip fits the room, and the cell under its middle is found", () => {
  const stages = [image, convolution, flat]
  const { strips, width, height } = layout(stages, { width: 800, height: 700 })
  strips.forEach((strip, n) => {
    assert.ok(strip.x + strip.width <= width && strip.y + strip.height <= height)
    const stage = stages[n]
    const column = Math.floor(stage.width / 2)
    const x = strip.x + (stage.channels - 1) * strip.pitch + (column + 0.5) * strip.cell[0]
    const found = hit(stage, strip, [x, strip.y + strip.height / 2])
    assert.deepEqual(found, { channel: stage.channels - 1, row: Math.floor(stage.height / 2), column })
  })
  assert.equal(hit(image, strips[0], [strips[0].x - 1, strips[0].y]), null)
})

test("a window is outlined as far as it lies on the map", () => {
  const { strips } = layout([image, pool], { width: 800, height: 700 })
  const box = outline(image, strips[0], { channel: 0, row: -1, column: -1, height: 2, width: 2 })
  assert.ok(box && Math.abs(box.width - strips[0].cell[0]) < 1e-9)
  assert.deepEqual([box?.x, box?.y], [strips[0].x, strips[0].y])
  assert.equal(outline(image, strips[0], { channel: 0, row: 0, column: -3, height: 1, width: 2 }), null)
})

test("a low window makes smaller maps, down to a limit", () => {
  const tall = layout([image, convolution], { width: 800, height: 900 }).strips[1]
  const low = layout([image, convolution], { width: 800, height: 300 }).strips[1]
  assert.ok(low.height < tall.height && low.height >= 18)
})

test("on a phone names stand above the strips, and many maps in rows whose cells are found", () => {
  const many = new Stage(layer("Conv2d", [16, 10, 10], Array(1600).fill(0), { source: "window", sum: "" }), image)
  const stages = [image, many, flat]
  const { strips, width, height, isNarrow } = layout(stages, { width: 358, height: 844 })
  assert.ok(isNarrow && width === 358)
  const [, maps, vector] = strips
  assert.equal(maps.inRow, 8)
  assert.ok(maps.x + maps.width <= width && vector.y + vector.height <= height && vector.y > maps.y + maps.height)
  const last = corner(maps, 15)
  assert.deepEqual(hit(many, maps, [last.x + 9.5 * maps.cell[0], last.y + 2.5 * maps.cell[1]]), {
    ...{ channel: 15, row: 2, column: 9 },
  })
  const box = outline(many, maps, { channel: 8, row: 0, column: 0, height: 1, width: 1 })
  assert.deepEqual([box?.x, box?.y], [maps.x, maps.y + maps.drop])
  assert.equal(hit(many, maps, [maps.x + 5, maps.y - 8]), null)
  assert.equal(hit(many, maps, [maps.x + 5, maps.y - 8], 10)?.row, 0, "a finger takes the nearest")
})
