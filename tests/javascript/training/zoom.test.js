import assert from "node:assert/strict"
import { test } from "node:test"
import { asChange, zoomed } from "../../../lenet/training/component/zoom.js"

/** @type {Record<string, [number, number] | null>} */
const RANGES = { xaxis: [0, 10], yaxis: null, xaxis2: [0, 10], yaxis2: [0, 1.02] }

test("a rectangle zooms two axes and leaves the others", () => {
  const event = { "xaxis.range[0]": 2, "xaxis.range[1]": 3, "yaxis.range[0]": 0.4, "yaxis.range[1]": 0.5 }
  assert.deepEqual(zoomed({ yaxis2: [0.7, 0.8] }, event, RANGES), {
    xaxis: [2, 3],
    yaxis: [0.4, 0.5],
    yaxis2: [0.7, 0.8],
  })
})

test("Plotly may also write a range in one piece", () => {
  assert.deepEqual(zoomed({}, { "yaxis2.range": [0.5, 0.6] }, RANGES), { yaxis2: [0.5, 0.6] })
})

test("an axis that is back at its own range, or chooses it itself, is not zoomed", () => {
  /** @type {Record<string, [number, number]>} */
  const zoom = { xaxis: [2, 3], yaxis: [0.4, 0.5], xaxis2: [4, 5] }
  const reset = { "xaxis.range[0]": 0, "xaxis.range[1]": 10, "yaxis.autorange": true, "xaxis2.autorange": true }
  assert.deepEqual(zoomed(zoom, reset, RANGES), {})
})

test("an event about something else changes nothing", () => {
  assert.deepEqual(zoomed({ xaxis: [2, 3] }, { dragmode: "pan", autosize: true }, RANGES), { xaxis: [2, 3] })
})

test("a zoom is a change of the layout", () => {
  assert.deepEqual(asChange({ xaxis: [2, 3] }), { "xaxis.range[0]": 2, "xaxis.range[1]": 3 })
})
