import assert from "node:assert/strict"
import { test } from "node:test"
import { countOf, merged, parse, toText, total, withAnswer } from "../../../lenet/exercises/component/progress.js"
import { keepAnswers, readAnswers } from "../../../lenet/exercises/component/storage.js"

const ANSWERS = withAnswer(withAnswer(withAnswer({}, "pool-max", 7, true), "pool-max", 8, false), "net-macs", 7, true)

test("answers are counted by kind", () => {
  assert.deepEqual(countOf(ANSWERS, "pool-max"), { right: 1, all: 2 })
  assert.deepEqual(countOf(ANSWERS, "net-macs"), { right: 1, all: 1 })
  assert.deepEqual(countOf(ANSWERS, "pool-size"), { right: 0, all: 0 })
  assert.equal(total(ANSWERS), 3)
})

test("the first answer to an exercise counts", () => {
  assert.deepEqual(withAnswer(ANSWERS, "pool-max", 8, true), ANSWERS)
})

test("progress from two places is one", () => {
  const there = withAnswer(withAnswer({}, "pool-max", 8, true), "pool-max", 9, true)
  const both = merged(there, ANSWERS)
  assert.deepEqual(both["pool-max"], { 7: 1, 8: 0, 9: 1 })
  assert.equal(total(both), 4)
})

test("a file is read back as it was written", () => {
  assert.deepEqual(parse(toText(ANSWERS)), ANSWERS)
  assert.deepEqual(parse(toText({})), {})
})

test("anything else is no progress", () => {
  const bad = ["", "x", "null", "[]", "3", '{"format":1}', '{"format":2,"answers":{}}', '{"format":1,"answers":[]}']
  bad.push('{"format":1,"answers":{"pool-max":{"7":2}}}', '{"format":1,"answers":{"pool-max":{"7":true}}}')
  bad.push('{"format":1,"answers":{"pool-max":{"-1":1}}}', '{"format":1,"answers":{"pool-max":{"07":1}}}')
  bad.push('{"format":1,"answers":{"<b>":{"7":1}}}', '{"format":1,"answers":{"pool-max":[1]}}')
  bad.push('{"format":1,"answers":{"__proto__":{"7":1}}}')
  bad.push(`{"format":1,"answers":{}}${" ".repeat(3e6)}`)
  for (const text of bad) assert.equal(parse(text), null, text.slice(0, 60))
})

test("where a browser keeps nothing, answers last as long as the page", () => {
  assert.equal("localStorage" in globalThis && globalThis.localStorage !== undefined, false)
  assert.equal(keepAnswers(ANSWERS), false)
  assert.deepEqual(readAnswers(), ANSWERS)
})

test("a browser that keeps things is given them and asked for them", () => {
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept) }
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true })
  assert.equal(keepAnswers(ANSWERS), true)
  assert.deepEqual(readAnswers(), ANSWERS)
  kept.set("lenet-exercises", "damaged")
  assert.deepEqual(readAnswers(), ANSWERS)
  Reflect.deleteProperty(globalThis, "localStorage")
})
