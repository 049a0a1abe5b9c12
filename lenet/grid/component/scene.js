/**
 * What Python sends to this component: the grids, and the windows that move over them. What a kind of layer adds stands in
 * `pooling.js` and `convolution.js`.
 */

/** @import { Scale } from "../../common/components/color.js" */
/** @import { Pair } from "../../common/components/keys.js" */
/** @import { Legend } from "../../common/components/legend.js" */

/**
 * What a row or a column of the input's panel is. A cell is whatever is greater of its row and its column.
 * @typedef {0 | 1 | 2} Kind
 */
/** @type {Kind} */
export const INPUT = 0
/** @type {Kind} */
export const PADDING = 1
/** @type {Kind} beyond the padding: where windows end that `ceil_mode` adds */
export const BEYOND = 2

/** @typedef {"in" | "kernel" | "out"} ZoneName the panels: input, kernel where the layer has one, and output */
/** @typedef {Exclude<ZoneName, "out">} Edited the panels whose cells can be changed */

/**
 * The cells of a grid, for each channel, row by row.
 * @typedef {object} Cells
 * @property {string[][]} texts the numbers
 * @property {(number | null)[][]} shades their places on the colour scale, from 0 to 100; null: not finite
 * @property {Scale} [scale] their own colours; otherwise those of the scene
 * @property {number[][]} [values] the numbers themselves, where the browser calculates with them
 */

/**
 * @typedef {object} Scene
 * @property {"max" | "avg" | "conv"} mode
 * @property {boolean} image a picture: numbers only in large cells
 * @property {boolean} [back] the gradient, from the output back to the input; cells are not edited
 * @property {boolean} [fixed] cells are not edited now
 * @property {boolean} [covered] the output is not to be seen yet: its texts are question marks
 * @property {number} channels of the input
 * @property {number[]} [seen] the channels of the input that the kernel sees: it has one for each; otherwise all
 * @property {number} [out_channels] of the output, where there are not as many
 * @property {Pair} size of the input
 * @property {Pair} out_size
 * @property {Pair} first the first row and column of the input's panel; negative where there is padding
 * @property {number} start the output cell to begin with
 * @property {Record<string, string>} [asked] the chosen cell is kept in the address of the page: what the link says of it
 * @property {Kind[]} row_kinds of the input's panel, from the first on
 * @property {Kind[]} column_kinds
 * @property {number[][]} rows the rows of the windows of each output row
 * @property {number[][]} columns the columns of the windows of each output column
 * @property {Cells} input
 * @property {Cells} [kernel]
 * @property {Cells} output
 * @property {string} padding_text
 * @property {boolean} padding_counts whether cells of padding are among the numbers of a window
 * @property {Scale} scale
 * @property {Legend | null} legend of the scale; null while that is not to be seen
 * @property {{ window: string, padding: string, wrong: string }} colors
 * @property {string[]} formula of the output's size, a line each
 * @property {Record<Word, string> & { unseen?: string }} words `unseen`: the label of a channel that the kernel does not see
 */

/**
 * The words of every scene.
 * @typedef {"input" | "output" | "window" | "channel" | "row_column" | "padding" | "beyond" | "contained" | "not_value"
 *   | "previous" | "play" | "play_still" | "pause" | "next" | "all" | "all_short" | "slider" | "step" | "speed" | "per_second" | "save"
 *   | "edit" | "hint" | "hint_touch" | "cell_inside" | "cell_inside_one" | "cell_outside" | "comma" | "semicolon" | "told"
 *   | "alt_input" | "alt_output" | "alt"} Word
 */

/**
 * Numbers that Python sends with this kind of scene.
 * @template T
 * @param {T | undefined} part
 * @returns {T}
 */
export function given(part) {
  if (part === undefined) throw new Error("The scene lacks a part")
  return part
}
