/** Sizes and places of everything in the picture. */

import { clamp } from "../../common/components/math.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Scene, ZoneName } from "./scene.js" */

export const PANEL = 300 // width of “this window”
export const LABEL = 18 // height of a channel's label, or of a line of the legend
const ARROW = 44 // width of the space between two panels
const GAP = 18 // between two channels
const TITLE = 24 // height of a panel's title
const NARROW = 700 // below this width “this window” stands under the grids
const FINGER = 24 // a cell that a finger hits
const DIGIT = 0.58 // width of a digit, in parts of its font's size
const FEWEST = 3 // letters that say something of a longer number

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

/**
 * The smallest font in which numbers are written: on a phone nobody comes closer to the screen.
 * @param {number} width of the picture
 */
export const smallestFont = (width) => (width < NARROW ? 11 : 9)

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {[x: number, y: number]} Point */

/**
 * A panel of grids, one for each channel.
 * @typedef {Box & { columns: number, rows: number, first: Pair, title: number }} Zone `first`: its first row and column;
 *   `title`: the baseline of its title
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} cell the side of a cell
 * @property {number} across channels beside each other
 * @property {number} label height of a channel's label
 * @property {Record<ZoneName, Zone>} zones
 * @property {{ x: number, y: number, title: number, mini: number }} panel “this window”: its corner, the baseline of its
 *   title, and the side of a cell of the grid in it (0: none)
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
 * @param {(mini: number) => number} panelHeight of “this window” at its longest, by the side of a cell of its grid
 * @returns {Layout}
 */
export const layout = (scene, room, panelHeight) =>
  room.width < NARROW ? narrow(scene, room, panelHeight) : wide(scene, room, panelHeight)

/**
 * Input, “this window” and output beside each other.
 * @param {Scene} scene
 * @param {Room} room
 * @param {(mini: number) => number} panelHeight
 * @returns {Layout}
 */
