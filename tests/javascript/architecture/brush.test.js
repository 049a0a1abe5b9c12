import assert from "node:assert/strict"
import { test } from "node:test"
import { stroke } from "../../../lenet/architecture/components/drawing_pad/brush.js"

const SIDE = 28
const blank = () => new Uint8ClampedArray(SIDE * SIDE)

test("a dot is soft and lies around its middle", () => {
  const pixels = blank()
  stroke(pixels, SIDE, [14.5, 14.5], [14.5, 14.5])
  const at = (/** @type {number} */ row, /** @type {number} */ column) => pixels[row * SIDE + column]
  assert.equal(at(14, 14), 255)
  assert.equal(at(14, 15), 229) // nine tenths: one pixel from the middle
  assert.equal(at(14, 15), at(13, 14))
  assert.equal(at(14, 17), 0)
})

test("a line leaves no gap", () => {
  const pixels = blank()
  stroke(pixels, SIDE, [3, 14], [25, 14])
  for (let column = 3; column < 25; column++) assert.ok(pixels[14 * SIDE + column] > 200, String(column))
})

test("what is lighter already stays, and the edge of the image is no error", () => {
  const pixels = blank().fill(100)
  stroke(pixels, SIDE, [0, 0], [-5, 40])
  assert.ok(pixels.every((value) => value >= 100))
  assert.ok(pixels[0] > 100)
})
