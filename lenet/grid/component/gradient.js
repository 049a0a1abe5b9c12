/** The gradient's way back through a convolution: what each output cell sends to the input and to the weights. */

import { fill } from "../../common/components/text.js"
import { Backward } from "./backward.js"
import { total } from "./convolution.js"
import { given, INPUT } from "./scene.js"
import { added, bracketed } from "./terms.js"
import { tidy } from "./tidy.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { ConvolutionScene, ConvolutionWord } from "./convolution.js" */
/** @import { Content, Layer, Membership, Sum } from "./layer.js" */
/** @import { Cells, Word } from "./scene.js" */
/** @import { Term } from "./terms.js" */
/** @import { Place, Windows } from "./windows.js" */

/**
 * What the scene of the gradient adds. `values` of the output, the cells and the weights are there.
 * @typedef {object} GradientParts
 * @property {Cells} cells the numbers of the input
 * @property {Cells} weights the numbers of the kernel
 * @property {number} low an end of the colour scale of the input's gradient
 * @property {number} high
 * @property {string[]} [sums] with an activation: what it was applied to
 * @property {string[]} [received] with an activation: what arrives at its outputs
 * @property {Record<Word | ConvolutionWord | GradientWord, string>} words
 */
/** @typedef {ConvolutionScene & GradientParts} GradientScene */

/**
 * @typedef {"all_cells" | "cells_so_far" | "one_cell" | "to_input" | "to_weight" | "to_bias" | "of_bias" | "more_terms"
 *   | "nothing" | "received" | "of_weight" | "added_up"} GradientWord
 */

const MOST_TERMS = 6 // of a sum that are written out
const MOST_OF_CHANNEL = 4 // likewise where there are several channels
const MOST_LISTED = 3 // channels whose terms are written out

/** @implements {Layer} */
export class Gradient {
  /** @param {Windows<GradientScene>} windows */
  constructor(windows) {
    this.windows = windows
    this.file = "convolution-gradient"
    this.sign = "→"
    this.scale = windows.scene.cells.scale
    const { kernel: title, alt_kernel: label } = windows.scene.words
    this.kernel = { title, label, edit: "", weight: (/** @type {Place} */ place) => this.weightWords(place) }
    this.back = new Backward(windows)
  }

  get scene() {
    return this.windows.scene
  }

  /** Whether several output cells, and all of them, send something back. */
  get isWhole() {
    return this.back.isWhole && !this.back.isOne
  }

  /** @param {Pair} span the first and the last output cell that send something back */
  send(span) {
    this.back.span = span
    return this.back.cells()
  }

  // ---- the arithmetic ----

  /**
   * What an output cell sends back, or what the bias gets from several; of a weight that is pointed at, its sum.
   * @param {number} step
   * @param {Place | null} [weight]
   * @returns {Sum[]}
   */
  sums(step, weight = null) {
    if (weight) return [{ label: "", terms: this.ofWeight(weight) }]
    return [{ label: "", terms: this.back.isOne ? this.ofCell(step) : this.ofBias() }]
  }

  /**
   * @param {number} step
   * @returns {Term[]}
   */
  ofCell(step) {
    const { words, activation, sums, received, output } = this.scene
    const value = output.texts[0][step]
    const to = (/** @type {GradientWord} */ word) => ({
      text: fill(words[word], { value }),
      after: words.semicolon.trim(),
    })
    const sent = [{ ...to("to_input"), begins: true }, to("to_weight"), { ...to("to_bias"), after: "" }]
    if (!activation) return sent
    const slope = `${bracketed(given(received)[step])}·${activation}′(${given(sums)[step]})`
    return [{ text: slope }, { before: "= ", text: value, class: "result" }, ...sent]
  }

  /** @returns {Term[]} */
  ofBias() {
    const { words, output } = this.scene
    const numbers = this.back.senders.map((step) => ({ text: output.texts[0][step] }))
    const whole = total(this.back.senders.map((step) => this.back.arriving(step)))
    return [{ text: words.of_bias, class: "muted" }, ...this.summed(numbers, whole)]
  }

  /**
   * @param {Place} weight
   * @returns {Term[]}
   */
  ofWeight({ channel, index }) {
    const { scene, windows } = this
    const { values, texts } = scene.cells
    const seen = windows.seen[channel]
    const met = this.back.senders.map((step) => ({ step, source: this.back.sources(step)[index] }))
    const terms = met.map(({ step, source }) => ({
      text: product(source === null ? scene.padding_text : texts[seen][source], scene.output.texts[0][step]),
      class: source === null ? "muted" : "",
    }))
    const parts = met.map(({ step, source }) =>
      source === null ? 0 : given(values)[seen][source] * this.back.arriving(step),
    )
    return this.summed(terms, total(parts))
  }

