import assert from "node:assert/strict"
import { test } from "node:test"
import { cellWords } from "../../../lenet/grid/component/announcement.js"
import { Pooling } from "../../../lenet/grid/component/pooling.js"
import { Windows } from "../../../lenet/grid/component/windows.js"
import { AVERAGE, GRADIENT, MAX } from "./scenes.js"

/** @import { PoolingScene } from "../../../lenet/grid/component/pooling.js" */

/** @param {PoolingScene} scene */
const layer = (scene) => new Pooling(new Windows(scene))

test("of a maximum it says which windows the cell wins, or is in", () => {
  const max = layer({ ...MAX, winners: [[4, 5, 4, 8]] })
  assert.equal(cellWords(max, 0, 4), "row 2, column 2: 4; wins windows 1, 3")
  assert.equal(cellWords(max, 0, 1), "row 1, column 2: 1; in windows 1, 2")
  assert.equal(
    cellWords(layer({ ...MAX, rows: [[0, 1]], out_size: [1, 2] }), 0, 8),
    "row 3, column 3: 8; in no window",
  )
})

test("of an average, of a gradient and of one channel among others", () => {
  assert.equal(cellWords(layer(AVERAGE), 0, 0), "row 1, column 1: 0; in window 1")
  assert.equal(cellWords(layer(GRADIENT), 0, 1), "row 1, column 2: 0.25 + 0.25 = 0.5; in windows 1, 2")
  const two = { ...MAX, channels: 2, input: { ...MAX.input, texts: [MAX.input.texts[0], MAX.input.texts[0]] } }
  assert.match(cellWords(layer({ ...two, mode: "avg" }), 1, 5), /^channel 2, row 2, column 3: 5; in windows 2, 4$/)
})
