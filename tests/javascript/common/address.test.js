import assert from "node:assert/strict"
import { test } from "node:test"
import {
  countsOf,
  linkedQuery,
  owners,
  ownersHere,
  ownKeys,
  writeQuery,
} from "../../../lenet/common/components/address.js"

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

test("the address counts more than what the server knows of it", () => {
  Object.assign(globalThis, { location: { search: "?run=a&step=0&scale=own" } })
  const query = linkedQuery(["step", "scale", "layer"], { step: "9", layer: "2" })
  assert.deepEqual(Object.fromEntries(query), { step: "0", scale: "own", layer: "2" })
})

test("what components own can be asked and told, on the page for which they came", () => {
  Object.assign(globalThis, { location: { pathname: "/kernels" } })
  const owner = { keys: ["step"], query: () => new URLSearchParams(), show() {} }
  const end = ownKeys(owner)
  assert.deepEqual(ownersHere(), [owner])
  Object.assign(globalThis, { location: { pathname: "/pooling" } })
  assert.deepEqual(ownersHere(), [])
  end()
  assert.equal(owners.all.size, 0)
})

test("counts of a query", () => {
  assert.deepEqual(countsOf("2,0"), [2, 0])
  assert.deepEqual(countsOf("-1,1.5,,1e3"), [Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  assert.deepEqual(countsOf(null), [Number.NaN])
})
