import assert from "node:assert/strict"
import { test } from "node:test"
import { layerAfter, layout, part } from "../../../lenet/architecture/components/flow/layout.js"

/** @import { Place } from "../../../lenet/architecture/components/flow/layout.js" */

/** @type {[string, number[]][]} the note's network */
const LENET = [
  ...[
    ["Input", [1, 28, 28]],
    ["Conv2d", [6, 28, 28]],
    ["Sigmoid", [6, 28, 28]],
    ["AvgPool2d", [6, 14, 14]],
  ],
  ...[
    ["Conv2d", [16, 10, 10]],
    ["Sigmoid", [16, 10, 10]],
    ["AvgPool2d", [16, 5, 5]],
    ["Flatten", [400]],
  ],
  ...[
    ["Linear", [120]],
    ["Sigmoid", [120]],
    ["Linear", [84]],
    ["Sigmoid", [84]],
    ["Linear", [10]],
  ],
].map(([name, shape]) => [String(name), /** @type {number[]} */ (shape)])

/** @param {[string, number[]][]} network */
const stages = (network) => network.map(([name, shape]) => ({ name, size: shape.join("×"), shape, color: "#000000" }))

const measure = (/** @type {string} */ text, /** @type {number} */ size) => text.length * size * 0.52

/**
 * @param {number} width
 * @param {[string, number[]][]} [network]
 */
const laid = (width, network = LENET) => layout(stages(network), { width, measure })

/** @param {Place} place */
const extent = ({ front, back }) => ({
  left: front.x,
  right: front.x + front.width + back,
  top: front.y - back,
  bottom: front.y + front.height,
})

test("one row on a laptop, several on a phone, and letters that can be read on each", () => {
  assert.deepEqual(
    [1206, 788, 358, 328].map((width) => Math.max(...laid(width).places.map(({ row }) => row)) + 1),
    [1, 1, 3, 3],
  )
  for (const width of [1760, 1206, 788, 651, 358, 328]) assert.ok(laid(width).font >= 11)
  assert.ok(laid(1206).height <= 230, "the words about a layer are on the same screen")
  assert.ok(laid(358).height <= 620)
})

test("nothing reaches out of its column, nor its words into its picture", () => {
  const wide = /** @type {[string, number[]][]} */ ([
    ["Input", [3, 10, 100]],
    ["AdaptiveAvgPool2d", [64, 3, 90]],
  ])
  const high = /** @type {[string, number[]][]} */ ([
    ["Input", [1, 100, 10]],
    ["Conv2d", [1, 1, 1]],
  ])
  const long = /** @type {[string, number[]][]} */ (
    Array.from({ length: 27 }, (_, i) => ["BatchNorm2d", [i + 1, 64, 64]])
  )
  for (const network of [LENET, wide, high, long]) {
    for (const width of [1760, 1206, 788, 651, 358, 328]) {
      const { places, font, line, height } = laid(width, network)
      for (const place of places) {
        const { box, name } = place
        const { left, right, top, bottom } = extent(place)
        assert.ok(box.x <= left && right <= box.x + box.width && box.x + box.width <= width + 1e-6)
        assert.ok(box.y + 4 + line * (1 + name.length) <= top && bottom <= box.y + box.height - line)
        assert.ok(box.y + box.height <= height + 1e-6)
        for (const words of name) assert.ok(measure(words, font) < box.width, `${words} at ${width}`)
      }
    }
  }
})

test("maps and bars are to scale", () => {
  const { places } = laid(1206)
  const [image, first, , , second] = places.map(({ front }) => front)
  assert.equal(image.width, image.height)
  assert.ok(Math.abs(first.height / second.height - 28 / 10) < 1e-9)
  const bars = places.slice(7).map(({ front }) => front.height)
  assert.ok(Math.abs(bars[1] / bars[0] - Math.sqrt(120 / 400)) < 1e-9)
  assert.equal(places[4].planes, 16)
})

test("a network of few layers is not drawn larger, and a long name stands on two lines", () => {
  const few = laid(1206, LENET.slice(0, 2))
  assert.equal(few.places[0].box.width, 1206 / 9)
  assert.deepEqual(laid(1206, [["AdaptiveAvgPool2d", [1, 1, 1]]]).places[0].name, ["Adaptive", "AvgPool2d"])
})

test("a layer that cannot be built has a place of its own", () => {
  const { places } = laid(358, [...LENET.slice(0, 4), ["Conv2d", []]])
  const { front, planes, box } = places[4]
  assert.equal(planes, 0)
  assert.ok(front.width > 20 && front.x >= box.x && front.x + front.width <= box.x + box.width)
})

test("a window lies on its map, and what all numbers see lies where it is", () => {
  const [image] = laid(1206).places
  const window = part(image, [5, 5])
  assert.ok(Math.abs(window.width - (5 * image.front.width) / 28) < 1e-9)
  assert.ok(window.x + window.width < image.front.x + image.front.width)
  const corner = part(image, [26, 26], [0, 0])
  assert.deepEqual([corner.x, corner.y], [image.front.x, image.front.y])
  assert.ok(part(image, [40, 40]).width <= image.front.width)
})

test("keys go along the layers, and from row to row where there are several", () => {
  assert.equal(layerAfter("ArrowRight", 3, 12, 13), 4)
  assert.equal(layerAfter("ArrowDown", 11, 12, 13), 11)
  assert.equal(layerAfter("ArrowDown", 3, 12, 13), 4)
  assert.equal(layerAfter("ArrowDown", 3, 12, 4), 7)
  assert.equal(layerAfter("ArrowDown", 9, 12, 4), 9)
  assert.equal(layerAfter("ArrowUp", 3, 12, 4), 3, "above it is the image")
  assert.equal(layerAfter("ArrowLeft", 0, 12, 13), 0)
  assert.equal(layerAfter("Home", 5, 12, 13), 0)
  assert.equal(layerAfter("End", 5, 12, 13), 11)
  assert.equal(layerAfter("Enter", 5, 12, 13), null)
})
