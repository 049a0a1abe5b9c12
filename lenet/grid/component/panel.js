/** “This window”: its numbers and their arithmetic, between the input and the output. */

import { paintOf } from "../../common/components/color.js"
import { svg, textWidth } from "../../common/components/dom.js"
import { fill } from "../../common/components/text.js"
import { backward, forward, lines, plain, received, sentenceLines } from "./arithmetic.js"
import { fontSize, LABEL, lettersIn, PANEL, smallestFont } from "./layout.js"
import { BEYOND, given, INPUT, PADDING } from "./scene.js"
import { shortened } from "./short.js"
import { ring } from "./zone.js"

/** @import { Term } from "./arithmetic.js" */
/** @import { Box } from "./layout.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Windows } from "./windows.js" */

const LINE = 21 // height of a line of arithmetic
const NOTE = 16 // height of a line below it
const NOTES = 3 // lines that are kept free for notes where not all are measured
const CHANNEL_GAP = 10 // between the arithmetic of two channels
const AFTER_GRID = 12
const NOTE_SIZE = 12 / 15 // of the font that is measured
const MANY = 200 // of more steps only three are measured

export class WindowPanel {
  /**
   * @param {Windows} windows
   * @param {string} font the font family
   */
  constructor(windows, font) {
    this.windows = windows
    this.font = font
  }

  /**
   * @param {string} text
   * @param {boolean} [isBold]
   */
  measure = (text, isBold = false) => textWidth(text, `${isBold ? 700 : 400} 15px ${this.font}`)

  /** @param {Term[]} terms */
  lines(terms) {
    return lines(terms, PANEL - 4, this.measure)
  }

  /** @param {string} sentence */
  noteLines(sentence) {
    return sentenceLines(sentence, PANEL - 8, (text) => this.measure(text) * NOTE_SIZE)
  }

  /**
   * @param {number} channel
   * @param {number} step
   */
  terms(channel, step) {
    return (this.windows.scene.back ? backward : forward)(this.windows, channel, step)
  }

  /**
   * The height at its longest, so that nothing jumps while the window moves.
   * @param {number} mini the side of a cell of its grid
   */
  height(mini) {
    const { scene, total } = this.windows
    const { channels } = scene
    const steps = total > MANY ? [0, total >> 1, total - 1] : [...Array(total).keys()]
    let count = 0
    for (let channel = 0; channel < channels; channel++) {
      count += Math.max(...steps.map((step) => this.lines(this.terms(channel, step)).length))
    }
    const grid = mini ? mini * scene.rows[0].length + AFTER_GRID : 0
    const labels = channels > 1 ? channels * (LABEL + CHANNEL_GAP) : 0
    const pointed = scene.back ? this.noteLines(scene.words.received).length : 0
    const notes = Math.max(...steps.map((step) => this.notes(step, null).length), pointed)
    return grid + count * LINE + labels + (total > MANY ? Math.max(notes, NOTES) : notes) * NOTE
  }