  /** @param {number} index */
  cellSums(index) {
    const { windows, scene } = this
    const met = this.back.meetings(index)
    if (!met.length) return [{ label: "", terms: [{ text: scene.words.nothing }] }]
    if (windows.channels.length === 1) return [{ label: "", terms: this.ofMeetings(met, 0, MOST_TERMS) }]
    const areFew = windows.seen.length <= MOST_LISTED
    const terms = windows.seen.flatMap((channel, of) => {
      const name = fill(scene.words.channel_sum, { n: channel + 1 })
      const sum = this.ofMeetings(met, of, MOST_OF_CHANNEL)
      if (!areFew) return [{ ...sum[sum.length - 1], before: `${name} ` }]
      return [{ text: name, class: "muted", begins: true }, ...sum]
    })
    return [{ label: "", terms }]
  }

  /**
   * @param {{ step: number, weight: number }[]} met
   * @param {number} of channel of the kernel
   * @param {number} most terms that are written out
   */
  ofMeetings(met, of, most) {
    const { output, weights } = this.scene
    const terms = met.map(({ step, weight }) => ({
      text: product(output.texts[0][step], weights.texts[of][weight]),
    }))
    const parts = met.map(({ step, weight }) => this.back.arriving(step) * given(weights.values)[of][weight])
    return this.summed(terms, total(parts), most)
  }

  /**
   * Terms and their sum; of many terms only the first.
   * @param {Term[]} terms
   * @param {number} whole
   * @param {number} [most] that are written out
   * @returns {Term[]}
   */
  summed(terms, whole, most = MOST_TERMS) {
    const more = { text: fill(this.scene.words.more_terms, { n: terms.length }), class: "muted" }
    const shown = terms.length > most ? [...terms.slice(0, most - 2), more] : terms
    return [...added(shown), { before: "= ", text: tidy(whole), class: "result" }]
  }

  /** Arithmetic that takes as many lines as any. */
  longest() {
    const before = this.back.span
    const last = this.windows.total - 1
    const [{ length }] = this.scene.weights.texts
    const weights = this.windows.seen.flatMap((_, channel) =>
      [0, length >> 1, length - 1].map((index) => ({ channel, index })),
    )
    const steps = [...new Set([0, last >> 1, last])]
    this.back.span = [0, last]
    const all = [
      this.sums(0),
      ...weights.map((weight) => this.sums(0, weight)),
      ...steps.map((step) => [{ label: "", terms: this.ofCell(step) }]),
      ...steps.map((step) => this.cellSums(this.back.sources(step).find((source) => source !== null) ?? 0)),
    ]
    this.back.span = before
    return all
  }

  // ---- what is said besides ----

  /** @param {number} step */
  title(step) {
    const { words } = this.scene
    const { total } = this.windows
    const [row, column] = this.windows.cell("out", step)
    if (this.back.isOne) return fill(words.one_cell, { row: row + 1, column: column + 1 })
    if (this.isWhole) return fill(words.all_cells, { n: total })
    return fill(words.cells_so_far, { n: this.back.span[1] + 1, total })
  }

  /**
   * @param {number} _step
   * @param {number | null} pointed
   * @param {Place | null} [weight]
   */
  notes(_step, pointed, weight = null) {
    const { words } = this.scene
    if (weight) return [words.of_weight]
    if (pointed !== null) return [words.received]
    return this.back.isOne ? [] : [words.added_up]
  }

  /** @param {Place} weight */
  weightWords({ index }) {
    const [row, column] = this.windows.cell("kernel", index)
    return fill(this.scene.words.weight, { row: row + 1, column: column + 1 })
  }

  /**
   * @param {number} channel
   * @param {number} index
   */
  number(channel, index) {
    return this.scene.input.texts[channel][index]
  }

  /** Nothing stands in the padding: what it gets is lost, or goes to the cell that stands there. */
  paddingText() {
    return ""
  }

  /**
   * @param {number} _channel
   * @param {number} index
   * @returns {Membership}
   */
  membership(_channel, index) {
    const { words } = this.scene
    return { one: words.cell_inside_one, several: words.cell_inside, steps: this.containing(index) }
  }

  /** @param {number} index */
  containing(index) {
    return [...new Set(this.back.meetings(index).map(({ step }) => step))]
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
   * The window's own number of the input.
   * @param {number} _step
   * @param {number} row
   * @param {number} column
   * @returns {Content}
   */
  content(_step, row, column) {
    const source = this.back.source(row, column)
    const [channel] = this.windows.seen
    const { texts, shades } = this.scene.cells
    if (source === null) return { text: this.scene.padding_text, shade: null }
    return {
      text: texts[channel][source],
      shade: this.windows.kind(row, column) !== INPUT ? null : shades[channel][source],
    }
  }
}

/**
 * @param {string} one
 * @param {string} other
 */
const product = (one, other) => `${bracketed(one)}·${bracketed(other)}`
