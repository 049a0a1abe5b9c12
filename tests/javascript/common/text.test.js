import assert from "node:assert/strict"
import { test } from "node:test"
import { fill, fixed, lines, minus, significant } from "../../../lenet/common/components/text.js"

test("values are put into a sentence, and what is not given stays", () => {
  assert.equal(fill("{n} of {total}: {n}", { n: 0, total: 4 }), "0 of 4: 0")
  assert.equal(fill("row {row}, {other}", { row: 1 }), "row 1, {other}")
})

test("a minus is no hyphen", () => {
  assert.equal(minus("-1.5"), "−1.5")
  assert.equal(fixed(-0.126, 2), "−0.13")
})

test("there is no negative zero", () => {
  assert.equal(fixed(-0.001, 2), "0.00")
})

test("a number that would be too long has an exponent", () => {
  assert.equal(fixed(999.4, 0), "999")
  assert.equal(fixed(-12345, 2), "−1.2e+4")
  assert.equal(significant(99999), "99999.000")
  assert.equal(significant(123456), "1.2e+5")
})

test("a number that its decimals would not show has an exponent", () => {
  assert.equal(significant(0), "0.000")
  assert.equal(significant(0.001), "0.001")
  assert.equal(significant(-0.00012), "−1.2e-4")
  assert.equal(significant(0.00012, 4), "0.0001")
})

test("what is not finite is a dash", () => {
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    assert.equal(fixed(value, 2), "–")
    assert.equal(significant(value), "–")
  }
})

test("a text is broken into lines that fit", () => {
  const measure = (/** @type {string} */ text) => text.length
  assert.deepEqual(lines("one two three four", 9, measure), ["one two", "three", "four"])
  assert.deepEqual(lines("unbreakable it is", 5, measure), ["unbreakable", "it is"])
  assert.deepEqual(lines("第一层的卷积核 5×5，共 6 个", 5, measure), ["第一层的卷", "积核", "5×5，共", "6 个"])
  assert.deepEqual(lines("", 5, measure), [])
})