  /**
   * Show the window of a step; of an input cell that is pointed at, what it belongs to. Returns it as a sentence.
   * @param {Picture} picture
   * @param {number} step
   * @param {number | null} pointed
   */
  show(picture, step, pointed) {
    const { scene } = this.windows
    const { panel, layout } = picture
    panel.replaceChildren()
    const middle = layout.panel.x + PANEL / 2
    const [row, column] = this.windows.cell("out", step)
    const name = fill(scene.words.window, { row: row + 1, column: column + 1 })
    const title = svg("text", { class: "title", x: middle, y: layout.panel.title }, panel, name)
    if (pointed !== null) title.textContent = this.pointedTitle(picture, pointed)
    const isReceived = pointed !== null && scene.back
    let y = layout.panel.y
    if (layout.panel.mini && !isReceived) y = this.drawGrid(picture, step, middle, y) + AFTER_GRID
    /** @type {string[]} */
    const spoken = []
    for (let channel = 0; channel < scene.channels; channel++) {
      if (scene.channels > 1) {
        const label = fill(scene.words.channel, { n: channel + 1 })
        svg("text", { class: "small centre", x: middle, y: y + 13 }, panel, label)
        y += LABEL
      }
      const terms = isReceived ? received(this.windows, channel, pointed) : this.terms(channel, step)
      spoken.push(terms.map(plain).join(" "))
      y = drawTerms(panel, this.lines(terms), middle, y)
      if (channel < scene.channels - 1) y += CHANNEL_GAP
    }
    for (const note of this.notes(step, pointed)) {
      svg("text", { class: "small centre", x: middle, y: y + 12 }, panel, note)
      y += NOTE
    }
    if (pointed !== null && !isReceived) {
      for (const part of panel.children) {
        if (part instanceof SVGElement) part.style.opacity = part === title ? "1" : "0.3"
      }
    }
    const { semicolon, told } = scene.words
    return fill(told, { name, what: spoken.join(semicolon) })
  }

  /**
   * The windows that contain an input cell; its number, where that is not in the cell in full.
   * @param {Picture} picture
   * @param {number} index of the cell
   */
  pointedTitle(picture, index) {
    const { words, channels, input } = this.windows.scene
    const [row, column] = this.windows.cell("in", index)
    const place = fill(words.row_column, { row: row + 1, column: column + 1 })
    const [text] = channels === 1 ? input.texts.map((texts) => texts[index]) : [""]
    if (text.length > picture.zones.in.letters) return fill(words.told, { name: place, what: text })
    return `${place} – ${fill(words.contained, { n: this.windows.containing(index).length })}`
  }

  /**
   * What there is to say below the arithmetic.
   * @param {number} step
   * @param {number | null} pointed
   */
  notes(step, pointed) {
    const { windows } = this
    const { scene } = windows
    const { words } = scene
    if (scene.back && pointed !== null) return this.noteLines(words.received)
    if (scene.back) {
      const isLost = scene.mode === "avg" && scene.padding_counts && windows.reaches(step, PADDING)
      const more = isLost ? [words.share_lost] : this.ties(step, words.ties_back)
      return [words.rule, ...more].flatMap((sentence) => this.noteLines(sentence))
    }
    if (scene.mode === "avg") {
      const rule = windows.reaches(step, PADDING) ? words.divisor_padding : words.divisor
      const lines = this.noteLines(fill(rule, { n: given(scene.divisors)[step] }))
      return windows.reaches(step, BEYOND) ? [...lines, ...this.noteLines(words.divisor_beyond)] : lines
    }
    if (given(scene.winners)[0][step] < 0) return this.noteLines(words.no_input)
    const wrong = this.channels.filter((channel) => windows.isWrong(channel, step))
    const said = [...this.ofChannels(wrong, words.padding_wins), ...this.ties(step, words.ties)]
    return said.flatMap((sentence) => this.noteLines(sentence))
  }

  /** The numbers of the channels, from 0. */
  get channels() {
    return [...Array(this.windows.scene.channels).keys()]
  }

  /**
   * A sentence for each number of cells that hold the maximum of a window together.
   * @param {number} step
   * @param {string} sentence
   */
  ties(step, sentence) {
    const counts = this.channels.map((channel) => this.windows.ties(channel, step))
    return [...new Set(counts)]
      .filter((n) => n > 1)
      .flatMap((n) => {
        const tied = this.channels.filter((channel) => counts[channel] === n)
        return this.ofChannels(tied, fill(sentence, { n }))
      })
  }

  /**
   * A sentence that is true of some channels: it names them where there are others. None for no channel.
   * @param {number[]} channels
   * @param {string} sentence
   */
  ofChannels(channels, sentence) {
    const { scene } = this.windows
    if (channels.length === 0) return []
    if (scene.channels === 1) return [sentence]
    const names = channels.map((channel) => fill(scene.words.channel, { n: channel + 1 }))
    return [fill(scene.words.told, { name: names.join(scene.words.comma), what: sentence })]
  }

