/** Sizes and places of everything in the picture. */

import { clamp } from "../../common/components/math.js"
import { arranged, FINGER, GAP, kernelArranged, LABEL, miniCell, PANEL } from "./arrangement.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Arrangement } from "./arrangement.js" */
/** @import { Scene, ZoneName } from "./scene.js" */

const ARROW = 44 // width of the space between two panels
const TITLE = 24 // height of a panel's title
const HALF_TITLE = 90 // half the width of a panel's longest title
const NARROW = 700 // below this width “this window” stands under the grids
const DIGIT = 0.58 // width of a digit with what separates it from its cell, in parts of its font's size
const LETTER = 0.53 // the same without
const FEWEST = 2.5 // letters that say something of a longer number: “.15”
const AFTER_GRID = 12
const KERNEL_BELOW = 300 // height of the kernel and its title, where there is no end to the page

/**
 * Lines that the legend takes below the grids: what surrounds the input at its left, and the colours at its right; on a
 * narrow screen they stand below each other.
 * @param {number} width
 * @param {number} around kinds of cells around the input
 */
export const legendLines = (width, around) => (width < NARROW ? around + 1 : Math.max(around, 1))

/**
 * How high input and output may be: on a wide screen so that they and their controls are seen without scrolling.
 * @param {number} width of the picture
 * @param {number} screen height of the window
 * @param {number} top where the picture begins on the page
 */
export const roomHeight = (width, screen, top) =>
  width < NARROW ? clamp(screen * 0.66, 300, 620) : clamp(screen - clamp(top, 240, 400) - 120, 220, 620)

export const SMALLEST_FONT = 11 // in which numbers are written

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {[x: number, y: number]} Point */

/**
 * @typedef {Arrangement & Box & { first: Pair, title: number }} Zone `first`: its first row and column; `title`: the
 *   baseline of its title
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} cell the side of a cell of the input and the output
 * @property {{ in: Zone, out: Zone, kernel: Zone | null }} zones
 * @property {{ x: number, y: number, title: number, mini: number, grid: Point }} panel “this window”: the corner of its
 *   arithmetic, the baseline of its title, the side of a cell of the window's own numbers (0: none) and their corner
 * @property {[from: Point, to: Point][]} arrows from panel to panel
 * @property {number} legendY
 * @property {{ middle: number, y: number }} colors where their legend stands
 */

/**
 * @typedef {object} Room
 * @property {number} width
 * @property {number} height for everything but “this window”, where that stands below
 * @property {number} legend lines of the legend
 */

/**
 * @param {Scene} scene
 * @param {Room} room
 * @param {number} textHeight of the arithmetic of a window and its notes, at their longest
 * @returns {Layout}
 */
export const layout = (scene, room, textHeight) =>
  room.width < NARROW ? narrow(scene, room, textHeight) : wide(scene, room, textHeight)

/**
 * Input, “this window” and output beside each other.
 * @param {Scene} scene
 * @param {Room} room
 * @param {number} textHeight
 * @returns {Layout}
 */
function wide(scene, { width, height: high, legend: lines }, textHeight) {
  const legend = lines * LABEL
  const height = high - TITLE - legend
  const between = PANEL + 2 * ARROW
  const { input, output } = arranged(scene, { width: width - between - 8, height }, [scene.channels > 4 ? 3 : 2])
  const ofPanel = panelParts(scene, textHeight, height, miniCell(scene, input.cell, height))
  const tallest = Math.max(input.height, output.height, ofPanel.height)
  const left = Math.max(4, (width - input.width - output.width - between) / 2)
  const afterInput = left + input.width
  const outLeft = afterInput + between
  const centred = (/** @type {number} */ high) => TITLE + (tallest - high) / 2
  const middle = TITLE + tallest / 2
  const { kernel, ...panel } = ofPanel.at(afterInput + ARROW, centred(ofPanel.height), 15)
  return {
    width,
    height: TITLE + tallest + legend + 6,
    cell: input.cell,
    zones: {
      in: { ...input, x: left, y: centred(input.height), first: scene.first, title: 15 },
      out: { ...output, x: outLeft, y: centred(output.height), first: [0, 0], title: 15 },
      kernel,
    },
    panel,
    arrows: [
      [
        [afterInput + 8, middle],
        [afterInput + ARROW - 10, middle],
      ],
      [
        [outLeft - ARROW + 8, middle],
        [outLeft - 10, middle],
      ],
    ],
    legendY: TITLE + tallest,
    colors: { middle: outLeft + output.width / 2, y: TITLE + tallest + 5 },
  }
}

/**
 * On a phone the output stands beside the input where a finger can hit the cells of both, else below it if that makes
 * them larger. “This window” stands below both, without the numbers that the input shows already.
 * @param {Scene} scene
 * @param {Room} room
 * @param {number} textHeight
 * @returns {Layout}
 */
