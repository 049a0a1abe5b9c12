import assert from "node:assert/strict"
import { test } from "node:test"
import { Pooling } from "../../../lenet/grid/component/pooling.js"
import { lines, plain, sentenceLines } from "../../../lenet/grid/component/terms.js"
import { Windows } from "../../../lenet/grid/component/windows.js"
import { AVERAGE, GRADIENT, MAX, MAX_GRADIENT, PADDED } from "./scenes.js"

/** @import { PoolingScene } from "../../../lenet/grid/component/pooling.js" */
/** @import { Term } from "../../../lenet/grid/component/terms.js" */

/** @param {PoolingScene} scene */
const layer = (scene) => new Pooling(new Windows(scene))

/** @param {Term[]} terms */
const said = (terms) => terms.map(plain).join(" ")

/** @param {string} text */
const length = (text) => text.length

test("a maximum", () => {
  const terms = layer(MAX).forward(0, 0)
  assert.equal(said(terms), "max(0, 1, 3, 4) = 4")
  assert.deepEqual(
    terms.map((term) => term.class),
    ["", "", "", "winner", "result"],
  )
})

test("an average, with its divisor", () => {
  assert.equal(said(layer(AVERAGE).forward(0, 0)), "(0 + 1 + 3 + 4) / 4 = 8 / 4 = 2")
})

/**
 * A scene whose output is asked about, as Python sends it.
 * @param {PoolingScene} scene
 * @returns {PoolingScene}
 */
const asked = ({ winners: _winners, sums: _sums, divisors: _divisors, ...scene }) => ({
  ...scene,
  ...{ covered: true, fixed: true, legend: null },
  output: { texts: [["?", "?", "?", "?"]], shades: [[null, null, null, null]] },
})

test("what is asked about is told by no arithmetic, ring, note or cell", () => {
  for (const [scene, arithmetic] of /** @type {[PoolingScene, string][]} */ ([
    [MAX, "max(0, 1, 3, 4) = ?"],
    [AVERAGE, "(0 + 1 + 3 + 4) / ? = ?"],
  ])) {
    const covered = layer(asked(scene))
    assert.equal(said(covered.forward(0, 0)), arithmetic)
    assert.equal(covered.ringed(0, 0), null)
    assert.deepEqual(covered.notes(0, null), [])
    assert.equal(covered.membership(0, 4).several, "in windows {windows}")
  }
})

test("negative summands stand in brackets", () => {
  const input = { ...AVERAGE.input, texts: [["−1", "1", "2", "3", "−4", "5", "6", "7", "8"]] }
  assert.match(said(layer({ ...AVERAGE, input }).forward(0, 0)), /^\(\(−1\) \+ 1 \+ 3 \+ \(−4\)\)/)
})

test("padding with 0 that wins is marked, and the right value told", () => {
  const terms = layer(PADDED).forward(0, 1)
  assert.equal(said(terms), "max(0, 0, −2, −3) = 0, not −2")
  assert.equal(terms[0].class, "winner")
  assert.equal(terms[1].class, "muted")
})

test("padding that does not count is left out", () => {
  const average = layer({ ...AVERAGE, ...{ ...PADDED, mode: "avg" }, padding_counts: false, wrong: undefined })
  assert.match(said(average.forward(0, 0)), /^\(\(−1\)\) \/ 4/)
})

test("a long list of numbers is cut", () => {
  const size = 7
  const cells = Array.from({ length: size * size }, (_, i) => String(i))
  const all = [...Array(size).keys()]
  const scene = { ...MAX, size: /** @type {[number, number]} */ ([size, size]), rows: [all], columns: [all] }
  const kinds = /** @type {import("../../../lenet/grid/component/scene.js").Kind[]} */ (all.map(() => 0))
  const input = { texts: [cells], shades: [cells.map(() => 0)] }
  const terms = layer({ ...scene, row_kinds: kinds, column_kinds: kinds, input }).forward(0, 0)
  assert.equal(terms.length, 32 + 1 + 1)
  assert.equal(terms[32].text, "… 49 cells …")
})

test("the gradient goes to every cell of an average, and to the winner of a maximum", () => {
  assert.equal(said(layer(GRADIENT).backward(0, 0)), "1 / 4 = 0.25 to each cell")
  assert.equal(said(layer(MAX_GRADIENT).backward(0, 0)), "1 → row 2, column 2")
  assert.equal(said(layer(MAX_GRADIENT).backward(0, 3)), "1 → to no cell")
})

test("an input cell receives from its windows", () => {
  assert.equal(said(layer(GRADIENT).received(0, 4)), "0.25 + 0.25 + 0.25 + 0.25 = 1")
  assert.equal(said(layer(GRADIENT).received(0, 0)), "0.25")
  assert.equal(said(layer(MAX_GRADIENT).received(0, 4)), "1 + (−2) + 3 = 2")
  assert.equal(said(layer(MAX_GRADIENT).received(0, 0)), "nothing")
})

test("lines break between terms, never within one", () => {
  const terms = ["aaaa", "bbbb", "cccccccccccc", "d"].map((text) => ({ text }))
  const broken = lines(terms, 10, length).map((line) => line.map(plain))
  assert.deepEqual(broken, [["aaaa", "bbbb"], ["cccccccccccc"], ["d"]])
})

test("results and winners are measured in bold", () => {
  /** @type {boolean[]} */
  const bold = []
  lines([{ text: "1" }, { text: "2", class: "winner" }, { text: "3", class: "result" }], 99, (_text, isBold) => {
    bold.push(isBold)
    return 1
  })
  assert.deepEqual(bold, [false, true, true])
})

test("sentences break at spaces, and Chinese anywhere but before punctuation", () => {
  assert.deepEqual(sentenceLines("Divided by four: cells", 11, length), ["Divided by ", "four: cells"])
  assert.deepEqual(sentenceLines("除以四：窗口。", 3, length), ["除以", "四：窗", "口。"])
})
