import assert from "node:assert/strict"
import { test } from "node:test"
import { layout, mapsOf } from "../../../lenet/architecture/components/overview/layout.js"

/** @import { Block } from "../../../lenet/architecture/components/overview/scene.js" */

/** @type {Block[]} */
const BLOCKS = [
  [1, 28, 28],
  [6, 28, 28],
  [6, 14, 14],
  [16, 10, 10],
  [16, 5, 5],
].map(([maps, height, width]) => ({
  ...{ name: "", size: "", scale: [], shades: "" },
  shape: [maps, height, width],
}))

test("the blocks stand in one row, in two or in three, inside the picture and apart from one another", () => {
  for (const [width, rows] of [
    [1206, 1],
    [788, 2],
    [651, 2],
    [358, 3],
    [328, 3],
  ]) {
    const { places, height } = layout(BLOCKS, 10, width)
    assert.equal(places.length, 6)
    const tops = new Set(places.map(({ x }, i) => i && x > places[i - 1].x))
    assert.equal(places.filter(({ x }, i) => i === 0 || x < places[i - 1].x).length, rows, `${width}: ${[...tops]}`)
    places.forEach((place, i) => {
      assert.ok(place.x >= 0 && place.x + place.width <= width + 1e-6 && place.y + place.height <= height)
      const next = places[i + 1]
      if (next && next.x > place.x) assert.ok(place.x + place.width + 30 <= next.x)
    })
    assert.ok(places[5].height >= 140, "a line for each class")
    assert.ok(places[0].width >= 90, "the image can be seen")
  }
})

test("the maps of a block fill its place", () => {
  const { places } = layout(BLOCKS, 10, 1206)
  BLOCKS.forEach((block, i) => {
    const maps = mapsOf(block, places[i])
    assert.equal(maps.length, block.shape[0])
    const [right, bottom] = [
      Math.max(...maps.map((m) => m.x + m.width)),
      Math.max(...maps.map((m) => m.y + m.height)),
    ]
    assert.ok(Math.abs(right - places[i].x - places[i].width) < 1e-6)
    assert.ok(Math.abs(bottom - places[i].y - places[i].height) < 0.5)
  })
})
