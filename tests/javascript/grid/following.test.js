import assert from "node:assert/strict"
import { test } from "node:test"
import { ownerOf } from "../../../lenet/grid/component/following.js"
import { Windows } from "../../../lenet/grid/component/windows.js"
import { MAX } from "./scenes.js"

/** @import { GridView } from "../../../lenet/grid/component/view.js" */

/** What a grid remembers, without its picture. */
function grid() {
  const windows = new Windows(MAX)
  const view = {
    ...{ windows, scene: MAX, layer: {}, step: 0, isFilling: false, isAlone: false, shown: 0 },
    ...{ hovered: null, pointed: null, weight: null, player: { stop() {} } },
    /** @returns {boolean} */
    get chosen() {
      return this.step !== 0
    },
    show() {
      this.shown += 1
    },
  }
  return { view, owner: ownerOf(/** @type {GridView} */ (/** @type {unknown} */ (view))) }
}

test("one grid shows what another shows", () => {
  const [here, there] = [grid(), grid()]
  for (const changes of [
    { step: 3 },
    { step: 2, isFilling: true },
    { step: 0, isFilling: true },
    { isFilling: false, hovered: 1 },
    { hovered: null, pointed: 8 },
    { pointed: null },
  ]) {
    Object.assign(here.view, changes)
    there.owner.show(here.owner.query())
    for (const key of /** @type {const} */ (["step", "isFilling", "hovered", "pointed"]))
      assert.equal(there.view[key], here.view[key])
    assert.equal(there.owner.query().toString(), here.owner.query().toString())
  }
  assert.equal(there.view.shown, 6)
})

test("what no grid has is shown as it begins", () => {
  const { view, owner } = grid()
  owner.show(new URLSearchParams({ cell: "9,9", "~out": "4", "~in": "-1", "~weight": "0,0", "~filled": "" }))
  assert.deepEqual([view.step, view.hovered, view.pointed, view.weight], [0, null, null, null])
})
