import assert from "node:assert/strict"
import { test } from "node:test"
import { writeQuery } from "../../../lenet/common/components/address.js"

/** @param {string} href */
function at(href) {
  /** @type {string[]} */
  const written = []
  const history = {
    state: null,
    replaceState: (/** @type {[null, string, URL]} */ ...[, , url]) => written.push(url.href),
  }
  Object.assign(globalThis, { location: { href }, history })
  return written
}

test("our keys are set or deleted, and all others stay", () => {
  const written = at("https://x.org/kernels?run=a&step=3&scale=own")
  writeQuery(["step", "scale", "layer"], new URLSearchParams({ layer: "2", scale: "own", other: "1" }))
  assert.deepEqual(written, ["https://x.org/kernels?run=a&scale=own&layer=2"])
})

test("an address that is right already is not written again", () => {
  const written = at("https://x.org/kernels?step=3")
  writeQuery(["step"], new URLSearchParams({ step: "3" }))
  assert.deepEqual(written, [])
})
