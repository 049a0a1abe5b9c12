import assert from "node:assert/strict"
import { test } from "node:test"
import { colourOf } from "../../../lenet/kernels/components/wall/colour_wall.js"
import { readings } from "../../../lenet/kernels/components/wall/curve.js"
import { Kernels, statistics } from "../../../lenet/kernels/components/wall/kernels.js"
import { neighbour, presentationKey, scrubKey } from "../../../lenet/kernels/components/wall/keys.js"
import { fit, measures, orderOf, tickStep, tileCorner } from "../../../lenet/kernels/components/wall/layout.js"
import { nearestCell } from "../../../lenet/kernels/components/wall/pointing.js"
import { fromQuery, linkQuery, toQuery } from "../../../lenet/kernels/components/wall/query.js"
import { momentOf, momentOfLink } from "../../../lenet/kernels/components/wall/report.js"
import { State } from "../../../lenet/kernels/components/wall/state.js"
import { packed, scene, WORDS } from "./scenes.js"

test("kernels are unpacked, step by step", () => {
  const kernels = new Kernels(packed([2, 1, 1, 2], [1, -2, 3, 4, 5, 6, 7, -32768]))
  assert.deepEqual([...kernels.at(0)], [0.5, -1, 1.5, 2])
  assert.deepEqual([...kernels.at(1)], [2.5, 3, 3.5, Number.NaN])
  assert.deepEqual([kernels.out, kernels.size], [2, 2])
})

test("a weight has its place in channel, row and column", () => {
  const kernels = new Kernels(packed([1, 2, 2, 3], Array(12).fill(0)))
  assert.deepEqual(kernels.position(0), { channel: 0, row: 0, column: 0 })
  assert.deepEqual(kernels.position(10), { channel: 1, row: 1, column: 1 })
})

test("statistics of a kernel", () => {
  const { min, max, minAt, maxAt, mean, norm } = statistics(Float64Array.of(3, -4, 0, 1))
  assert.deepEqual([min, minAt, max, maxAt, mean], [-4, 1, 3, 0, 0])
  assert.ok(Math.abs(norm - Math.sqrt(26)) < 1e-12)
})

test("weights are told with as many decimals as are right", () => {
  const decimals = (/** @type {number} */ unit) => new Kernels({ ...packed([1, 1, 1, 1], [1]), unit }).decimals
  assert.deepEqual([1e-4, 2e-4, 1e-3, 0.0137, 1, 30].map(decimals), [4, 3, 3, 1, 0, 0])
})

// -- colours -------------------------------------------------------------------------------------------------------

test("three weights are one colour: grey for none, bright for positive, dark for negative", () => {
  assert.deepEqual(colourOf(0, 0, 0, 2), [128, 128, 128])
  assert.deepEqual(colourOf(2, 0, -2, 2), [255, 128, 1])
  assert.deepEqual(colourOf(1, -1, 0, 2), [192, 65, 128])
})

test("kernels of three channels are tiles of colour, unless each channel is wanted", () => {
  const wall = { ...packed([1, 3, 1, 2], [1, 2, 3, 4, 5, 6]), steps: [0] }
  const state = new State(scene({ wall, still: true }), null)
  assert.ok(state.isColour && state.isAlone && state.moment.own)
  state.settings.colour = false
  assert.ok(!state.isColour && state.isAlone && !state.moment.own)
  assert.ok(!new State(scene(), null).isColour)
})

test("a tile of colour has a cell for the three weights of a place", () => {
  const kernels = new Kernels(packed([2, 3, 2, 2], Array(24).fill(0)))
  const { size, channels, position } = kernels.merged
  assert.deepEqual([size, channels], [4, 1])
  assert.deepEqual(position(3), { channel: 0, row: 1, column: 1 })
  const wall = { kernels: kernels.merged, order: [0, 1], columns: 2 }
  assert.deepEqual(neighbour("ArrowRight", { kernel: 0, i: 1 }, wall), { kernel: 1, i: 0 })
})

// -- the address ---------------------------------------------------------------------------------------------------

test("settings go into the address and come back", () => {
  const all =
    "step=3&scale=own&values=off&sort=norm&layer=2&channels=each&present=1&ground=dark&curve=off&note=on&kernel=2&clicker=epochs"
  const { settings, step } = fromQuery(new URLSearchParams(all))
  assert.equal(step, 3)
  assert.equal(toQuery(settings, step).toString(), all)
})

test("what is as it is at first is not in the address", () => {
  const { settings, step } = fromQuery(new URLSearchParams())
  assert.equal(step, null)
  assert.equal(toQuery(settings, null).toString(), "")
})

