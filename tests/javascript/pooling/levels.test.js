import assert from "node:assert/strict"
import { test } from "node:test"
import { layout } from "../../../lenet/pooling/component/layout.js"
import { reach, reachWords } from "../../../lenet/pooling/component/scene.js"

/** @import { Level } from "../../../lenet/pooling/component/scene.js" */

/** The third level of two 2×2 pools over 8×8: it sees four rows of the input and two of the first pool. */
/** @type {Level} */
const SECOND_POOL = {
  title: "Pool 2",
  note: "",
  size: [2, 2],
  texts: ["1", "2", "3", "4"],
  shades: [0, 0, 0, 0],
  rows: [
    [
      [0, 4],
      [0, 2],
    ],
    [
      [4, 8],
      [2, 4],
    ],
  ],
  columns: [
    [
      [0, 4],
      [0, 2],
    ],
    [
      [4, 8],
      [2, 4],
    ],
  ],
}

test("a cell sees something of every level, and itself", () => {
  assert.deepEqual(reach(SECOND_POOL, [1, 0]), [
    { rows: [4, 8], columns: [0, 4] },
    { rows: [2, 4], columns: [0, 2] },
    { rows: [1, 2], columns: [0, 1] },
  ])
})

test("in words rows and columns are counted from 1", () => {
  const words = reachWords(SECOND_POOL, [1, 0])
  assert.deepEqual([words.top, words.bottom, words.left, words.right], [5, 8, 1, 4])
  assert.deepEqual([words.height, words.width], [4, 4])
})

test("levels stand side by side and fit the width", () => {
  for (const width of [390, 900, 1300]) {
    const { levels, cell, arrows } = layout(
      [
        [28, 28],
        [14, 14],
        [7, 7],
      ],
      width,
    )
    assert.equal(levels.length, 3)
    assert.equal(arrows.length, 2)
    assert.ok(levels[0].x < levels[1].x)
    if (width >= 900) assert.ok(levels[1].x < levels[2].x)
    else assert.ok(levels[2].top >= levels[0].y + 28 * cell, "on a phone the third begins another row")
    for (const [n, side] of [28, 14, 7].entries()) assert.ok(levels[n].x >= 0 && levels[n].x + side * cell <= width)
    assert.ok(cell >= 2 && cell <= 44)
  }
})

test("a level has the room beside the title of the next one, also on the narrowest phone", () => {
  for (const width of [288, 328, 358]) {
    const { cell, levels } = layout(
      [
        [28, 28],
        [14, 14],
        [7, 7],
      ],
      width,
    )
    assert.ok(cell >= 4, `${cell} at ${width}`)
    assert.ok(levels[0].x >= 0 && levels[1].x + 14 * cell <= width)
  }
})
