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

/**
 * Lines that the legend takes below the grids: what surrounds the input at its left, and the colours at its right; on a
 * narrow screen they stand below each other.
 * @param {number} width
 * @param {number} around kinds of cells around the input
 */
export const legendLines = (width, around) => (width < NARROW ? around + 1 : Math.max(around, 1))

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A panel of grids, one for each channel.
 * @typedef {Box & { columns: number, rows: number, first: Pair }} Zone `first`: its first row and column
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
 * @property {[from: number, to: number][]} arrows
 * @property {number} arrowY
 * @property {number} legendY
 * @property {{ middle: number, y: number }} colors where their legend stands
 */

/**
 * @param {Scene} scene
 * @param {object} room
 * @param {number} room.width
 * @param {number} room.height for everything but “this window”, where that stands below
 * @param {number} room.legend lines of the legend
 * @param {(mini: number) => number} panelHeight of “this window” at its longest, by the side of a cell of its grid
 * @returns {Layout}
 */
export function layout(scene, room, panelHeight) {
  const { width } = room
  const legend = room.legend * LABEL
  const height = room.height - TITLE - legend
  const isNarrow = width < NARROW
  const between = isNarrow ? ARROW : PANEL + 2 * ARROW
  const channels = arranged(scene, { width: width - between - 8, height })
  const mini = miniCell(scene, channels.cell, height)
  const [input, output] = [channels.size(panelSize(scene)), channels.size(scene.out_size)]
  const panel = panelHeight(mini)
  const tallest = Math.max(input.height, output.height, isNarrow ? 0 : panel)
  const left = Math.max(4, (width - input.width - output.width - between) / 2)
  const outLeft = left + input.width + between
  const centred = (/** @type {number} */ high) => TITLE + (tallest - high) / 2
  const afterInput = left + input.width
  return {
    width,
    height: TITLE + tallest + legend + 6 + (isNarrow ? panel + TITLE : 0),
    cell: channels.cell,
    across: channels.across,
    label: channels.label,
    zones: {
      in: { ...input, x: left, y: centred(input.height), first: scene.first },
      out: { ...output, x: outLeft, y: centred(output.height), first: [0, 0] },
    },
    panel: isNarrow
      ? {
          x: Math.max(4, (width - PANEL) / 2),
          y: 2 * TITLE + tallest + legend,
          title: TITLE + tallest + legend + 16,
          mini,
        }
      : { x: afterInput + ARROW, y: centred(panel), title: 15, mini },
    arrows: isNarrow
      ? [[afterInput + 8, outLeft - 10]]
      : [
          [afterInput + 8, afterInput + ARROW - 10],
          [outLeft - ARROW + 8, outLeft - 10],
        ],
    arrowY: TITLE + tallest / 2,
    legendY: TITLE + tallest,
    colors: {
      middle: isNarrow ? width / 2 : outLeft + output.width / 2,
      y: TITLE + tallest + 5 + (isNarrow ? legend - LABEL : 0),
    },
  }
}

/**
 * How the channels of a panel stand, with cells as large as there is room for.
 * @param {Scene} scene
 * @param {{ width: number, height: number }} room for both panels of grids
 */
function arranged(scene, room) {
  const { channels } = scene
  const across = Math.min(channels, 2)
  const down = Math.ceil(channels / across)
  const label = channels > 1 ? LABEL : 0
  const input = panelSize(scene)
  const rows = Math.max(input[0], scene.out_size[0])
  const columns = input[1] + scene.out_size[1]
  const cell = clamp(
    Math.min(
      (room.width - 2 * (across - 1) * GAP) / (columns * across),
      (room.height - down * label - (down - 1) * GAP) / (down * rows),
    ),
    4,
    channels > 1 ? 60 : 72,
  )
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
 * The largest font in which the longest of some texts fits a cell.
 * @param {string[]} texts
 * @param {number} cell
 * @param {number} most
 */
export function fontSize(texts, cell, most) {
  const longest = Math.max(1, ...texts.map((text) => text.length))
  return Math.min(most, cell * 0.46, (cell * 0.86) / (longest * 0.58))
}