test("what cannot be used counts as not there", () => {
  const bad = "step=soon&scale=big&values=maybe&sort=random&layer=9&present=yes&ground=pink&kernel=0&clicker=fast"
  const { settings, step } = fromQuery(new URLSearchParams(bad))
  assert.equal(step, null)
  assert.equal(toQuery(settings, null).toString(), "")
})

test("a step or kernel that is not written in digits counts as not there", () => {
  for (const bad of ["", "-3", "1e2", "0x10", "2.5", " 7"]) {
    const { settings, step } = fromQuery(new URLSearchParams({ step: bad, kernel: bad }))
    assert.deepEqual([step, settings.kernel], [null, null], bad)
  }
})

test("what is about a presentation is kept only while there is one", () => {
  const { settings } = fromQuery(new URLSearchParams("ground=light&curve=off&note=off&kernel=3&clicker=epochs"))
  assert.equal(toQuery(settings, null).toString(), "")
})

test("a link has the page's keys and ours, but nobody else's presentation", () => {
  const link = linkQuery("?run=a&step=1&lang=zh_CN&present=1", "step=7&scale=own&present=1&ground=dark&kernel=2")
  assert.equal(link, "run=a&lang=zh_CN&step=7&scale=own")
})

test("the server knows the moment of a link without being told", () => {
  const asked = { step: "10" }
  assert.deepEqual(momentOf(new State(scene({ asked }), null)), momentOfLink(scene({ asked })))
  assert.deepEqual(momentOf(new State(scene(), null)), momentOfLink(scene()))
  assert.deepEqual(momentOf(new State(scene(), null)), { run: "a", step: null, layer: 1 })
  const state = new State(scene(), null)
  state.moveTo(0)
  assert.deepEqual(momentOf(state), { run: "a", step: 0, layer: 1 })
})

// -- keys ----------------------------------------------------------------------------------------------------------

test("on the controls arrows move by one, pages by ten, Home and End all the way", () => {
  assert.deepEqual(scrubKey("ArrowDown"), { by: -1 })
  assert.deepEqual(scrubKey("PageUp"), { by: 10 })
  assert.deepEqual(scrubKey("Home"), { by: -Infinity })
  assert.deepEqual(scrubKey(" "), { command: "play" })
  assert.equal(scrubKey("d"), null)
})

test("in a presentation a clicker turns pages, digits choose a kernel, and letters command", () => {
  assert.deepEqual(presentationKey("PageDown"), { page: 1 })
  assert.deepEqual(presentationKey("PageUp"), { page: -1 })
  assert.deepEqual(presentationKey("ArrowRight"), { by: 1 })
  assert.deepEqual(presentationKey("3"), { kernel: 2 })
  assert.deepEqual(presentationKey("0"), { kernel: null })
  assert.deepEqual(presentationKey("B"), { command: "blank" })
  assert.deepEqual(presentationKey("."), { command: "blank" })
  assert.deepEqual(presentationKey("ArrowUp"), { by: 10 })
  assert.deepEqual(presentationKey("D"), { command: "ground" })
  assert.deepEqual(presentationKey("Escape"), { command: "leave" })
  assert.equal(presentationKey("x"), null)
  assert.equal(presentationKey("Enter"), null)
})

test("arrows cross from kernel to kernel, as they stand", () => {
  const kernels = new Kernels(packed([3, 1, 2, 2], Array(12).fill(0)))
  const wall = { kernels, order: [2, 0, 1], columns: 2 } // 2 0 / 1
  assert.deepEqual(neighbour("ArrowRight", { kernel: 2, i: 0 }, wall), { kernel: 2, i: 1 })
  assert.deepEqual(neighbour("ArrowRight", { kernel: 2, i: 1 }, wall), { kernel: 0, i: 0 })
  assert.deepEqual(neighbour("ArrowDown", { kernel: 2, i: 3 }, wall), { kernel: 1, i: 1 })
  assert.deepEqual(neighbour("ArrowUp", { kernel: 1, i: 1 }, wall), { kernel: 2, i: 3 })
  for (const key of ["ArrowLeft", "ArrowUp"]) {
    assert.deepEqual(neighbour(key, { kernel: 2, i: 0 }, wall), { kernel: 2, i: 0 }, "the wall ends there")
  }
  assert.deepEqual(neighbour("ArrowDown", { kernel: 0, i: 3 }, wall), { kernel: 0, i: 3 }, "nothing stands below")
})

test("arrows cross from channel to channel of a kernel", () => {
  const kernels = new Kernels(packed([1, 2, 2, 2], Array(8).fill(0)))
  const wall = { kernels, order: [0], columns: 1 }
  assert.deepEqual(neighbour("ArrowRight", { kernel: 0, i: 1 }, wall), { kernel: 0, i: 4 })
})

