import assert from "node:assert/strict"
import { test } from "node:test"
import {
  countOf,
  lessonsOf,
  MAX_BYTES,
  merged,
  NONE,
  parse,
  toText,
  total,
  withAnswer,
  withLessons,
} from "../../../lenet/exercises/component/progress.js"
import { keepProgress, readProgress } from "../../../lenet/exercises/component/storage.js"

const ANSWERS = withAnswer(
  withAnswer(withAnswer(NONE, "pool-max", 7, true), "pool-max", 8, false),
  "net-macs",
  7,
  true,
)
const ALL = withLessons(ANSWERS, "pooling", ["window", "stride"])

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
  const there = withLessons(withAnswer(withAnswer(NONE, "pool-max", 8, true), "pool-max", 9, true), "pooling", [
    "window",
    "zero",
  ])
  const both = merged(there, ALL)
  assert.deepEqual(both.answers["pool-max"], { 7: 1, 8: 0, 9: 1 })
  assert.deepEqual(both.lessons, { pooling: ["window", "stride", "zero"] })
  assert.equal(total(both), 7)
})

test("a file is read back as it was written", () => {
  assert.deepEqual(parse(toText(ALL)), ALL)
  assert.deepEqual(parse(toText(NONE)), NONE)
})

test("a file from before lessons were kept is read as well", () => {
  const old = '{"format":1,"answers":{"pool-max":{"7":1}}}'
  assert.deepEqual(parse(old), { answers: { "pool-max": { 7: 1 } }, lessons: {} })
})

test("a lesson is kept once, and none is kept where none was answered", () => {
  assert.deepEqual(lessonsOf(withLessons(ALL, "pooling", ["stride"]), "pooling"), ["window", "stride"])
  assert.deepEqual(withLessons(ALL, "kernels", []), ALL)
  assert.deepEqual(lessonsOf(ALL, "kernels"), [])
})

test("anything else is no progress", () => {
  const bad = ["", "x", "null", "[]", "3", '{"format":1}', '{"format":2,"answers":{}}', '{"format":1,"answers":[]}']
  bad.push('{"format":1,"answers":{"pool-max":{"7":2}}}', '{"format":1,"answers":{"pool-max":{"7":true}}}')
  bad.push('{"format":1,"answers":{"pool-max":{"-1":1}}}', '{"format":1,"answers":{"pool-max":{"07":1}}}')
  bad.push('{"format":1,"answers":{"<b>":{"7":1}}}', '{"format":1,"answers":{"pool-max":[1]}}')
  bad.push('{"format":1,"answers":{"__proto__":{"7":1}}}')
  bad.push('{"format":1,"answers":{},"lessons":[]}', '{"format":1,"answers":{},"lessons":{"pooling":"window"}}')
  bad.push('{"format":1,"answers":{},"lessons":{"pooling":[1]}}', '{"format":1,"answers":{},"lessons":{"<b>":[]}}')
  bad.push('{"format":1,"answers":{},"lessons":{"pooling":["} body { display: none"]}}', '{"format":1,"lessons":{}}')
  bad.push(`{"format":1,"answers":{}}${" ".repeat(3e6)}`)
  for (const text of bad) assert.equal(parse(text), null, text.slice(0, 60))
})

test("where a browser keeps nothing, answers last as long as the page", () => {
  assert.equal("localStorage" in globalThis && globalThis.localStorage !== undefined, false)
  assert.equal(keepProgress(ANSWERS), false)
  assert.deepEqual(readProgress(), ANSWERS)
})

test("a browser that keeps things is given them and asked for them", () => {
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept) }
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true })
  assert.equal(keepProgress(ANSWERS), true)
  assert.deepEqual(readProgress(), ANSWERS)
  kept.set("lenet-exercises", "damaged")
  assert.deepEqual(readProgress(), ANSWERS)

  storage.setItem = () => {
    throw new Error("full")
  }
  assert.equal(keepProgress(ALL), false)
  kept.set("lenet-exercises", toText(NONE))
  assert.deepEqual(readProgress(), ALL, "what it would not keep is remembered, not what it had before")

  storage.setItem = kept.set.bind(kept)
  /** @type {import("../../../lenet/exercises/component/progress.js").Answers} */
  const many = { "pool-max": {} }
  for (let seed = 0; toText({ answers: many, lessons: {} }).length <= MAX_BYTES; seed += 1)
    for (let n = 0; n < 10_000; n += 1) many["pool-max"][100_000_000 + 10_000 * seed + n] = 1
  const huge = { answers: many, lessons: {} }
  assert.equal(keepProgress(huge), false, "nobody could read it again")
  assert.equal(kept.get("lenet-exercises"), toText(NONE), "what is there stays")
  Reflect.deleteProperty(globalThis, "localStorage")
})
