import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Gradient } from "../../../lenet/grid/component/gradient.js"
import { layerOf } from "../../../lenet/grid/component/layer.js"
import { plain } from "../../../lenet/grid/component/terms.js"
import { Windows } from "../../../lenet/grid/component/windows.js"

/** @import { GradientScene } from "../../../lenet/grid/component/gradient.js" */
/** @import { Pair } from "../../../lenet/common/components/keys.js" */

/**
 * What Python sends, and what autograd finds: see tests/convolution/test_gradient_figure.py.
 * @type {Record<string, { scene: GradientScene,
 *   expected: { span: Pair, input: number[][], kernel: number[][], bias: number }[] }>}
 */
const CASES = JSON.parse(readFileSync(new URL("gradients.json", import.meta.url), "utf-8"))

/** @param {string} name */
const layer = (name) => new Gradient(new Windows(CASES[name].scene))

/** @param {import("../../../lenet/grid/component/layer.js").Sum[]} sums */
const said = (sums) => sums.map(({ terms }) => terms.map(plain).join(" ")).join(" | ")

/** @param {string} text */
const numberOf = (text) => Number(text.replaceAll("−", "-"))

/**
 * @param {number} shown
 * @param {number} exact
 */
const isShown = (shown, exact) => Math.abs(shown - exact) <= 6e-5 * Math.max(1, Math.abs(exact))

test("what some output cells send back is autograd's", () => {
  for (const [name, { expected }] of Object.entries(CASES))
    for (const { span, input, kernel } of expected) {
      const ours = layer(name)
      ours.back.span = span
      const sent = ours.back.sent()
      for (const [mine, torchs] of /** @type {const} */ ([
        [sent.input, input],
        [sent.kernel, kernel],
      ]))
        torchs.forEach((channel, c) => {
          channel.forEach((value, n) => {
            assert.ok(Math.abs(mine[c][n] - value) < 1e-9, `${name}, cells ${span}`)
          })
        })
    }
})

test("the numbers in the cells and the sums of the arithmetic are the same", () => {
  for (const [name, { expected }] of Object.entries(CASES))
    for (const { span, input, kernel, bias } of expected) {
      const ours = layer(name)
      const { windows } = ours
      const cells = ours.send(span)
      const result = (/** @type {{ text: string }[]} */ terms) => numberOf(terms[terms.length - 1].text)
      windows.seen.forEach((channel, of) => {
        input[channel].forEach((value, n) => {
          assert.ok(isShown(numberOf(cells.input.texts[channel][n]), value), `${name}, input ${n}`)
        })
        kernel[of].forEach((value, index) => {
          assert.ok(isShown(numberOf(cells.kernel.texts[of][index]), value), `${name}, weight ${index}`)
          assert.ok(isShown(result(ours.sums(0, { channel: of, index })[0].terms), value), `${name}, weight ${index}`)
        })
      })
      const last = input[windows.seen[windows.seen.length - 1]]
      last.forEach((value, n) => {
        const [{ terms }] = ours.cellSums(n)
        if (ours.containing(n).length) assert.ok(isShown(result(terms), value), `${name}, cell ${n}`)
        else assert.equal(terms[0].text, "0: no window sends anything here")
      })
      if (span[0] !== span[1]) assert.ok(isShown(result(ours.sums(0)[0].terms), bias), `${name}, bias`)
    }
})

test("one output cell, those so far and all of them are told apart", () => {
  const note = layer("note")
  assert.ok(note.isWhole)
  assert.equal(note.title(0), "All 4 output cells together")
  assert.equal(said(note.sums(0)), "bias: 1 + 2 + 3 + 4 = 10")
  assert.equal(said(note.sums(0, { channel: 0, index: 3 })), "4·1 + 5·2 + 7·3 + 8·4 = 67")
  assert.equal(said(note.cellSums(4)), "1·3 + 2·2 + 3·1 + 4·0 = 10")
  note.send([1, 1])
  assert.ok(!note.isWhole)
  assert.equal(note.title(1), "Output row 1, column 2 alone")
  assert.equal(said(note.sums(1)), "2·weight → input; 2·input → weight; 2 → bias")
  assert.equal(said(note.cellSums(6)), "0: no window sends anything here")
  note.send([0, 2])
  assert.equal(note.title(2), "Output cells 1 to 3 of 4")
})

test("an activation multiplies what arrives by its slope", () => {
  const edge = layer("edge")
  edge.send([3, 3])
  assert.match(said(edge.sums(3)), /^4·ReLU′\(0\) = 0 0·weight/)
})

test("an input cell gets from the padding that repeats it", () => {
  const circular = layer("circular")
  const first = circular.windows.cell("in", 0)
  assert.deepEqual(first, [0, 0])
  assert.ok(circular.containing(0).length > circular.windows.containing(0).length)
})

test("room is kept for the longest arithmetic", () => {
  for (const name of Object.keys(CASES)) {
    const ours = layer(name)
    assert.ok(ours.longest().length > 4)
    assert.ok(ours.back.isWhole, "the cells that are shown stay")
  }
})

test("the layer of a scene is told by its mode and its direction", () => {
  assert.ok(layerOf(new Windows(CASES.note.scene)) instanceof Gradient)
})
