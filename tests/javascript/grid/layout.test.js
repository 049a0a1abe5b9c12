import assert from "node:assert/strict"
import { test } from "node:test"
import { cellBox, fontSize, layout, lettersIn, roomHeight } from "../../../lenet/grid/component/layout.js"
import { MAX, PADDED } from "./scenes.js"

/** @import { Scene } from "../../../lenet/grid/component/scene.js" */

const ROOM = { width: 1200, height: 450, legend: 0 }
const textHeight = 200

test("the panels stand side by side, within the width", () => {
  const { zones, cell, width } = layout(MAX, ROOM, textHeight)
  assert.equal(cell, 72, "as large as a cell may be")
  assert.equal(zones.in.width, 3 * cell)
  assert.equal(zones.out.width, 2 * cell)
  assert.ok(zones.in.x >= 0 && zones.out.x > zones.in.x + zones.in.width)
  assert.ok(zones.out.x + zones.out.width <= width)
})

test("“this window” is between them, and on a narrow screen below", () => {
  const wide = layout(MAX, ROOM, textHeight)
  assert.equal(wide.arrows.length, 2)
  assert.ok(wide.panel.x > wide.zones.in.x && wide.panel.x < wide.zones.out.x)
  const narrow = layout(MAX, { ...ROOM, width: 390 }, textHeight)
  assert.equal(narrow.arrows.length, 1)
  assert.ok(narrow.panel.y >= narrow.zones.in.y + narrow.zones.in.height)
  assert.ok(narrow.zones.out.x + narrow.zones.out.width <= 390)
})

test("cells shrink to the room there is", () => {
  const { cell, zones } = layout({ ...PADDED, channels: 4 }, { ...ROOM, height: 260 }, textHeight)
  assert.ok(cell < 30)
  assert.ok(zones.in.height <= 260)
})

test("padding lies outside the input's first cell", () => {
  const at = layout(PADDED, ROOM, textHeight)
  const [first, padding] = [cellBox(at, "in", 0, 0, 0), cellBox(at, "in", 0, -1, -1)]
  assert.deepEqual([padding.x, padding.y], [at.zones.in.x, at.zones.in.y])
  assert.ok(Math.abs(first.x - padding.x - at.cell) < 1e-9)
})

test("channels stand two in a row", () => {
  const at = layout({ ...MAX, channels: 3 }, ROOM, textHeight)
  const [a, b, c] = [0, 1, 2].map((channel) => cellBox(at, "in", channel, 0, 0))
  assert.equal(a.y, b.y)
  assert.equal(a.x, c.x)
  assert.ok(b.x > a.x && c.y > a.y)
})

test("the window's own grid has no room beside several channels", () => {
  assert.ok(layout(MAX, ROOM, textHeight).panel.mini >= 40)
  assert.equal(layout({ ...MAX, channels: 2 }, ROOM, textHeight).panel.mini, 0)
})

test("a font fits the longest text", () => {
  assert.equal(fontSize(["1"], 72, { least: 9, most: 17 }), 17)
  assert.ok(fontSize(["1", "−12.3"], 40, { least: 9, most: 17 }) * 0.58 * 5 <= 40)
})

test("a font never becomes too small for one long number, and there is none where no number fits", () => {
  const size = fontSize(["1", "0.333333", "−123456.7891"], 40, { least: 11, most: 17 })
  assert.ok(size >= 11)
  assert.ok(lettersIn(40, size) >= 4)
  assert.equal(fontSize(["255"], 8, { least: 11, most: 17 }), 0)
})

test("on a phone everything lies within the width, with cells for fingers", () => {
  const seven = { ...MAX, row_kinds: Array(9).fill(0), column_kinds: Array(9).fill(0), out_size: [7, 7] }
  const four = { ...MAX, row_kinds: Array(6).fill(0), column_kinds: Array(6).fill(0), channels: 2 }
  for (const width of [328, 358])
    for (const scene of /** @type {Scene[]} */ (/** @type {unknown[]} */ ([MAX, seven, four]))) {
      const { zones, cell, panel, height } = layout(
        scene,
        { width, height: roomHeight(width, 740, 140), legend: 2 },
        textHeight,
      )
      assert.ok(cell >= 24, `${cell}`)
      for (const { x, y, width: wide, height: high } of [zones.in, zones.out]) {
        assert.ok(x >= 0 && x + wide <= width)
        assert.ok(y + high <= panel.title)
      }
      assert.ok(panel.x + 300 <= width && panel.y + 200 <= height)
    }
})

test("the numbers of a kernel of one channel are read in a low window too", () => {
  /** @param {number} height */
  const cellOfKernel = (height) => {
    const places = Array.from({ length: 28 }, (_, at) => Array.from({ length: 5 }, (_, n) => at + n))
    const scene = { ...MAX, channels: 1, rows: places, columns: places, kernel: MAX.input }
    return layout(/** @type {Scene} */ (/** @type {unknown} */ (scene)), { ...ROOM, height }, textHeight).zones.kernel
      ?.cell
  }
  assert.equal(cellOfKernel(248), 24, "at 1366×768, below the tab of the gradient")
  assert.ok(Number(cellOfKernel(620)) > 24)
  assert.ok(fontSize(["3.7977"], 24, { least: 11, most: 17 }) >= 11)
})
