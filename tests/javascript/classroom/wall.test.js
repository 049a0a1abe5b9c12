import assert from "node:assert/strict"
import { test } from "node:test"
import { blockSize, places, unpacked } from "../../../lenet/classroom/components/wall/kernels.js"
import { BETWEEN, GAP, layout } from "../../../lenet/classroom/components/wall/layout.js"
import { dots } from "../../../lenet/classroom/components/wall/spread.js"
import { detailOf, movedTo, nameOf, ordered, told } from "../../../lenet/classroom/components/wall/tiles.js"

/** @import { Shape } from "../../../lenet/classroom/components/wall/layout.js" */
/** @import { Scene, Tile, Words } from "../../../lenet/classroom/components/wall/scene.js" */

/** @type {Shape} */
const LENET = [6, 5, 5]
// What is left of a laptop's and of a projector's screen: under the head of the page, and presented.
const ROOMS = {
  laptop: { width: 1206, height: 470 },
  presented: { width: 1342, height: 690 },
  projector: { width: 1760, height: 760 },
  large: { width: 1896, height: 1000 },
}

for (const [name, room] of Object.entries(ROOMS)) {
  for (const lines of [1, 2]) {
    for (const count of [1, 2, 5, 12, 24, 31, 40, 60]) {
      test(`${count} tiles of ${lines} lines fit a ${name} screen, and can be read`, () => {
        const { columns, tile, cell, font, across } = layout(room, count, LENET, lines)
        const rows = Math.ceil(count / columns)
        assert.ok(columns * (tile.width + GAP) - GAP <= room.width, "across")
        assert.ok(rows * (tile.height + GAP) - GAP <= room.height, "down")
        const block = blockSize(LENET, { across, cell })
        assert.ok(block.width < tile.width && block.height < tile.height, "kernels lie in their tile")
        assert.ok(cell >= 3 && font >= 13, `weights of ${cell}, letters of ${font}`)
        if (count <= 40) assert.ok(cell >= 4 && font >= 14, `weights of ${cell}, letters of ${font}`)
      })
    }
  }
}

test("forty tiles can be read from the back of a room", () => {
  for (const [name, font, cell] of /** @type {const} */ ([
    ["laptop", 17, 5],
    ["presented", 20, 7],
    ["projector", 26, 9],
    ["large", 28, 10],
  ])) {
    const found = layout(ROOMS[name], 40, LENET, 1)
    assert.ok(found.font >= font && found.cell >= cell, `${name}: letters of ${found.font}, weights of ${found.cell}`)
  }
})

test("few tiles are large, many are smaller", () => {
  const cells = [1, 6, 12, 24, 40, 60].map((count) => layout(ROOMS.presented, count, LENET, 1).cell)
  assert.deepEqual(
    cells,
    [...cells].sort((a, b) => b - a),
  )
  assert.ok(cells[0] >= 3 * cells[4])
})

test("on a phone the tiles are as small as can be read, and there is more below", () => {
  const { columns, tile, font } = layout({ width: 358, height: 260 }, 40, LENET, 2)
  assert.ok(columns >= 3 && columns * (tile.width + GAP) - GAP <= 358)
  assert.ok(font >= 13)
})

test("kernels of any size have a layout", () => {
  for (const shape of /** @type {Shape[]} */ ([
    [1, 3, 3],
    [3, 7, 7],
    [5, 11, 11],
    [2, 1, 1],
  ])) {
    for (const count of [0, 1, 40]) {
      const found = layout(ROOMS.laptop, count, shape, 1)
      assert.ok(found.cell >= 3 && found.columns >= 1 && found.tile.width > 0 && found.tile.height > 0)
    }
  }
})

test("each weight has a place of its own", () => {
  const found = places(LENET, { across: 3, cell: 4 })
  assert.equal(new Set(found.map(String)).size, 150)
  assert.deepEqual(found[0], [0, 0])
  assert.deepEqual(found[25], [20 + BETWEEN, 0], "the second kernel stands beside the first")
  assert.deepEqual(found[75], [0, 20 + BETWEEN], "the fourth below it")
  assert.deepEqual(found[6], [4, 4], "weights lie row by row")
})

test("weights are unpacked with their sign", () => {
  const packed = Buffer.from(Int8Array.from([-127, 0, 127, 1]).buffer).toString("base64")
  assert.deepEqual([...unpacked(packed)], [-127, 0, 127, 1])
})

