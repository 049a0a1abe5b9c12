import assert from "node:assert/strict"
import { test } from "node:test"
import { rules } from "../../../lenet/lessons/component/ticks.js"

const LIST = { page: "pooling", names: ["window", "stride", "zero"], answered: [], word: 'an"swered' }

test("each lesson that was answered has its tick", () => {
  const style = rules(LIST, ["zero", "window", "of-another-version"])
  assert.deepEqual(
    [...style.matchAll(/nth-of-type\((\d+)\)/g)].map(([, at]) => at),
    ["1", "3"],
  )
  assert.ok(style.includes('content: " ✓" / " an\\"swered"'))
})

test("where none was answered there is no rule", () => assert.equal(rules(LIST, []), ""))
