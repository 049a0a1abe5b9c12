import assert from "node:assert/strict"
import { test } from "node:test"
import { intent } from "../../../lenet/grid/component/keys.js"

test("arrows, Home and End move in both panels", () => {
  for (const key of ["ArrowLeft", "ArrowUp", "Home", "End"]) {
    assert.deepEqual(intent("in", key), { do: "move" })
    assert.deepEqual(intent("out", key), { do: "move" })
  }
})

test("a cell of the input is edited by typing", () => {
  for (const key of ["7", "-", "−", "–", "+", ".", ",", "７", "．", "－"])
    assert.deepEqual(intent("in", key), { do: "edit", typed: key })
  assert.deepEqual(intent("in", "Enter"), { do: "edit", typed: null })
  assert.deepEqual(intent("in", "Delete"), { do: "edit", typed: "" })
  assert.deepEqual(intent("in", "Escape"), { do: "release" })
  assert.deepEqual(intent("in", "PageDown"), { do: "channel", by: 1 })
  assert.deepEqual(intent("in", "PageUp"), { do: "channel", by: -1 })
})

test("the output is played, not edited", () => {
  assert.deepEqual(intent("out", " "), { do: "play" })
  for (const key of ["7", "Enter", "Delete", "Escape", "Tab"]) assert.equal(intent("out", key), null)
  for (const key of [" ", "a", "Tab"]) assert.equal(intent("in", key), null)
})
