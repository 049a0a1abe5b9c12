import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { errorGradient, gradients, terms } from "../../../lenet/convolution/components/learning/arithmetic.js"
import { decades, power } from "../../../lenet/convolution/components/learning/curve.js"
import { ownerOf } from "../../../lenet/convolution/components/learning/following.js"
import { layout } from "../../../lenet/convolution/components/learning/layout.js"
import { tidy } from "../../../lenet/convolution/components/learning/picture.js"
import { limitsOf, State } from "../../../lenet/convolution/components/learning/state.js"

/** @import { Grid, PanelName, Scene, Task } from "../../../lenet/convolution/components/learning/scene.js" */
/** @import { LearningView } from "../../../lenet/convolution/components/learning/view.js" */
/** @import { Pair } from "../../../lenet/common/components/keys.js" */

/**
 * @typedef {object} Expected what NumPy computes
 * @property {Grid} input
 * @property {Grid} target
 * @property {Grid} kernel
 * @property {number} rate
 * @property {Pair} weight
 * @property {{ steps: number, loss: number, weights: number[], gradients: number[], output: number[], terms: number[] }[]} after
 */
/** @type {Record<string, Expected>} */
const TABLE = JSON.parse(readFileSync(new URL("../../convolution/learning.json", import.meta.url), "utf8"))

/**
 * A scene with the tasks of the table.
 * @returns {Scene}
 */
function scene() {
  const tasks = Object.entries(TABLE).map(
    ([key, { input, target, kernel }]) =>
      /** @type {Task} */ ({
        ...{ key, name: key, remark: "", input, target },
        ...{ start: kernel, hidden: kernel.values, largest: 0.5 },
      }),
  )
  const words = /** @type {Scene["words"]} */ ({})
  return {
    ...{ asked: {}, tasks, rates: [0.1, 0.3, 1], rate: 0.3, mark: "#f00", space: " ", color: "#00f", words },
    ...{ scales: { amounts: [], signed: [] }, lesson: null, covered: false },
  }
}

/**
 * @param {number[]} found
 * @param {number[]} expected
 */
function same(found, expected) {
  assert.equal(found.length, expected.length)
  for (const [i, value] of found.entries())
    assert.ok(Math.abs(value - expected[i]) < 1e-12, `${value} is not ${expected[i]}`)
}

test("loss, gradients, terms and steps are NumPy's: one table for both", () => {
  for (const [key, { rate, weight, after }] of Object.entries(TABLE)) {
    const state = new State(scene(), new URLSearchParams({ task: key, rate: String(rate) }))
    for (const expected of after) {
      while (state.steps < expected.steps) state.step()
      same(state.weights, expected.weights)
      same(state.output.values, expected.output)
      same(state.gradients, expected.gradients)
      same([state.loss], [expected.loss])
      const found = terms(state.task.input, state.arriving, weight)
      same(
        found.map(({ product }) => product),
        expected.terms,
      )
      for (const { place, cell } of found) assert.deepEqual(cell, [place[0] + weight[0], place[1] + weight[1]])
    }
  }
})

test("the gradient is the slope of the loss", () => {
  const state = new State(scene(), new URLSearchParams())
  const tiny = 1e-6
  const slopes = state.weights.map((_, i) => {
    const moved = state.weights.map((weight, n) => weight + (n === i ? tiny : 0))
    return (state.lossOf(moved) - state.loss) / tiny
  })
  for (const [i, slope] of slopes.entries()) assert.ok(Math.abs(slope - state.gradients[i]) < 1e-5)
  same(gradients(state.task.input, errorGradient(state.output, state.task.target), [3, 3]), state.gradients)
})

test("a step is told ahead, is taken, and is taken back by beginning again", () => {
  const state = new State(scene(), new URLSearchParams())
  const [ahead, first] = [state.ahead, [...state.weights]]
  state.step()
  assert.equal(state.loss, ahead)
  assert.equal(state.steps, 1)
  state.begin()
  assert.deepEqual(state.weights, first)
  assert.equal(state.steps, 0)
})

test("with a small rate the output becomes the target, with a large one the loss grows without end", () => {
  for (const { key } of scene().tasks) {
    const good = new State(scene(), new URLSearchParams({ task: key }))
    while (!good.isAtEnd) good.step()
    assert.ok(good.isDone && !good.hasDiverged && good.steps < 300, key)
    const bad = new State(scene(), new URLSearchParams({ task: key, rate: "1" }))
    while (!bad.isAtEnd) bad.step()
    assert.ok(bad.hasDiverged && bad.steps < 60, key)
    const { steps } = bad
    bad.step()
    assert.equal(bad.steps, steps, "it ends there")
  }
})

