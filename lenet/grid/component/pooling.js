/** A pooling layer: the arithmetic of its windows, and what there is to say of it. */

import { fill } from "../../common/components/text.js"
import { BEYOND, given, INPUT, PADDING } from "./scene.js"
import { added, bracketed, cut, plain } from "./terms.js"
import { Winners } from "./winners.js"

/** @import { Content, KernelWords, Layer, Membership, Sum } from "./layer.js" */
/** @import { Cells, Scene, Word } from "./scene.js" */
/** @import { Term } from "./terms.js" */
/** @import { Windows } from "./windows.js" */

/**
 * What `scene` and `gradient_scene` of the pooling figures add.
 * @typedef {object} PoolingParts
 * @property {number[][]} [winners] max: the input cell that wins each window, by channel; −1 for none
 * @property {number[][]} [ties] max: how many cells hold the maximum of each window, by channel
 * @property {number[][]} [wrong] max, padded with 0: the output cells that this changes, by channel
 * @property {string[][]} [truth] max, padded with 0: the right output
 * @property {string[][]} [sums] avg: the sum of each window, by channel
 * @property {string[]} [divisors] avg: what it is divided by
 * @property {Cells} [shares] gradient: what one cell of each window gets
 * @property {number | null} [zero_shade] gradient: the place of 0 on the colour scale
 * @property {Record<Word | PoolingWord, string>} words
 */
/** @typedef {Scene & PoolingParts} PoolingScene */

/**
 * @typedef {"divisor" | "divisor_padding" | "divisor_beyond" | "no_input" | "more_cells" | "padding_wins" | "ties"
 *   | "ties_back" | "share_lost" | "to_each" | "to_none" | "received" | "received_none" | "rule" | "cell_wins"
 *   | "cell_wins_one"} PoolingWord
 */

/** @type {Content} */
const NOTHING = { text: "", shade: null }

/** @implements {Layer} */
export class Pooling {
  /** @param {Windows<PoolingScene>} windows */
  constructor(windows) {
    this.windows = windows
    this.winners = new Winners(windows)
    /** @type {KernelWords | null} */
    this.kernel = null
  }

  get scene() {
    return this.windows.scene
  }

  get file() {
    return this.scene.back ? "gradient" : "pooling"
  }

  /**
   * @param {number} channel
   * @param {number} step
   */
  ringed(channel, step) {
    return this.winners.of(channel, step)
  }

  /**
   * @param {number} channel
   * @param {number} step
   */
  truth(channel, step) {
    return this.winners.isWrong(channel, step) ? given(this.scene.truth)[channel][step] : null
  }

  /**
   * The windows that a cell wins, or is in.
   * @param {number} channel
   * @param {number} index
   * @returns {Membership}
   */
  membership(channel, index) {
    const { windows } = this
    const { words, mode } = this.scene
    const containing = windows.containing(index)
    const cell = windows.cell("in", index)
    const won = mode === "max" ? containing.filter((step) => this.winners.has(channel, step, cell)) : []
    return won.length
      ? { one: words.cell_wins_one, several: words.cell_wins, steps: won }
      : { one: words.cell_inside_one, several: words.cell_inside, steps: containing }
  }

  // ---- the arithmetic ----

  /** @param {number} step */
  sums(step) {
    return this.ofChannels((channel) =>
      this.scene.back ? this.backward(channel, step) : this.forward(channel, step),
    )
  }

  /** @param {number} index */
  cellSums(index) {
    return this.scene.back ? this.ofChannels((channel) => this.received(channel, index)) : null
  }

  /**
   * @param {(channel: number) => Term[]} terms
   * @returns {Sum[]}
   */
  ofChannels(terms) {
    const { words } = this.scene
    const { channels } = this.windows
    const label = (/** @type {number} */ n) => (channels.length > 1 ? fill(words.channel, { n: n + 1 }) : "")
    return channels.map((channel) => ({ label: label(channel), terms: terms(channel) }))
  }

  /**
   * What makes an output cell: its numbers, and what comes of them.
   * @param {number} channel
   * @param {number} step
   * @returns {Term[]}
   */
  forward(channel, step) {
    const { scene } = this
    const isMax = scene.mode === "max"
    const all = this.windowNumbers(channel, step)
    const numbers = cut(all, fill(scene.words.more_cells, { n: all.length }))
    const terms = numbers.map((term, n) => ({
      ...term,
      after: n === numbers.length - 1 ? ")" : isMax ? "," : " +",
    }))
    terms[0] = { ...terms[0], before: isMax ? "max(" : "(" }
    /** @type {Term} */
    const result = { before: "= ", text: scene.output.texts[channel][step], class: "result" }
    const truth = this.truth(channel, step)
    if (truth !== null) result.after = scene.words.comma + fill(scene.words.not_value, { value: truth })
    if (isMax) return [...terms, result]
    if (scene.covered) return [...terms, { text: `/ ${result.text}` }, result]
    const [sum, divisor] = [given(scene.sums)[channel][step], given(scene.divisors)[step]]
    return [...terms, { text: `/ ${divisor}` }, { before: "= ", text: `${sum} / ${divisor}` }, result]
  }

