import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { outline } from "../../../lenet/classroom/components/pictures.js"
import { perMille, picturesOf, points, score, sumsOf } from "../../../lenet/classroom/components/score.js"

/** @import { Task } from "../../../lenet/classroom/components/score.js" */

/** @type {Record<string, { task: Task, kernels: { weights: number[], score: number }[] }>} what Python finds */
const TABLE = JSON.parse(readFileSync(new URL("../../classroom/contest.json", import.meta.url), "utf8"))

test("the score on the phone is the one that counts", () => {
  assert.deepEqual(Object.keys(TABLE), ["sole", "stripes", "draw-spot"])
  for (const { task, kernels } of Object.values(TABLE)) {
    const pictures = picturesOf(task)
    for (const { weights, score: expected } of kernels) {
      const sums = pictures.map((picture) => sumsOf(picture, task, weights))
      assert.equal(score(task.compares, pictures, sums), expected)
    }
  }
})

test("pairs are counted, and equal ones by half", () => {
  assert.equal(points([9, 5], [5, 1]), 7)
  assert.equal(points([1], [2, 3]), 0)
  assert.equal(perMille(7, 4), 750)
  assert.equal(perMille(4, 4), 0)
  assert.equal(perMille(0, 4), 0)
  assert.equal(perMille(8, 4), 1000)
})

test("the frame goes around what is wanted, or around what counts", () => {
  const [other, nothing, wanted] = [0, 1, 2]
  assert.equal(outline(Uint8Array.from([wanted, other, other, other]), 2), "M0 0h1M0 1h1M0 0v1M1 0v1")
  assert.equal(outline(Uint8Array.from([nothing, other, nothing, nothing]), 2), "M1 0h1M1 1h1M1 0v1M2 0v1")
  assert.equal(
    outline(Uint8Array.from([wanted, wanted, nothing, nothing]), 2),
    "M0 0h1M0 1h1M0 0v1M1 0h1M1 1h1M2 0v1",
  )
})
