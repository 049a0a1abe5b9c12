import assert from "node:assert/strict"
import { test } from "node:test"
import { columns, layerAfter } from "../../../lenet/architecture/components/layer_list/layout.js"

const SCENE = { label: "", selected: 0, mark: "#000000", height: 100, layers: [{ name: "1", from: 100, to: 180 }] }

test("the drawing keeps its shape and stands in the middle", () => {
  /** @type {[number, number]} */
  const range = [400, 100]
  assert.deepEqual(columns({ ...SCENE, range }, 400), [{ left: 100, width: 80 }])
  assert.deepEqual(columns({ ...SCENE, range }, 600), [{ left: 200, width: 80 }])
  assert.deepEqual(columns({ ...SCENE, range }, 200), [{ left: 50, width: 40 }])
})

test("keys go along the layers and stop at the ends", () => {
  assert.equal(layerAfter("ArrowRight", 3, 12), 4)
  assert.equal(layerAfter("ArrowDown", 11, 12), 11)
  assert.equal(layerAfter("ArrowLeft", 0, 12), 0)
  assert.equal(layerAfter("Home", 5, 12), 0)
  assert.equal(layerAfter("End", 5, 12), 11)
  assert.equal(layerAfter("Enter", 5, 12), null)
})
