import assert from "node:assert/strict"
import { test } from "node:test"
import { inCell, shortened } from "../../../lenet/grid/component/short.js"

test("a number that fits stays as it is", () => {
  for (const text of ["7", "−∞", "NaN", "0.3704", "−12"]) assert.equal(shortened(text, 6), text)
})

test("a longer one is rounded as little as need be", () => {
  assert.equal(shortened("0.33333333", 5), "0.333")
  assert.equal(shortened("0.33333333", 3), "0.3")
  assert.equal(shortened("−12.3456", 5), "−12.3")
  assert.equal(shortened("−12.3456", 3), "−12")
  assert.equal(shortened("−0.5", 3), "−.5", "it is not −1")
  assert.equal(shortened("0.9999", 4), "1", "0.9999 is 1.000")
})

test("what is too large or too small for that gets an exponent, and what fits nowhere three points", () => {
  assert.equal(shortened("1000000", 5), "1e6")
  assert.equal(shortened("−123456", 6), "−1.2e5")
  assert.equal(shortened("0.00001234", 5), "1e−5")
  assert.equal(shortened("0.0004", 4), "4e−4", "it is not 0")
  assert.equal(shortened("−123456", 3), "…")
  assert.equal(shortened("NaN", 2), "…")
})

test("a shortened number is never longer than there is room for, nor another number", () => {
  for (let i = 0; i < 2000; i++) {
    const value = (Math.random() - 0.5) * 10 ** (Math.random() * 12 - 6)
    const text = String(Number(value.toFixed(8))).replaceAll("-", "−")
    for (const letters of [3, 4, 5, 7]) {
      const short = shortened(text, letters)
      assert.ok(short.length <= letters, `${text} in ${letters}: ${short}`)
      const [exact, shown] = [text, short].map((number) => Number(number.replaceAll("−", "-")))
      if (short !== "…") assert.ok(Math.abs(shown - exact) <= Math.max(0.5, Math.abs(exact) / 2), `${text}: ${short}`)
      if (short !== "…" && exact !== 0) assert.notEqual(shown, 0)
    }
  }
})

test("in a cell that is too narrow for it a small number is almost 0, never three points", () => {
  assert.equal(inCell("−0.0042", 3.2), "≈0")
  assert.equal(inCell("0.0042", 4.2), ".004")
  assert.equal(inCell("−0.1523", 3.6), "−.15", "a point is half as wide as a digit")
  assert.equal(inCell("−0.1523", 2.6), "−.2")
  assert.equal(inCell("−123456", 3), "…")
})
