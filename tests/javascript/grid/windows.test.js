import assert from "node:assert/strict"
import { test } from "node:test"
import { BEYOND, PADDING } from "../../../lenet/grid/component/scene.js"
import { Windows } from "../../../lenet/grid/component/windows.js"
import { Winners } from "../../../lenet/grid/component/winners.js"
import { MAX, PADDED } from "./scenes.js"

/** @import { PoolingScene } from "../../../lenet/grid/component/pooling.js" */

/** @param {PoolingScene} scene */
const winnersOf = (scene) => new Winners(new Windows(scene))

test("cells are numbered in reading order", () => {
  const windows = new Windows(MAX)
  assert.equal(windows.total, 4)
  assert.deepEqual(windows.cell("in", 5), [1, 2])
  assert.deepEqual(windows.cell("out", 2), [1, 0])
  assert.equal(windows.index("in", [1, 2]), 5)
})

test("a cell is in the windows of all steps that contain it", () => {
  const windows = new Windows(MAX)
  assert.deepEqual(windows.containing(4), [0, 1, 2, 3])
  assert.deepEqual(windows.containing(0), [0])
  assert.deepEqual(windows.containing(7), [2, 3])
})

test("the winner is a cell of the input", () => {
  const winners = winnersOf(MAX)
  assert.deepEqual(winners.of(0, 1), [1, 2])
  assert.equal(winners.isWrong(0, 1), false)
  assert.equal(winnersOf({ ...MAX, winners: [[-1, 5, 7, 8]] }).of(0, 0), null)
})

test("where padding with 0 wins, its first cell does", () => {
  const winners = winnersOf(PADDED)
  assert.deepEqual(winners.of(0, 0), [-1, -1])
  assert.deepEqual(winners.of(0, 2), [1, -1])
  assert.deepEqual(winners.of(0, 3), [1, 1])
})

test("a cell is what is greater of its row and its column", () => {
  const windows = new Windows({ ...PADDED, row_kinds: [1, 0, 0, 2] })
  assert.equal(windows.kind(-1, 0), PADDING)
  assert.equal(windows.kind(2, -1), BEYOND)
  assert.deepEqual(windows.around, [PADDING, BEYOND])
  assert.equal(windows.reaches(3, BEYOND), true)
  assert.equal(windows.reaches(0, BEYOND), false)
  assert.equal(windows.reaches(0, PADDING), true)
  assert.equal(new Windows(MAX).reaches(0, PADDING), false)
  assert.deepEqual(new Windows(MAX).around, [])
})

test("padding counts where the layer says so, and what lies beyond never does", () => {
  assert.equal(new Windows(PADDED).counts(-1, 0), true)
  assert.equal(new Windows({ ...PADDED, padding_counts: false }).counts(-1, 0), false)
  assert.equal(new Windows({ ...PADDED, row_kinds: [2, 0, 0, 0] }).counts(-1, 0), false)
})

test("cells that share a maximum are counted, but for a padding of 0 that wins", () => {
  const winners = winnersOf({ ...PADDED, ties: [[1, 2, 1, 3]] })
  assert.equal(winners.ties(0, 3), 3)
  assert.equal(winners.ties(0, 1), 0, "padding wins this window")
  assert.equal(winnersOf({ ...MAX, ties: undefined }).ties(0, 0), 0)
})

test("cells follow each other through rows and channels", () => {
  const windows = new Windows({ ...MAX, channels: 2 })
  assert.deepEqual(windows.following({ channel: 0, index: 2 }, 1), { channel: 0, index: 3 })
  assert.deepEqual(windows.following({ channel: 0, index: 8 }, 1), { channel: 1, index: 0 })
  assert.deepEqual(windows.following({ channel: 1, index: 1 }, -3), { channel: 0, index: 7 })
  assert.equal(windows.following({ channel: 0, index: 0 }, -1), null)
  assert.equal(windows.following({ channel: 1, index: 7 }, 3), null)
})
