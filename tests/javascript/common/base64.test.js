import assert from "node:assert/strict"
import { test } from "node:test"
import { base64, bytes, floats } from "../../../lenet/common/components/base64.js"

test("bytes go there and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  assert.deepEqual(bytes(base64(all)), all)
  assert.deepEqual(bytes(""), new Uint8Array())
})

test("floats are little-endian", () => {
  assert.deepEqual([...floats("AACAPwAAAMAAAMB/")], [1, -2, Number.NaN]) // np.array([1, -2, nan], "<f4")
})
