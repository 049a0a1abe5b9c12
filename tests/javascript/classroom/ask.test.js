import assert from "node:assert/strict"
import { test } from "node:test"
import { command } from "../../../lenet/classroom/components/answers/clicker.js"
import { share } from "../../../lenet/classroom/components/bars.js"
import { clock } from "../../../lenet/classroom/components/countdown.js"
import { painted, told, touched, typed } from "../../../lenet/classroom/components/painting.js"
import { breaks } from "../../../lenet/classroom/components/room.js"
import { GAP, layout } from "../../../lenet/classroom/components/tiles.js"

/** @import { Bar } from "../../../lenet/classroom/components/bars.js" */

test("a tap paints a cell, and a second one wipes it", () => {
  const start = [0, 0, 0, 0]
  const once = touched(start, 1, 100)
  assert.deepEqual(once, [0, 100, 0, 0])
  assert.deepEqual(touched(once, 1, 100), start)
  assert.deepEqual(touched(once, 1, -50), [0, -50, 0, 0])
  assert.deepEqual(painted(once, 1, 100), once, "who draws over a cell twice does not wipe it")
  assert.deepEqual(start, [0, 0, 0, 0])
})

test("keys change a weight by a tenth within its limits, or wipe it", () => {
  assert.equal(typed(50, "+"), 60)
  assert.equal(typed(-95, "-"), -100)
  assert.equal(typed(100, "="), 100)
  assert.equal(typed(70, "0"), 0)
  assert.equal(typed(70, "x"), null)
  assert.deepEqual([100, -50, 0].map(told), ["1", "−0.5", "0"])
})

test("the time that is left is rounded up: 0:00 is over", () => {
  assert.deepEqual([65, 60, 0.2, 0, -3].map(clock), ["1:05", "1:00", "0:01", "0:00", "0:00"])
})

test("the longest bar of all votes has the whole width", () => {
  const bar = (/** @type {number[]} */ counts) => /** @type {Bar} */ ({ counts })
  const bars = [bar([2, 8]), bar([4, 0])]
  assert.equal(share(8, bars), 1)
  assert.equal(share(4, bars), 0.5)
  assert.equal(share(0, [bar([]), bar([])]), 0)
})

test("forty tiles fit on a projector, and are as large as they can be", () => {
  for (const [count, place] of /** @type {[number, { width: number, height: number }][]} */ ([
    [40, { width: 1300, height: 560 }],
    [40, { width: 1840, height: 850 }],
    [5, { width: 1300, height: 560 }],
    [1, { width: 1300, height: 560 }],
  ])) {
    const { columns, width, font } = layout(count, place, 2)
    assert.ok(columns * width + GAP * (columns - 1) <= place.width)
    const rows = Math.ceil(count / columns)
    assert.ok(rows * (width / 2 + 1.65 * font + GAP) - GAP <= place.height, `${count} in ${rows} rows`)
    assert.ok(width >= 104)
    assert.ok(4.8 * font <= width, "symbol, number and score")
  }
  const phone = layout(60, { width: 360, height: 300 }, 2)
  assert.deepEqual(phone, { columns: 3, width: 114, font: 13 }, "on a phone it scrolls")
  const vote = layout(40, { width: 565, height: 420 }, 2)
  assert.deepEqual([vote.columns, vote.font], [7, 13], "two votes of forty stand beside each other on a laptop")
  assert.ok(layout(40, { width: 1840, height: 850 }, 2).font >= 20, "scores are read from the last row")
})

test("what stands side by side is in one row until one begins left of another", () => {
  assert.equal(breaks([0, 210, 320]), false)
  assert.equal(breaks([0, 210, 0]), true)
  assert.equal(breaks([]), false)
})

/**
 * What a key does, pressed while something has the focus.
 * @param {string} key
 * @param {object} [more]
 */
const pressed = (key, more = {}) =>
  command(/** @type {KeyboardEvent} */ (/** @type {unknown} */ ({ key, composedPath: () => [null], ...more })))

test("a clicker goes on and back", () => {
  // @ts-expect-error: node has no elements
  globalThis.Element = class {}
  assert.deepEqual(
    ["PageDown", "ArrowRight", " "].map((key) => pressed(key)),
    ["next", "next", "next"],
  )
  assert.deepEqual(
    ["PageUp", "ArrowLeft"].map((key) => pressed(key)),
    ["again", "again"],
  )
  assert.equal(pressed("x"), null)
  assert.equal(pressed("PageDown", { repeat: true }), null, "a key that is held does one step")
  assert.equal(pressed("ArrowRight", { altKey: true }), null, "that is the browser's Forward")
  const focused = (/** @type {string} */ name) => {
    const element = Object.assign(new Element(), {
      matches: (/** @type {string} */ list) => list.split(", ").includes(name),
    })
    return { composedPath: () => [element] }
  }
  assert.equal(pressed(" ", focused("button")), null, "it presses the button")
  assert.equal(pressed("ArrowRight", focused("[role]")), null, "it goes to the next tab")
  assert.equal(pressed("PageDown", focused("button")), "next")
  assert.equal(pressed("PageDown", focused("input")), null)
})
