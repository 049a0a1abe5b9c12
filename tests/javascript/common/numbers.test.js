import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { meanings } from "../../../lenet/common/components/numbers.js"

/** @type {[text: string, expected: number[]][]} */
const CASES = JSON.parse(readFileSync(new URL("../../common/numbers.json", import.meta.url), "utf8"))

test("numbers are read as Python reads them: one table for both", () => {
  for (const [text, expected] of CASES) assert.deepEqual(meanings(text), expected, JSON.stringify(text))
})
