import assert from "node:assert/strict"
import { test } from "node:test"
import { Edits } from "../../../lenet/grid/component/edits.js"
import { MAX } from "./scenes.js"

/** @returns {{ edits: Edits, sent: string[] }} */
function made() {
  /** @type {string[]} */
  const sent = []
  const edits = new Edits((all) => sent.push(all.map(({ text }) => text).join(" ")))
  return { edits, sent }
}

/**
 * @param {number} column
 * @param {string} text
 */
const edit = (column, text) => ({ channel: 0, row: 0, column, text })

test("an edit is sent again with the next one until a scene shows it", () => {
  const { edits, sent } = made()
  edits.add(edit(0, "40"), "0", 0)
  edits.add(edit(1, "41"), "1", 100)
  edits.settle({ ...MAX.input, texts: [["40", "1", "2"]] }, 3)
  edits.add(edit(2, "42"), "2", 200)
  assert.deepEqual(sent, ["40", "40 41", "41 42"])
})

test("what the server refused is not sent for ever", () => {
  const { edits, sent } = made()
  edits.add(edit(0, "x"), "0", 0)
  edits.add(edit(1, "5"), "1", 5000)
  assert.deepEqual(sent, ["x", "5"])
})
