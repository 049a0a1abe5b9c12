import assert from "node:assert/strict"
import { test } from "node:test"
import { fieldAfter } from "../../../lenet/kernels/components/editor/keys.js"
import {
  areAlike,
  fromQuery,
  parse,
  response,
  tidy,
  toQuery,
  turned,
} from "../../../lenet/kernels/components/editor/weights.js"

const WORDS = {
  ...{ begin: "", own: "", image: "", grid: "", cell: "", flip: "", turn: "" },
  ...{ response: "", alt: "", place: "", sum: "", bad: "" },
}

/** @type {import("../../../lenet/kernels/components/editor/scene.js").Scene} */
const SCENE = {
  ...{ asked: {}, size: 2, side: 3, limit: 100, scale: [], mark: "" },
  presets: [{ name: "first", values: [1, 0, 0, -1] }],
  images: [
    { name: "a", pixels: "" },
    { name: "b", pixels: "" },
  ],
  words: WORDS,
}

test("numbers are read as people type them", () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([
    ["1.5", 1.5],
    ["−1,5", -1.5],
    [" .5 ", 0.5],
    ["１．５", 1.5],
    ["1,234", 1.234],
    ["+2.", 2],
  ])) {
    assert.equal(parse(text), value, text)
  }
  for (const text of ["", ".", "1e3", "much", "1.2.3", "--1", "Infinity", "0x10"])
    assert.ok(Number.isNaN(parse(text)), text)
})

test("weights are told with three decimals at most", () => {
  assert.equal(tidy(0.12345), "0.123")
  assert.equal(tidy(-2), "-2")
  assert.equal(parse(tidy(-0.0001)), 0)
  assert.ok(areAlike([1, 2], [1.0004, 2]))
  assert.ok(!areAlike([1, 2], [1.001, 2]))
})

test("a turn by 90° against the clock; four of them are none", () => {
  // 1 2    2 4
  // 3 4    1 3
  assert.deepEqual(turned([1, 2, 3, 4], 2), [2, 4, 1, 3])
  const kernel = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  let again = kernel
  for (let turn = 0; turn < 4; turn++) again = turned(again, 3)
  assert.deepEqual(again, kernel)
})

test("a response is a cross-correlation with zeros around the image", () => {
  const pixels = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
  const identity = response(pixels, 3, [0, 0, 0, 0, 1, 0, 0, 0, 0], 3)
  assert.equal(identity.side, 3)
  assert.deepEqual([...identity.sums], [...pixels])
  const right = response(pixels, 3, [0, 0, 0, 0, 0, 1, 0, 0, 0], 3)
  assert.deepEqual(
    [...right.sums],
    [2, 3, 0, 5, 6, 0, 8, 9, 0],
    "the weight at the right looks at the pixel at the right",
  )
  assert.equal(response(pixels, 3, [1, 1, 1, 1], 2).side, 4, "an even kernel pads by half its size, as Conv2d does")
})

test("weights and image go into the address and come back", () => {
  const edited = { weights: [0.5, -1, 2, 0], image: 1 }
  const query = toQuery(edited, SCENE)
  assert.equal(query.toString(), "own=0.5%2C-1%2C2%2C0&on=1")
  assert.deepEqual(fromQuery(query, SCENE), edited)
})

test("what it begins with is not in the address", () => {
  assert.equal(toQuery({ weights: [1, 0, 0, -1], image: 0 }, SCENE).toString(), "")
})

test("what cannot be used of an address gives way to the beginning", () => {
  const begin = { weights: [1, 0, 0, -1], image: 0 }
  for (const query of ["own=1,2,3", "own=1,2,3,x", "own=1,2,3,101", "on=7", "on=-1", "on=0.5", "on=x"]) {
    assert.deepEqual(fromQuery(new URLSearchParams(query), SCENE), begin, query)
  }
})

test("arrows go from field to field, sideways only from the ends of a text", () => {
  const inside = { start: 1, end: 1, length: 3 }
  const all = { start: 0, end: 3, length: 3 }
  assert.equal(fieldAfter("ArrowDown", 1, 5, inside), 6)
  assert.equal(fieldAfter("Enter", 1, 5, inside), 6)
  assert.equal(fieldAfter("ArrowUp", 6, 5, inside), 1)
  assert.equal(fieldAfter("ArrowLeft", 6, 5, inside), null)
  assert.equal(fieldAfter("ArrowLeft", 6, 5, { ...inside, start: 0, end: 0 }), 5)
  assert.equal(fieldAfter("ArrowRight", 6, 5, { ...inside, start: 3, end: 3 }), 7)
  assert.equal(fieldAfter("ArrowRight", 6, 5, all), 7)
  assert.equal(fieldAfter("7", 6, 5, all), null)
})