test("the address holds task, rate and weight, and what is none of them is left out", () => {
  const here = scene()
  for (const query of ["", "task=bar&rate=0.1&weight=3%2C2", "weight=1%2C2"])
    assert.equal(new State(here, new URLSearchParams(query)).query(here).toString(), query)
  for (const query of ["task=no", "rate=7", "rate=", "weight=4,1", "weight=0,1", "weight=1.5,1", "weight=a"])
    assert.equal(new State(here, new URLSearchParams(query)).query(here).toString(), "")
})

test("the colours are those of the beginning", () => {
  const [task] = scene().tasks
  const limits = limitsOf(task)
  assert.equal(limits.output, limits.target)
  for (const limit of Object.values(limits)) assert.ok(limit > 0)
})

test("all grids stand inside the picture, beside each other, and on a phone their cells are not too small", () => {
  const names = /** @type {PanelName[]} */ (["input", "kernel", "output", "target", "arriving", "gradient"])
  for (const { input, target, start } of scene().tasks) {
    const sizes = Object.fromEntries(
      names.map((name) => [
        name,
        name === "input" ? input.size : name === "kernel" || name === "gradient" ? start.size : target.size,
      ]),
    )
    for (const width of [320, 358, 640, 780, 1100, 1700]) {
      const { panels, height, signs } = layout(/** @type {Record<PanelName, Pair>} */ (sizes), width)
      const boxes = names.map((name) => panels[name])
      for (const [n, box] of boxes.entries()) {
        assert.ok(box.x >= 3 && box.x + box.width <= width - 3, `${width}`)
        assert.ok(box.title >= 11 && box.y + box.height <= height)
        for (const other of boxes.slice(n + 1)) {
          const isBeside = box.x + box.width <= other.x || other.x + other.width <= box.x
          const isAbove = box.y + box.height < other.title - 11 || other.y + other.height < box.title - 11
          assert.ok(isBeside || isAbove, `${width}`)
        }
      }
      if (width >= 358) assert.ok(panels.kernel.cell >= 24, `a finger hits a weight at ${width}`)
      assert.ok(height < (width < 820 ? 420 : 360))
      assert.equal(signs.length, width < 820 ? 3 : 5)
    }
  }
})

test("the axis of the losses", () => {
  assert.deepEqual(decades([1.5]), [-1, 1])
  assert.deepEqual(decades([1.5, 2e-4]), [-4, 1])
  assert.deepEqual(decades([1.5, 0]), [-7, 1])
  assert.deepEqual(decades([1.5, Infinity]), [-1, 1])
  assert.deepEqual([2, 0, -2, -3, -12, 6].map(power), ["100", "1", "0.01", "10⁻³", "10⁻¹²", "10⁶"])
})

test("a number in a cell", () => {
  assert.deepEqual(
    [0, -0.001, 1, -0.35, 0.5, 12.345, Number.NaN].map((n) => tidy(n, 50)),
    ["0", "0", "1", "−0.35", "0.5", "12.35", "–"],
  )
  assert.deepEqual(
    [0.5, -0.35, 10.5, 123456].map((n) => tidy(n, 30)),
    [".5", "−.35", "10.5", "1e+5"],
  )
})

test("one figure makes the steps that another has made", () => {
  const figure = () => {
    const view = {
      ...{ scene: scene(), state: new State(scene(), new URLSearchParams()), isRevealed: false, hovered: null },
      ...{ picture: { place: /** @type {Pair | null} */ (null) }, pause() {}, draw() {}, remember() {} },
      /** @returns {Pair | null} */
      get place() {
        return this.picture.place
      },
    }
    return { view, owner: ownerOf(/** @type {LearningView} */ (/** @type {unknown} */ (view))) }
  }
  const [here, there] = [figure(), figure()]
  for (let n = 0; n < 3; n++) here.view.state.step()
  here.view.picture.place = [0, 1]
  there.owner.show(here.owner.query())
  assert.deepEqual(there.view.state.weights, here.view.state.weights)
  assert.deepEqual(there.view.picture.place, [0, 1])
  here.view.state.begin()
  here.view.isRevealed = true
  there.owner.show(here.owner.query())
  assert.deepEqual([there.view.state.steps, there.view.isRevealed], [0, true])
  there.owner.show(new URLSearchParams({ "~steps": "-3", "~place": "99,0", task: "none", rate: "x" }))
  assert.deepEqual([there.view.state.steps, there.view.place, there.view.isRevealed], [0, null, false])
})
