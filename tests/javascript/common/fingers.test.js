import assert from "node:assert/strict"
import { test } from "node:test"
import { isAcross } from "../../../lenet/common/components/fingers.js"

test("a finger is drawn sideways when it goes further that way than a tap does", () => {
  assert.ok(isAcross(12, 3) && isAcross(-12, 3))
  assert.ok(!isAcross(5, 0), "a tap")
  assert.ok(!isAcross(12, 30), "the page is scrolled")
})
