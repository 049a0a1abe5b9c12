import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Convolution } from "../../../lenet/grid/component/convolution.js"
import { layout } from "../../../lenet/grid/component/layout.js"
import { plain } from "../../../lenet/grid/component/terms.js"
import { tidy } from "../../../lenet/grid/component/tidy.js"
import { Windows } from "../../../lenet/grid/component/windows.js"

/** @import { ConvolutionScene } from "../../../lenet/grid/component/convolution.js" */

/**
 * What Python sends, and what NumPy finds: see tests/convolution/test_figures.py.
 * @type {{ cases: Record<string, { scene: ConvolutionScene, expected: { products: number[][], sums: number[] }[] }>,
 *   numbers: [number, string][] }}
 */
const { cases: CASES, numbers: NUMBERS } = JSON.parse(
  readFileSync(new URL("convolutions.json", import.meta.url), "utf-8"),
)

/** @param {string} name */
const layer = (name) => new Convolution(new Windows(CASES[name].scene))

/**
 * The lines of arithmetic of a window.
 * @param {string} name
 * @param {number} step
 */
const said = (name, step) =>
  layer(name)
    .sums(step)[0]
    .terms.reduce((text, term) => text + (text ? (term.begins ? " | " : " ") : "") + plain(term), "")

test("what is asked about is told by no line of arithmetic", () => {
  for (const [name, { scene }] of Object.entries(CASES)) {
    const texts = scene.output.texts.map((channel) => channel.map(() => "?"))
    const covered = new Convolution(new Windows({ ...scene, covered: true, output: { ...scene.output, texts } }))
    for (const step of [0, covered.windows.total - 1]) {
      const [{ terms }] = covered.sums(step)
      assert.equal(terms[terms.length - 1].text, "?", name)
      const said = terms.map(plain)
      if (scene.bias !== 0) assert.equal(said[said.findIndex((text) => text.startsWith("+ bias")) + 1], "= ?", name)
      if (scene.activation) assert.ok(said.includes(`${scene.activation}(?)`), name)
    }
  }
})

test("products and sums are NumPy's, and the last number is the output's", () => {
  for (const [name, { scene, expected }] of Object.entries(CASES)) {
    const convolution = layer(name)
    assert.equal(expected.length, convolution.windows.total)
    expected.forEach(({ products, sums }, step) => {
      convolution.windows.seen.forEach((_, channel) => {
        const ours = convolution.products(channel, step).flat()
        ours.forEach((product, n) => {
          assert.ok(Math.abs(product - products[channel][n]) < 1e-12, `${name}, step ${step}`)
        })
      })
      convolution.channelSums(step).forEach((sum, n) => {
        assert.ok(Math.abs(sum - sums[n]) < 1e-12, `${name}, step ${step}`)
      })
      const [{ terms }] = convolution.sums(step)
      assert.equal(terms[terms.length - 1].text, scene.output.texts[0][step])
      if (scene.activation) return
      const whole = sums.reduce((a, b) => a + b, 0) + scene.bias
      const shown = Number(scene.output.texts[0][step].replaceAll("−", "-"))
      assert.ok(Math.abs(shown - whole) < 1e-4)
    })
  }
})

test("few products are written out", () => {
  assert.equal(said("note", 0), "0·0 + 1·1 + 3·2 + 4·3 = 19")
  assert.equal(said("edge", 1), "1·1 + 0·(−1) = 1 | ReLU(1) = 1")
})

test("each channel has its own sum, then come the total, the bias and the activation", () => {
  assert.equal(
    said("kernels", 0),
    "channel 1: 0·2 + 1·3 + 3·4 + 4·5 = 35 | channel 2: 1·3 + 2·4 + 4·5 + 5·6 = 61 | 35 + 61 = 96 | + bias (−1) = 95",
  )
  assert.match(
    said("signed", 9),
    /^channel 1: .* \| channel 3: [^|]* \| [^|]* = [^|]* \| \+ bias \(−1\.25\) = .* \| ReLU\(/,
  )
})

test("of many products each row's sum is shown, of many channels each channel's", () => {
  const rows = layer("large")
  assert.equal(rows.sums(0)[0].terms.filter(({ text }) => text.includes("·")).length, 0)
  assert.deepEqual(rows.notes(), ["Each number is the sum of one row of products."])
  const many = layer("many")
  assert.deepEqual(many.notes(), ["Each number is the sum of one channel’s products."])
  assert.equal(many.sums(0)[0].terms.length, 5 + 1)
  assert.deepEqual(layer("note").notes(), [])
})

test("nothing is left of a sum that is zero", () => {
  assert.equal(said("nothing", 0), "0.1·1 + 0.2·1 + 0.3·(−1) = 0")
})

test("padding has the number that stands there, mirrored or from the other side", () => {
  const mirrored = layer("dilated")
  const texts = CASES.dilated.scene.input.texts[0]
  assert.equal(mirrored.paddingText(0, -1, 0), texts[6], "the row behind the first")
  assert.equal(layer("circular").paddingText(0, -1, 0), texts[4 * 6], "the last row")
  assert.equal(layer("signed").paddingText(0, -1, 0), "0")
})

test("a weight that is pointed at is marked in the arithmetic, and said to be the same everywhere", () => {
  const note = layer("note")
  const weight = { channel: 0, index: 3 }
  const marked = note.sums(0, weight)[0].terms.filter((term) => term.class === "winner")
  assert.deepEqual(marked.map(plain), ["4·3"])
  assert.equal(note.kernel.weight(weight), "weight 3: the same in all 4 windows")
})

test("numbers are written as Python writes them", () => {
  for (const [value, text] of NUMBERS) assert.equal(tidy(value), text)
})

test("the kernel stands above the arithmetic, with the window's own numbers beside it where there is room", () => {
  for (const [name, { scene }] of Object.entries(CASES))
    for (const width of [328, 358, 820, 1206]) {
      const { zones, panel, height } = layout(scene, { width, height: 330, legend: 2 }, 80)
      const { kernel } = zones
      assert.ok(kernel, name)
      assert.ok(kernel.x >= 0 && kernel.x + kernel.width <= panel.x + 300, `${name} at ${width}`)
      assert.ok(kernel.y + kernel.height <= panel.y && panel.y + 80 <= height, `${name} at ${width}`)
      if (panel.mini) assert.ok(panel.grid[0] >= panel.x && panel.grid[0] + panel.mini * kernel.columns < kernel.x)
    }
  const { zones, panel } = layout(CASES.note.scene, { width: 1206, height: 330, legend: 1 }, 80)
  assert.equal(panel.mini, zones.kernel?.cell)
  assert.ok(panel.mini >= 24, "a finger hits a weight")
})
