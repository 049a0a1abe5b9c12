import assert from "node:assert/strict"
import { test } from "node:test"
import { moved } from "../../../lenet/common/components/keys.js"

test("arrows go to the neighbours and stop at the edges", () => {
  assert.deepEqual(moved("ArrowRight", [1, 1], [3, 3]), [1, 2])
  assert.deepEqual(moved("ArrowRight", [1, 2], [3, 3]), [1, 2])
  assert.deepEqual(moved("ArrowUp", [1, 1], [3, 3]), [0, 1])
  assert.deepEqual(moved("ArrowDown", [2, 0], [3, 3]), [2, 0])
})

test("Home and End go to the corners", () => {
  assert.deepEqual(moved("Home", [5, 7], [200, 300]), [0, 0])
  assert.deepEqual(moved("End", [5, 7], [200, 300]), [199, 299])
})

test("other keys do not move", () => {
  assert.equal(moved("Enter", [0, 0], [3, 3]), null)
  assert.equal(moved("5", [0, 0], [3, 3]), null)
})
