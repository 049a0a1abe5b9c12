import assert from "node:assert/strict"
import { test } from "node:test"
import { GAP, layout, places } from "../../../lenet/classroom/components/people/layout.js"
import { SHAPES } from "../../../lenet/classroom/components/symbols.js"

const CODE = 29 // modules of the QR code of such an address, without its quiet zone
const ADDRESS = "192.168.178.120:8501/class".length
/** @type {Record<string, import("../../../lenet/classroom/components/people/layout.js").Size>} what a page has below its head */
const PROJECTORS = {
  "1366×768": { width: 1206, height: 522 },
  "1366×768, presented": { width: 1342, height: 736 },
  "1920×1080": { width: 1760, height: 834 },
  "1920×1080, presented": { width: 1896, height: 1048 },
}

test("some places stay free until the class has come", () => {
  assert.deepEqual([0, 1, 12, 13, 40, 41, 100, 130].map(places), [12, 12, 12, 24, 40, 60, 100, 130])
})

for (const [name, room] of Object.entries(PROJECTORS)) {
  test(`all that is at the front fits on a projector, and can be read from the back: ${name}`, () => {
    for (const people of [0, 17, 40, 60]) {
      const { isWide, qr, code, text, address, columns, tile } = layout(room, ADDRESS, places(people))
      const side = room.width - qr - 32
      const rows = Math.ceil(places(people) / columns)
      const height = code * 1.05 + address * 1.3 + 2 * text * 1.3 + 4 * GAP + rows * (tile.height + GAP) - GAP
      assert.ok(isWide && (qr * CODE) / (CODE + 8) >= 400 && qr <= room.height, `QR code ${qr}`)
      assert.ok(code >= 120, `letters of ${code}`)
      assert.ok(address >= 24 && text >= 16)
      assert.ok(columns * (tile.width + GAP) - GAP <= side, "across")
      assert.ok(height <= room.height, `${people} people: ${height} of ${room.height}`)
      assert.ok(tile.height >= 26)
    }
  })
}

test("on a phone everything stands in one column of its width", () => {
  for (const width of [328, 358]) {
    const { isWide, qr, columns, tile } = layout({ width, height: 600 }, ADDRESS, 40)
    assert.equal(isWide, false)
    assert.equal(qr, width)
    assert.ok(columns * (tile.width + GAP) - GAP <= width && tile.height >= 26)
  }
})

test("where nothing more fits, tiles stay as large as can be read", () => {
  const { columns, tile } = layout({ width: 760, height: 420 }, ADDRESS, 130)
  assert.equal(tile.height, 26)
  assert.ok(columns >= 4)
})

test("no two symbols are the same", () => {
  assert.equal(new Set(Object.values(SHAPES)).size, Object.keys(SHAPES).length)
})