test("a page of epochs ends where an epoch ends", () => {
  const { timeline } = new State(scene({ steps: [0, 1, 5, 10, 15, 20, 28, 30] }), null)
  const forth = [timeline.turned(0, 1), timeline.turned(3, 1), timeline.turned(5, 1), timeline.turned(7, 1)]
  assert.deepEqual(forth, [3, 5, 7, 7])
  assert.deepEqual([timeline.turned(7, -1), timeline.turned(4, -1), timeline.turned(3, -1)], [5, 3, 0])
  const unknown = new State(scene({ steps: Array.from({ length: 25 }, (_, i) => i), per_epoch: 0 }), null).timeline
  assert.deepEqual([unknown.turned(0, 1), unknown.turned(20, 1), unknown.turned(4, -1)], [10, 24, 0])
})

test("a finger means the nearest weight, unless it is far from all", () => {
  const cells = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 100, y: 0 },
  ]
  assert.equal(nearestCell(cells, 10, { x: 12, y: 5 })?.n, 1)
  assert.equal(nearestCell(cells, 10, { x: 30, y: 5 })?.n, 1)
  assert.equal(nearestCell(cells, 10, { x: 90, y: 20 })?.n, 2)
  assert.equal(nearestCell(cells, 10, { x: 60, y: 5 }), null)
  const sparse = [undefined, { x: 10, y: 0 }]
  assert.equal(nearestCell(/** @type {any} */ (sparse), 10, { x: 1, y: 5 })?.n, 1, "others are left out")
})

test("a kernel can be presented alone, and only presented", () => {
  const wall = { ...packed([3, 1, 1, 1], [1, 2, 3]), steps: [0] }
  const alone = new State(scene({ wall, asked: { present: "1", kernel: "3" } }), null)
  assert.deepEqual(alone.order, [2])
  assert.deepEqual(new State(scene({ wall, asked: { kernel: "3" } }), null).order, [0, 1, 2])
  assert.deepEqual(new State(scene({ wall, asked: { present: "1", kernel: "4" } }), null).order, [0, 1, 2])
})

test("a hint speaks of fingers where there are some", () => {
  const state = new State(scene(), null)
  assert.deepEqual([state.hint(false), state.hint(true)], ["hint", "hint_touch"])
  state.settings.presenting = true
  assert.deepEqual([state.hint(false), state.hint(true)], ["hint_present", "hint_present_touch"])
})

// -- layout --------------------------------------------------------------------------------------------------------

const SIX = new Kernels(packed([6, 1, 5, 5], Array(150).fill(0)))

test("a wall fills its box and stays within", () => {
  for (const [width, height] of [
    [800, 400],
    [400, 800],
    [1600, 300],
  ]) {
    const found = fit(SIX, { width, height }, { largest: 400, zoom: 1 })
    assert.ok(found.width <= width + 1e-9 && found.height <= height + 1e-9, `${width}×${height}`)
    assert.ok(found.cell > 15)
  }
})

test("cells are no larger than they may be", () => {
  assert.equal(fit(SIX, { width: 5000, height: 5000 }, { largest: 64, zoom: 1 }).cell, 64)
})

test("a wall too large for its box has small cells, as many columns as fit", () => {
  const many = new Kernels(packed([64, 16, 5, 5], Array(64 * 400).fill(0)))
  const { cell, width, columns } = fit(many, { width: 900, height: 300 }, { largest: 64, zoom: 1 })
  assert.equal(cell, 5)
  assert.ok(width <= 900 && columns >= 1)
})

test("a wall is as wide as its box where that is what limits it", () => {
  const found = fit(SIX, { width: 358, height: 1000 }, { largest: 110, zoom: 1 })
  assert.ok(Math.abs(found.width - 358) < 1e-9)
})

test("64 kernels of 7×7 are large enough in front of a class", () => {
  const many = new Kernels(packed([64, 1, 7, 7], Array(64 * 49).fill(0)))
  const { zoom } = measures({ width: 1366, height: 768 }, { width: 1342, top: 0 }, true)
  const { tile } = fit(many, { width: 948, height: 700 }, { largest: 400, zoom })
  assert.ok(tile.width >= 70 && tile.height >= 70, String(tile.width))
})

test("what is presented has larger words and no small numbers, what is on a phone no tiny ones", () => {
  const at = (/** @type {number} */ width, /** @type {number} */ height, presented = false) =>
    measures({ width, height }, { width: presented ? width - 24 : width - 32, top: 200 }, presented)
  assert.deepEqual([at(1366, 768, true).smallest, at(1366, 768, true).isNarrow], [24, false])
  assert.equal(at(1366, 768).smallest, 8)
  assert.deepEqual([at(390, 844).smallest, at(390, 844).isNarrow, at(390, 844).zoom], [11, true, 1])
  assert.ok(at(844, 390).height >= 390, "a phone across scrolls")
  assert.ok(!at(600, 400, true).isAcross && at(820, 1180, true).isAcross)
})

