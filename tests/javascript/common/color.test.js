import assert from "node:assert/strict"
import { test } from "node:test"
import { ink, luminance, mix, paintOf, palette, rgb, signed } from "../../../lenet/common/components/color.js"

/** @type {import("../../../lenet/common/components/color.js").Scale} */
const DIVERGING = [
  [0, "#0000ff"],
  [0.5, "#ffffff"],
  [1, "#ff0000"],
]

test("a colour lies between the stops around its place", () => {
  assert.deepEqual(mix(DIVERGING, 0), [0, 0, 255])
  assert.deepEqual(mix(DIVERGING, 0.25), [128, 128, 255])
  assert.deepEqual(mix(DIVERGING, 0.5), [255, 255, 255])
  assert.deepEqual(mix(DIVERGING, 1), [255, 0, 0])
})

test("signed values are white at zero, and end where the limit is", () => {
  assert.deepEqual(signed(DIVERGING, 0, 3), [255, 255, 255])
  assert.deepEqual(signed(DIVERGING, -3, 3), [0, 0, 255])
  assert.deepEqual(signed(DIVERGING, 30, 3), [255, 0, 0])
})

test("luminance is that of WCAG", () => {
  assert.equal(luminance([0, 0, 0]), 0)
  assert.ok(Math.abs(luminance([255, 255, 255]) - 1) < 1e-9)
  assert.ok(Math.abs(luminance(rgb("#777777")) - 0.1845) < 1e-4)
})

test("every ink has a contrast of 4.2 : 1 at least", () => {
  for (let grey = 0; grey < 256; grey++) {
    /** @type {[number, number, number]} */
    const color = [grey, grey, grey]
    const [light, other] = [luminance(color) + 0.05, luminance(rgb(ink(color))) + 0.05]
    assert.ok(Math.max(light, other) / Math.min(light, other) >= 4.2, String(grey))
  }
})

test("what is not finite has no colour", () => {
  assert.deepEqual(paintOf(DIVERGING, null), { fill: "none", ink: "currentColor" })
  assert.deepEqual(paintOf(DIVERGING, 100), { fill: "rgb(255,0,0)", ink: "#0f172a" })
})

test("a palette goes from end to end", () => {
  const fills = palette(DIVERGING, 5).map(({ fill }) => fill)
  assert.deepEqual(fills, [
    "rgb(0,0,255)",
    "rgb(128,128,255)",
    "rgb(255,255,255)",
    "rgb(255,128,128)",
    "rgb(255,0,0)",
  ])
})
