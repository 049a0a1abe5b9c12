/** A convolution: the products of a window and the kernel, and their sum. */

import { largest, sum } from "../../common/components/math.js"
import { fill } from "../../common/components/text.js"
import { given, INPUT } from "./scene.js"
import { added, bracketed } from "./terms.js"
import { tidy } from "./tidy.js"

/** @import { Content, Layer, Membership, Sum } from "./layer.js" */
/** @import { Cells, Scene, Word } from "./scene.js" */
/** @import { Term } from "./terms.js" */
/** @import { Place, Windows } from "./windows.js" */

/**
 * What the scene of the convolution figures adds. `values` of the input and of the kernel are there.
 * @typedef {object} ConvolutionParts
 * @property {Cells} kernel a grid for each channel of the input
 * @property {number} bias
 * @property {string} activation its name; "": none
 * @property {(number | null)[]} row_sources the input's row that a row of its panel repeats; null: zeros
 * @property {(number | null)[]} column_sources
 * @property {Record<Word | ConvolutionWord, string>} words
 */
/** @typedef {Scene & ConvolutionParts} ConvolutionScene */

/**
 * @typedef {"kernel" | "bias" | "rows_summed" | "channels_summed" | "channel_sum" | "weight" | "edit_kernel"
 *   | "alt_kernel" | "unseen"} ConvolutionWord
 */

const MOST_PRODUCTS = 9 // that are written out; of more each row's sum is
const MOST_OF_CHANNEL = 4 // likewise where there are several channels
const MOST_LISTED = 3 // channels that have a line of their own
const NOTHING_LEFT = 1e-12 // of the largest part: what rounding leaves of a sum that is 0

/** @implements {Layer} */
export class Convolution {
  /** @param {Windows<ConvolutionScene>} windows */
  constructor(windows) {
    this.windows = windows
    this.file = "convolution"
    const { kernel: title, alt_kernel: label, edit_kernel: edit } = windows.scene.words
    this.kernel = { title, label, edit, weight: (/** @type {Place} */ place) => this.weightWords(place) }
  }

  get scene() {
    return this.windows.scene
  }

  /** How many weights the kernel has in a channel. */
  get weights() {
    const [height, width] = this.windows.size("kernel")
    return height * width
  }

  // ---- numbers ----

  /**
   * The input cell that stands in a cell of the panel, which may be one of padding; null: zero padding.
   * @param {number} row
   * @param {number} column
   */
  source(row, column) {
    const { row_sources, column_sources, first } = this.scene
    const [i, j] = [row_sources[row - first[0]], column_sources[column - first[1]]]
    return i === null || j === null ? null : this.windows.index("in", [i, j])
  }

  /**
   * The products of a window and the kernel, row by row.
   * @param {number} channel of the kernel
   * @param {number} step
   */
  products(channel, step) {
    const [rows, columns] = this.windows.window(step)
    const { input, kernel } = this.scene
    const [cells, weights] = [given(input.values)[this.windows.seen[channel]], given(kernel.values)[channel]]
    return rows.map((row, a) =>
      columns.map((column, b) => {
        const source = this.source(row, column)
        return (source === null ? 0 : cells[source]) * weights[a * columns.length + b]
      }),
    )
  }

  /**
   * The sum of each channel's products.
   * @param {number} step
   */
  channelSums(step) {
    return this.windows.seen.map((_, channel) => total(this.products(channel, step).flat()))
  }

  /** Whether products are written out, and not only sums of them. */
  get areProductsShown() {
    return this.weights <= (this.windows.seen.length > 1 ? MOST_OF_CHANNEL : MOST_PRODUCTS)
  }

  // ---- the arithmetic ----

  /**
   * @param {number} step
   * @param {Place | null} [weight] that is pointed at
   * @returns {Sum[]}
   */
  sums(step, weight = null) {
    const sums = this.channelSums(step)
    const whole = total(sums)
    const parts =
      sums.length === 1
        ? this.channelTerms(0, step, weight)
        : [
            ...this.listed(step, sums, weight),
            ...added(sums.map((part, n) => ({ text: tidy(part), begins: n === 0 }))),
          ]
    return [{ label: "", terms: this.finished([...parts, equal(whole)], whole, step) }]
  }