function wide(scene, { width, height: high, legend: lines }, panelHeight) {
  const legend = lines * LABEL
  const height = high - TITLE - legend
  const between = PANEL + 2 * ARROW
  const { cell, across, label, size } = arranged(scene, { width: width - between - 8, height }, [2])
  const mini = miniCell(scene, cell, height)
  const [input, output] = [size(panelSize(scene)), size(scene.out_size)]
  const panel = panelHeight(mini)
  const tallest = Math.max(input.height, output.height, panel)
  const left = Math.max(4, (width - input.width - output.width - between) / 2)
  const afterInput = left + input.width
  const outLeft = afterInput + between
  const centred = (/** @type {number} */ high) => TITLE + (tallest - high) / 2
  const middle = TITLE + tallest / 2
  return {
    width,
    height: TITLE + tallest + legend + 6,
    ...{ cell, across, label },
    zones: {
      in: { ...input, x: left, y: centred(input.height), first: scene.first, title: 15 },
      out: { ...output, x: outLeft, y: centred(output.height), first: [0, 0], title: 15 },
    },
    panel: { x: afterInput + ARROW, y: centred(panel), title: 15, mini },
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
 * @param {(mini: number) => number} panelHeight
 * @returns {Layout}
 */
function narrow(scene, { width, height: high, legend: lines }, panelHeight) {
  const legend = lines * LABEL
  const room = { width: width - 8, height: high - TITLE - legend }
  const beside = arranged(scene, { ...room, width: room.width - ARROW }, [1, 2])
  const below = arranged(scene, { ...room, height: room.height - ARROW }, [1, 2], true)
  const isBelow = beside.cell < FINGER && below.cell > beside.cell
  const { cell, across, label, size } = isBelow ? below : beside
  const [input, output] = [size(panelSize(scene)), size(scene.out_size)]
  const between = isBelow ? 0 : ARROW
  const tallest = isBelow ? input.height + ARROW + output.height : Math.max(input.height, output.height)
  const left = Math.max(4, (width - input.width - output.width - between) / 2)
  const centre = (/** @type {number} */ wide) => (width - wide) / 2
  const end = TITLE + tallest
  const outTop = TITLE + input.height + ARROW
  const panel = { x: Math.max(4, centre(PANEL)), y: end + legend + TITLE, title: end + legend + 16, mini: 0 }
  /** @type {Layout} */
  const common = {
    width,
    height: panel.y + panelHeight(0) + 6,
    ...{ cell, across, label, panel },
    zones: {
      in: { ...input, x: centre(input.width), y: TITLE, first: scene.first, title: 15 },
      out: { ...output, x: centre(output.width), y: outTop, first: [0, 0], title: outTop - 8 },
    },
    arrows: [
      [
        [width / 2 - output.width / 2 - 14, TITLE + input.height + 6],
        [width / 2 - output.width / 2 - 14, outTop - 4],
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
 * How the channels of a panel stand, with cells as large as there is room for.
 * @param {Scene} scene
 * @param {{ width: number, height: number }} room for both panels of grids
 * @param {number[]} choices how many channels may stand in a row
 * @param {boolean} [isBelow] the output stands below the input
 */
function arranged(scene, room, choices, isBelow = false) {
  const { channels } = scene
  const label = channels > 1 ? LABEL : 0
  const [[rows, columns], [outRows, outColumns]] = [panelSize(scene), scene.out_size]
  const tall = isBelow ? rows + outRows : Math.max(rows, outRows)
  const broad = isBelow ? Math.max(columns, outColumns) : columns + outColumns
  const [panelsDown, panelsAcross] = isBelow ? [2, 1] : [1, 2]
  const arrangements = choices.map((most) => {
    const across = Math.min(channels, most)
    const down = Math.ceil(channels / across)
    const side = Math.min(
      (room.width - panelsAcross * (across - 1) * GAP) / (broad * across),
      (room.height - panelsDown * (down * label + (down - 1) * GAP)) / (down * tall),
    )
    return { across, down, cell: clamp(side, 4, channels > 1 ? 60 : 72) }
  })
  const { across, down, cell } = arrangements.reduce((best, other) => (other.cell > best.cell ? other : best))
  /** @param {Pair} size */
  const size = ([rows, columns]) => ({
    rows,
    columns,
    width: columns * cell * across + (across - 1) * GAP,
    height: down * (rows * cell + label) + (down - 1) * GAP,
  })
  return { across, label, cell, size }
}

/**
 * Rows and columns of the input's panel: those of the input, of the padding, and beyond.
 * @param {Scene} scene
 * @returns {Pair}
 */
const panelSize = (scene) => [scene.row_kinds.length, scene.column_kinds.length]

/**
 * The side of a cell in the small grid of the window's own numbers; of several channels there is room for none.
 * @param {Scene} scene
 * @param {number} cell
 * @param {number} height
 */
function miniCell(scene, cell, height) {
  if (scene.channels > 1) return 0
  const [rows, columns] = [scene.rows[0].length, scene.columns[0].length]
  return Math.min(Math.max(cell, 40), 44, (PANEL - 20) / columns, Math.max(60, height - 130) / rows)
}

/**
 * The grid of a channel, padding included.
 * @param {Layout} layout
 * @param {ZoneName} name
 * @param {number} channel
 */
export function gridCorner({ zones, cell, across, label }, name, channel) {
  const zone = zones[name]
  return {
    x: zone.x + (channel % across) * (zone.columns * cell + GAP),
    y: zone.y + label + Math.floor(channel / across) * (zone.rows * cell + label + GAP),
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
  const { cell, zones } = layout
  const corner = gridCorner(layout, name, channel)
  const [top, left] = zones[name].first
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
 * How many letters fit into a cell.
 * @param {number} cell
 * @param {number} size of the font
 */
export const lettersIn = (cell, size) => Math.floor((cell * 0.96) / (size * DIGIT))