  // ---- the window's own numbers ----

  /**
   * Returns where the grid ends.
   * @param {Picture} picture
   * @param {number} step
   * @param {number} middle
   * @param {number} top
   */
  drawGrid({ panel, layout, hatching }, step, middle, top) {
    const { windows } = this
    const { scene } = windows
    const size = layout.panel.mini
    const [rows, columns] = windows.window(step)
    const left = middle - (columns.length * size) / 2
    const winner = windows.winner(0, step)
    const contents = rows.map((row) => columns.map((column) => this.content(step, row, column)))
    const texts = contents.flat().map(({ text }) => text)
    const font = fontSize(texts, size, { least: smallestFont(layout.width), most: 15 })
    /** @type {Box | null} */
    let ringed = null
    rows.forEach((row, a) => {
      columns.forEach((column, b) => {
        const kind = windows.kind(row, column)
        const { text, shade } = contents[a][b]
        const box = { x: left + b * size, y: top + a * size, width: size, height: size }
        const around = { fill: kind === PADDING ? hatching : "none", ink: "currentColor" }
        const paint = kind === INPUT ? paintOf(scene.scale, shade) : around
        svg("rect", { class: kind === BEYOND ? "beyond" : "cell", ...box, fill: paint.fill }, panel)
        if (font) {
          const place = { x: box.x + size / 2, y: box.y + size / 2 }
          const look = { class: kind === INPUT ? "middle" : "middle muted", "font-size": font }
          svg(
            "text",
            { ...look, ...place, style: `fill:${paint.ink}` },
            panel,
            shortened(text, lettersIn(size, font)),
          )
        }
        if (winner && row === winner[0] && column === winner[1]) ringed = box
      })
    })
    const frame = { x: left, y: top, width: columns.length * size, height: rows.length * size }
    svg("rect", { ...frame, class: "window", stroke: scene.colors.window, "stroke-width": 3 }, panel)
    if (ringed) ring(panel, ringed)
    return top + rows.length * size
  }

  /**
   * What stands in a cell of the first channel's window.
   * @param {number} step
   * @param {number} row
   * @param {number} column
   * @returns {{ text: string, shade: number | null }}
   */
  content(step, row, column) {
    const { windows } = this
    const { scene } = windows
    const isInput = windows.kind(row, column) === INPUT
    const counts = windows.counts(row, column)
    if (scene.back) {
      const { texts, shades } = given(scene.shares)
      const share = { text: texts[0][step], shade: shades[0][step] }
      if (scene.mode === "avg") return counts ? share : NOTHING
      if (!isInput) return NOTHING
      const winner = windows.winner(0, step)
      const isWinner = winner !== null && row === winner[0] && column === winner[1]
      return isWinner ? share : { text: "0", shade: given(scene.zero_shade) }
    }
    const index = windows.index("in", [row, column])
    if (isInput) return { text: scene.input.texts[0][index], shade: scene.input.shades[0][index] }
    return counts ? { text: scene.padding_text, shade: null } : NOTHING
  }
}

const NOTHING = { text: "", shade: null }

/**
 * Returns where the lines end.
 * @param {SVGElement} parent
 * @param {Term[][]} lines
 * @param {number} middle
 * @param {number} y
 */
function drawTerms(parent, lines, middle, y) {
  for (const [n, line] of lines.entries()) {
    const text = svg("text", { class: "centre", x: middle, y: y + n * LINE + 16, "font-size": 15 }, parent)
    line.forEach((term, i) => {
      const lead = (i ? " " : "") + (term.before ?? "")
      if (lead) svg("tspan", {}, text, lead)
      svg("tspan", { class: term.class ?? "" }, text, term.text)
      if (term.after) svg("tspan", {}, text, term.after)
    })
  }
  return y + lines.length * LINE
}