test("kernels stand row by row", () => {
  const found = fit(SIX, { width: 800, height: 400 }, { largest: 400, zoom: 1 })
  const { columns, tile } = found
  const [first, below] = [tileCorner(found, 0), tileCorner(found, columns)]
  assert.equal(below.x, first.x)
  assert.ok(Math.abs(below.y - first.y - tile.stepY) < 1e-9)
})

test("without an order of their own kernels stand as stored", () => {
  assert.deepEqual(orderOf(undefined, 3), [0, 1, 2])
  assert.deepEqual(orderOf([2, 0, 1], 3), [2, 0, 1])
})

test("an axis has round steps", () => {
  assert.equal(tickStep(10, 10), 1)
  assert.equal(tickStep(10, 4), 5)
  assert.ok(Math.abs(tickStep(0.7, 4) - 0.2) < 1e-12)
  assert.equal(tickStep(300, 2), 200)
})

test("curves are read at the step, and after the last finished epoch", () => {
  /** @type {import("../../../lenet/kernels/components/wall/scene.js").Scene["curve"]} */
  const curve = {
    loss: [
      [0.1, 3],
      [0.9, 2],
    ],
    mean: [[1, 2.5]],
    train: [[1, 0.8]],
    test: [],
  }
  assert.deepEqual(readings(curve, 0.5), { loss: 2, mean: undefined, train: undefined, test: undefined })
  assert.deepEqual(readings(curve, Infinity), { loss: 2, mean: 2.5, train: 0.8, test: undefined })
})

// -- what is shown -------------------------------------------------------------------------------------------------

test("it opens at the end of training, or at the step that the link asks for", () => {
  assert.equal(new State(scene(), null).step, 30)
  assert.equal(new State(scene({ asked: { step: "12" } }), null).step, 10)
})

test("what was set before counts more than the link, but its step only for the same run", () => {
  const asked = { step: "0", scale: "shared" }
  const same = new State(scene({ asked }), { run: "a", query: "step=20&scale=own" })
  assert.equal(same.step, 20)
  assert.equal(same.settings.own, true)
  const other = new State(scene({ run: "b", asked }), { run: "a", query: "step=20&scale=own" })
  assert.equal(other.step, 30)
  assert.equal(other.settings.own, true)
})

test("a history that grows takes along who stands at its end, and nobody else", () => {
  const longer = scene({ steps: [0, 10, 20, 30, 40] })
  const state = new State(scene(), null)
  state.take(longer)
  assert.equal(state.step, 40)
  state.moveTo(1)
  state.take(scene({ steps: [0, 5, 10, 15, 40, 50] }))
  assert.equal(state.step, 10)
})

test("another run opens at its end", () => {
  const state = new State(scene(), null)
  state.moveTo(0)
  state.take(scene({ run: "b" }))
  assert.equal(state.step, 30)
})

test("a step in words has a fraction of an epoch only where it says something", () => {
  const state = new State(scene({ steps: [0, 1, 10, 15] }), null)
  const words = [0, 1, 2, 3].map((index) => {
    state.moveTo(index)
    return state.where
  })
  assert.deepEqual(words, [WORDS.initial, "step 1 · epoch 0.10", "step 10 · epoch 1", "step 15 · epoch 1.50"])
  assert.equal(new State(scene({ steps: [0, 1], per_epoch: 235 }), null).where, "step 1 · epoch 0.004")
  assert.equal(new State(scene({ per_epoch: 0 }), null).where, "step 30")
})

test("the second layer has no steps", () => {
  const second = { ...packed([1, 1, 1, 1], [4]), limit: 2, orders: {} }
  const state = new State(scene({ second, asked: { layer: "2" } }), null)
  assert.ok(state.isSecond && state.isStill)
  assert.deepEqual([...state.moment.weights], [2])
  assert.equal(state.fileMoment, "-layer-2")
  assert.ok(!new State(scene({ asked: { layer: "2" } }), null).isSecond, "a run without one shows the first")
})

test("files are named by run and step", () => {
  const state = new State(scene(), null)
  assert.equal(state.fileName + state.fileMoment, "kernels-a-step-30")
  const file = new State(scene({ still: true, label: "theirs.safetensors: conv1.weight" }), null)
  assert.equal(file.fileName + file.fileMoment, "kernels-theirs.safetensors-conv1.weight")
})