  /**
   * The products of a channel or, where they are many, the sum of each row of them.
   * @param {number} channel
   * @param {number} step
   * @param {Place | null} weight
   * @returns {Term[]}
   */
  channelTerms(channel, step, weight) {
    const products = this.products(channel, step)
    if (!this.areProductsShown) return added(products.map((row) => ({ text: tidy(total(row)) })))
    const [rows, columns] = this.windows.window(step)
    const texts = this.scene.kernel.texts[channel]
    const seen = this.windows.seen[channel]
    const places = rows.flatMap((row) => columns.map((column) => ({ row, column })))
    return places.map(({ row, column }, n) => ({
      text: `${bracketed(this.text(seen, row, column))}·${bracketed(texts[n])}`,
      after: n < places.length - 1 ? " +" : "",
      class: weight?.channel === channel && weight.index === n ? "winner" : this.look(row, column),
    }))
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  look(row, column) {
    return this.windows.kind(row, column) === INPUT ? "" : "muted"
  }

  /**
   * A line for each channel with its own sum; none where there are too many.
   * @param {number} step
   * @param {number[]} sums
   * @param {Place | null} weight
   * @returns {Term[]}
   */
  listed(step, sums, weight) {
    const { words } = this.scene
    if (sums.length > MOST_LISTED) return []
    return sums.flatMap((channelSum, channel) => [
      { text: fill(words.channel_sum, { n: this.windows.seen[channel] + 1 }), class: "muted", begins: true },
      ...this.channelTerms(channel, step, weight),
      equal(channelSum),
    ])
  }

  /**
   * The bias and the activation after the sum; the last number is the output's.
   * @param {Term[]} terms
   * @param {number} whole the sum of all products
   * @param {number} step
   * @returns {Term[]}
   */
  finished(terms, whole, step) {
    const { bias, activation, words, output, covered } = this.scene
    const result = { text: output.texts[0][step], class: "result" }
    const all = [...terms]
    const biased = covered ? result.text : tidy(total([whole, bias]))
    if (bias !== 0) {
      const text = fill(words.bias, { value: bracketed(tidy(bias)) })
      all.push({ before: "+ ", text, begins: true }, { before: "= ", text: biased })
    }
    if (activation) return [...all, { text: `${activation}(${biased})`, begins: true }, { before: "= ", ...result }]
    all[all.length - 1] = { before: "= ", ...result }
    return all
  }

  /** An input cell has no arithmetic of its own. */
  cellSums() {
    return null
  }

  // ---- what is said besides ----

  /** @returns {string[]} */
  notes() {
    const { words } = this.scene
    const { seen } = this.windows
    if (seen.length > MOST_LISTED) return [words.channels_summed]
    return this.areProductsShown ? [] : [words.rows_summed]
  }

  /** @param {Place} weight */
  weightWords({ channel, index }) {
    const { windows } = this
    const { words, kernel } = this.scene
    const [row, column] = windows.cell("kernel", index)
    const place = fill(words.row_column, { row: row + 1, column: column + 1 })
    return fill(words.weight, { place, value: kernel.texts[channel][index], n: windows.total })
  }

  /**
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   */
  text(channel, row, column) {
    const source = this.source(row, column)
    return source === null ? this.scene.padding_text : this.scene.input.texts[channel][source]
  }

  /**
   * @param {number} channel
   * @param {number} row
   * @param {number} column
   */
  paddingText(channel, row, column) {
    return this.text(channel, row, column)
  }

  /**
   * @param {number} channel
   * @param {number} index
   */
  number(channel, index) {
    return this.scene.input.texts[channel][index]
  }

  /**
   * @param {number} channel
   * @param {number} index
   * @returns {Membership}
   */
  membership(channel, index) {
    const { words } = this.scene
    const steps = this.windows.isSeen("in", channel) ? this.windows.containing(index) : []
    return { one: words.cell_inside_one, several: words.cell_inside, steps }
  }

  /** No cell of a window is taken before the others. */
  ringed() {
    return null
  }

  /** No output cell is wrong. */
  truth() {
    return null
  }

  /**
   * @param {number} _step
   * @param {number} row
   * @param {number} column
   * @returns {Content}
   */
  content(_step, row, column) {
    const source = this.source(row, column)
    const [channel] = this.windows.seen
    const shade = source === null || this.look(row, column) ? null : this.scene.input.shades[channel][source]
    return { text: this.text(channel, row, column), shade }
  }
}

/**
 * @param {number} value
 * @returns {Term}
 */
const equal = (value) => ({ before: "= ", text: tidy(value) })

/**
 * A sum, without what rounding leaves of one that is 0.
 * @param {number[]} parts
 */
export function total(parts) {
  const whole = sum(parts)
  return Math.abs(whole) < NOTHING_LEFT * largest(parts) ? 0 : whole
}