  /**
   * @param {number} channel
   * @param {number} step
   * @returns {Term[]}
   */
  windowNumbers(channel, step) {
    const { scene, windows } = this
    const winner = this.ringed(channel, step)
    const [rows, columns] = windows.window(step)
    return rows.flatMap((row) =>
      columns
        .filter((column) => windows.counts(row, column))
        .map((column) => {
          const isInput = windows.kind(row, column) === INPUT
          const index = windows.index("in", [row, column])
          const text = isInput ? scene.input.texts[channel][index] : scene.padding_text
          const isWinner = winner !== null && row === winner[0] && column === winner[1]
          const look = isWinner ? "winner" : isInput ? "" : "muted"
          return { text: scene.mode === "max" ? text : bracketed(text), class: look }
        }),
    )
  }

  /**
   * Where the gradient of an output cell goes.
   * @param {number} channel
   * @param {number} step
   * @returns {Term[]}
   */
  backward(channel, step) {
    const { scene } = this
    const { words } = scene
    const arriving = scene.output.texts[channel][step]
    if (scene.mode === "avg") {
      const share = given(scene.shares).texts[channel][step]
      return [
        { text: arriving },
        { text: `/ ${given(scene.divisors)[step]}` },
        { before: "= ", text: share, class: "result" },
        { text: words.to_each, class: "small" },
      ]
    }
    const winner = this.ringed(channel, step)
    if (!winner) return [{ text: arriving }, { before: "→ ", text: words.to_none }]
    const place = fill(words.row_column, { row: winner[0] + 1, column: winner[1] + 1 })
    return [
      { text: arriving, class: "result" },
      { before: "→ ", text: place, class: "winner" },
    ]
  }

  /**
   * The gradient that an input cell receives: a number from each window that sends it one, and their sum.
   * @param {number} channel
   * @param {number} index
   * @returns {Term[]}
   */
  received(channel, index) {
    const { scene } = this
    const containing = this.windows.containing(index)
    const senders =
      scene.mode === "max" ? containing.filter((step) => given(scene.winners)[channel][step] === index) : containing
    if (senders.length === 0) return [{ text: scene.words.received_none }]
    const texts = senders.map((step) => ({ text: given(scene.shares).texts[channel][step] }))
    const terms = added(cut(texts, "…"))
    if (texts.length > 1) terms.push({ before: "= ", text: scene.input.texts[channel][index], class: "result" })
    return terms
  }

  // ---- what is said besides ----

  /**
   * @param {number} channel
   * @param {number} index
   */
  number(channel, index) {
    const { back, input } = this.scene
    return back ? this.received(channel, index).map(plain).join(" ") : input.texts[channel][index]
  }

  paddingText() {
    return this.scene.padding_text
  }

  /**
   * @param {number} step
   * @param {number | null} pointed
   * @returns {string[]}
   */
  notes(step, pointed) {
    const { windows, scene } = this
    const { words } = scene
    if (scene.covered) return []
    if (scene.back && pointed !== null) return [words.received]
    if (scene.back) {
      const isLost = scene.mode === "avg" && scene.padding_counts && windows.reaches(step, PADDING)
      return [words.rule, ...(isLost ? [words.share_lost] : this.tieNotes(step, words.ties_back))]
    }
    if (scene.mode === "avg") {
      const rule = windows.reaches(step, PADDING) ? words.divisor_padding : words.divisor
      const sentence = fill(rule, { n: given(scene.divisors)[step] })
      return windows.reaches(step, BEYOND) ? [sentence, words.divisor_beyond] : [sentence]
    }
    if (given(scene.winners)[0][step] < 0) return [words.no_input]
    const wrong = windows.channels.filter((channel) => this.winners.isWrong(channel, step))
    return [...this.naming(wrong, words.padding_wins), ...this.tieNotes(step, words.ties)]
  }

  /**
   * A sentence for each number of cells that hold the maximum of a window together.
   * @param {number} step
   * @param {string} sentence
   */
  tieNotes(step, sentence) {
    const { channels } = this.windows
    const counts = channels.map((channel) => this.winners.ties(channel, step))
    return [...new Set(counts)]
      .filter((n) => n > 1)
      .flatMap((n) => {
        const tied = channels.filter((channel) => counts[channel] === n)
        return this.naming(tied, fill(sentence, { n }))
      })
  }

  /**
   * A sentence that is true of some channels: it names them where there are others. None for no channel.
   * @param {number[]} channels
   * @param {string} sentence
   */
  naming(channels, sentence) {
    const { words } = this.scene
    if (channels.length === 0) return []
    if (this.windows.channels.length === 1) return [sentence]
    const names = channels.map((channel) => fill(words.channel, { n: channel + 1 }))
    return [fill(words.told, { name: names.join(words.comma), what: sentence })]
  }

  /**
   * @param {number} step
   * @param {number} row
   * @param {number} column
   * @returns {Content}
   */
  content(step, row, column) {
    const { windows, scene } = this
    const isInput = windows.kind(row, column) === INPUT
    const counts = windows.counts(row, column)
    if (scene.back) {
      const { texts, shades } = given(scene.shares)
      const share = { text: texts[0][step], shade: shades[0][step] }
      if (scene.mode === "avg") return counts ? share : NOTHING
      if (!isInput) return NOTHING
      return this.winners.has(0, step, [row, column]) ? share : { text: "0", shade: given(scene.zero_shade) }
    }
    const index = windows.index("in", [row, column])
    if (isInput) return { text: scene.input.texts[0][index], shade: scene.input.shades[0][index] }
    return counts ? { text: scene.padding_text, shade: null } : NOTHING
  }
}