/** @type {Words} */
const WORDS = {
  wall: "wall",
  own: "own",
  sort: "sort",
  sort_number: "",
  sort_accuracy: "",
  sort_similarity: "",
  number: "number {n}",
  percent: "{value}%",
  waiting: "waits",
  training: "trains",
  stopped: "stopped",
  failed: "failed",
  not_yet: "not yet",
  gone: "taken back",
  reference: "the reference",
  likeness: "like number {n}: {r}",
  spread: "",
  comma: ", ",
}

/**
 * @param {number} number
 * @param {Partial<Tile>} more
 * @returns {Tile}
 */
const tile = (number, more = {}) => ({
  number,
  colour: "#000000",
  symbol: "circle",
  arm: "",
  state: "finished",
  share: 1,
  accuracy: null,
  likeness: null,
  kernels: "",
  ...more,
})

test("tiles are sorted by accuracy and by likeness, and what is not known comes last", () => {
  const tiles = [
    tile(1, { accuracy: 0.7, likeness: 0.4 }),
    tile(2, { state: "" }),
    tile(3, { accuracy: 0.9, likeness: 0.6 }),
    tile(4, { accuracy: 0.9, likeness: 1 }),
    tile(5, { state: "queued" }),
  ]
  const numbers = (/** @type {import("../../../lenet/classroom/components/wall/scene.js").Sort} */ sort) =>
    ordered(tiles, sort).map(({ number }) => number)
  assert.deepEqual(numbers("number"), [1, 2, 3, 4, 5])
  assert.deepEqual(numbers("accuracy"), [3, 4, 1, 2, 5])
  assert.deepEqual(numbers("similarity"), [4, 3, 1, 2, 5])
})

test("a tile is named by its number and how it stands, in the order in which that is seen", () => {
  assert.equal(nameOf(tile(17, { accuracy: 0.8213 }), WORDS), "number 17, 82.1%")
  assert.equal(nameOf(tile(17, { accuracy: 0.8213, arm: "relu" }), WORDS), "number 17, 82.1%, relu")
  assert.equal(nameOf(tile(3, { state: "running" }), WORDS), "number 3, trains")
  assert.equal(told(tile(3, { state: "running", accuracy: 0.5 }), WORDS), "50.0%")
  assert.equal(told(tile(3, { state: "queued", accuracy: 0.5 }), WORDS), "waits")
  for (const [state, word] of [
    ["", "not yet"],
    ["failed", "failed"],
    ["stopped", "stopped"],
    ["interrupted", "stopped"],
    ["gone", "taken back"],
    ["another", "not yet"],
  ]) {
    assert.equal(told(tile(1, { state }), WORDS), word)
  }
})

test("of the tile that was chosen it is said what it is like", () => {
  const scene = /** @type {Scene} */ ({ words: WORDS, reference: 4 })
  assert.equal(detailOf(tile(4, { accuracy: 0.9, likeness: 1 }), scene), "number 4, 90.0% · the reference")
  assert.equal(detailOf(tile(5, { accuracy: 0.8, likeness: 0.46 }), scene), "number 5, 80.0% · like number 4: 0.46")
  assert.equal(detailOf(tile(6, { state: "queued" }), scene), "number 6, waits")
})

test("dots stand at their values, and none lies on another", () => {
  const values = [0.8, 0.81, 0.8, 0.802, 0.9, 0.8]
  const found = dots(values, 300)
  assert.equal(found[0].x, found[2].x)
  assert.ok(found[4].x > found[1].x && found[1].x > found[3].x)
  for (const [i, a] of found.entries()) {
    for (const b of found.slice(i + 1)) assert.ok(a.level !== b.level || Math.abs(a.x - b.x) >= 10)
  }
  assert.deepEqual(dots([0.5], 300), [{ x: 150, level: 0 }])
})

test("arrows lead from tile to tile and from row to row", () => {
  const to = (/** @type {string} */ key, at = 5) => movedTo(key, at, 4, 10)
  assert.deepEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].map((key) => to(key)),
    [4, 6, 1, 9, 0, 9],
  )
  assert.equal(to("ArrowDown", 7), 7, "there is none below it")
  assert.equal(to("ArrowLeft", 0), 0)
  assert.equal(to("ArrowRight", 3), 4, "on to the next row")
  assert.equal(to("Enter"), null)
})

test("two tiles stand side by side", () => {
  assert.equal(layout(ROOMS.laptop, 2, LENET, 1).columns, 2)
})
