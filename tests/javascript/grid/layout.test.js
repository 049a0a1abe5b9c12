import assert from "node:assert/strict"
import { test } from "node:test"
import { cellBox, fontSize, layout } from "../../../lenet/grid/component/layout.js"
import { MAX, PADDED } from "./scenes.js"

const ROOM = { width: 1200, height: 450, legend: 0 }
const panelHeight = () => 200

test("the panels stand side by side, within the width", () => {
  const { zones, cell, width } = layout(MAX, ROOM, panelHeight)
  assert.equal(cell, 72, "as large as a cell may be")
  assert.equal(zones.in.width, 3 * cell)
  assert.equal(zones.out.width, 2 * cell)
  assert.ok(zones.in.x >= 0 && zones.out.x > zones.in.x + zones.in.width)
  assert.ok(zones.out.x + zones.out.width <= width)
})

test("“this window” is between them, and on a narrow screen below", () => {
  const wide = layout(MAX, ROOM, panelHeight)
  assert.equal(wide.arrows.length, 2)
  assert.ok(wide.panel.x > wide.zones.in.x && wide.panel.x < wide.zones.out.x)
  const narrow = layout(MAX, { ...ROOM, width: 390 }, panelHeight)
  assert.equal(narrow.arrows.length, 1)
  assert.ok(narrow.panel.y >= narrow.zones.in.y + narrow.zones.in.height)
  assert.ok(narrow.zones.out.x + narrow.zones.out.width <= 390)
})

test("cells shrink to the room there is", () => {
  const { cell, zones } = layout({ ...PADDED, channels: 4 }, { ...ROOM, height: 260 }, panelHeight)
  assert.ok(cell < 30)
  assert.ok(zones.in.height <= 260)
})

test("padding lies outside the input's first cell", () => {
  const at = layout(PADDED, ROOM, panelHeight)
  const [first, padding] = [cellBox(at, "in", 0, 0, 0), cellBox(at, "in", 0, -1, -1)]
  assert.deepEqual([padding.x, padding.y], [at.zones.in.x, at.zones.in.y])
  assert.ok(Math.abs(first.x - padding.x - at.cell) < 1e-9)
})

test("channels stand two in a row", () => {
  const at = layout({ ...MAX, channels: 3 }, ROOM, panelHeight)
  const [a, b, c] = [0, 1, 2].map((channel) => cellBox(at, "in", channel, 0, 0))
  assert.equal(a.y, b.y)
  assert.equal(a.x, c.x)
  assert.ok(b.x > a.x && c.y > a.y)
})

test("the window's own grid has no room beside several channels", () => {
  assert.ok(layout(MAX, ROOM, panelHeight).panel.mini >= 40)
  assert.equal(layout({ ...MAX, channels: 2 }, ROOM, panelHeight).panel.mini, 0)
})

test("a font fits the longest text", () => {
  assert.equal(fontSize(["1"], 72, 17), 17)
  assert.ok(fontSize(["1", "−12.345"], 40, 17) * 0.58 * 7 <= 40)
})