function narrow(scene, { width, height: high, legend: lines }, textHeight) {
  const legend = lines * LABEL
  const room = { width: width - 8, height: high - TITLE - legend }
  const beside = arranged(scene, { ...room, width: room.width - ARROW }, [1, 2])
  const below = arranged(scene, { ...room, height: room.height - ARROW }, [1, 2], true)
  const isBelow = beside.input.cell < FINGER && below.input.cell > beside.input.cell
  const { input, output } = isBelow ? below : beside
  const between = isBelow ? 0 : ARROW
  const tallest = isBelow ? input.height + ARROW + output.height : Math.max(input.height, output.height)
  const left = Math.max(4, (width - input.width - output.width - between) / 2)
  const centre = (/** @type {number} */ wide) => (width - wide) / 2
  const end = TITLE + tallest
  const outTop = TITLE + input.height + ARROW
  const beforeTitle = width / 2 - Math.max(output.width / 2, HALF_TITLE) - 14
  const ofPanel = panelParts(scene, textHeight, textHeight + KERNEL_BELOW, 0)
  const { kernel, ...panel } = ofPanel.at(Math.max(4, centre(PANEL)), end + legend + TITLE, end + legend + 16)
  /** @type {Layout} */
  const common = {
    width,
    height: end + legend + TITLE + ofPanel.height + 6,
    cell: input.cell,
    zones: {
      in: { ...input, x: centre(input.width), y: TITLE, first: scene.first, title: 15 },
      out: { ...output, x: centre(output.width), y: outTop, first: [0, 0], title: outTop - 8 },
      kernel,
    },
    panel,
    arrows: [
      [
        [beforeTitle, TITLE + input.height + 6],
        [beforeTitle, outTop - 4],
      ],
    ],
    legendY: end,
    colors: { middle: width / 2, y: end + 5 + legend - LABEL },
  }
  if (isBelow) return common
  const outLeft = left + input.width + ARROW
  const middle = TITLE + tallest / 2
  const centred = (/** @type {number} */ high) => TITLE + (tallest - high) / 2
  return {
    ...common,
    zones: {
      in: { ...common.zones.in, x: left, y: centred(input.height) },
      out: { ...common.zones.out, x: outLeft, y: centred(output.height), title: 15 },
      kernel,
    },
    arrows: [
      [
        [left + input.width + 8, middle],
        [outLeft - 10, middle],
      ],
    ],
  }
}

/**
 * The parts of “this window” below each other: the kernel, with the window's own numbers beside it, or these alone; then
 * the arithmetic.
 * @param {Scene} scene
 * @param {number} textHeight
 * @param {number} room its height
 * @param {number} alone the side of a cell of the window's own numbers where there is no kernel; 0: they are not shown
 */
function panelParts(scene, textHeight, room, alone) {
  const [rows, columns] = [scene.rows[0].length, scene.columns[0].length]
  const has = scene.kernel ? kernelArranged(scene, room - textHeight - TITLE - AFTER_GRID) : null
  const mini = has?.mini ?? alone
  const lead = has ? TITLE + has.kernel.height + AFTER_GRID : mini ? mini * rows + AFTER_GRID : 0
  /**
   * @param {number} x
   * @param {number} y
   * @param {number} title
   */
  const at = (x, y, title) => ({
    ...{ x, y: y + lead, title, mini },
    grid: /** @type {Point} */ (
      has ? [x + PANEL - has.left - mini * columns, y + TITLE] : [x + (PANEL - mini * columns) / 2, y]
    ),
    kernel: has && {
      ...has.kernel,
      ...{ x: x + has.left, y: y + TITLE, title: y + TITLE - 8 },
      first: /** @type {Pair} */ ([0, 0]),
    },
  })
  return { height: lead + textHeight, at }
}

/**
 * @param {Layout} layout
 * @param {ZoneName} name
 * @returns {Zone}
 */
export function zoneOf({ zones }, name) {
  const zone = zones[name]
  if (!zone) throw new Error(`There is no ${name} in this picture`)
  return zone
}

/**
 * The grid of a channel, padding included.
 * @param {Layout} layout
 * @param {ZoneName} name
 * @param {number} channel
 */
export function gridCorner(layout, name, channel) {
  const { x, y, columns, rows, cell, across, label } = zoneOf(layout, name)
  return {
    x: x + (channel % across) * (columns * cell + GAP),
    y: y + label + Math.floor(channel / across) * (rows * cell + label + GAP),
  }
}

/**
 * The box of a cell; rows and columns of padding are negative.
 * @param {Layout} layout
 * @param {ZoneName} name
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 * @returns {Box}
 */
export function cellBox(layout, name, channel, row, column) {
  const { cell, first } = zoneOf(layout, name)
  const corner = gridCorner(layout, name, channel)
  const [top, left] = first
  return { x: corner.x + (column - left) * cell, y: corner.y + (row - top) * cell, width: cell, height: cell }
}

/**
 * The font for the numbers of a grid: the largest in which the longest fits its cell, unless that would be smaller than
 * `least`. Then numbers that are too long are shortened; 0 where there is no room for that either.
 * @param {string[]} texts
 * @param {number} cell
 * @param {{ least: number, most: number }} sizes
 */
export function fontSize(texts, cell, { least, most }) {
  const longest = Math.max(1, ...texts.map((text) => text.length))
  const size = Math.min(most, cell * 0.46, (cell * 0.86) / (longest * DIGIT))
  if (size >= least) return size
  const short = clamp(cell * 0.28, least, 12)
  return lettersIn(cell, short) >= Math.min(longest, FEWEST) ? short : 0
}

/**
 * How many letters fit into a cell, in letters and parts of one.
 * @param {number} cell
 * @param {number} size of the font
 */
export const lettersIn = (cell, size) => (cell * 0.96) / (size * LETTER)
