/** The kind of layer whose windows are shown: what it says of them, and what it marks in the picture. */

import { Convolution } from "./convolution.js"
import { Pooling } from "./pooling.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { ConvolutionScene } from "./convolution.js" */
/** @import { PoolingScene } from "./pooling.js" */
/** @import { Term } from "./terms.js" */
/** @import { Place, Windows } from "./windows.js" */

/** @typedef {{ label: string, terms: Term[] }} Sum a part of the arithmetic of a window, with a label where there are several */
/** @typedef {{ text: string, shade: number | null }} Content of a cell of the window's own numbers */
/** @typedef {{ one: string, several: string, steps: number[] }} Membership the steps that an input cell belongs to, and the words for that */

/**
 * @typedef {object} KernelWords
 * @property {string} title
 * @property {string} label for those who listen
 * @property {(weight: Place) => string} weight what is said of a weight
 * @property {string} edit the name of the field for a weight, with its `row` and `column` to be filled in
 */

/**
 * @typedef {object} Layer
 * @property {Windows} windows
 * @property {string} file the name of saved pictures
 * @property {(step: number, weight?: Place | null) => Sum[]} sums the arithmetic of a window; `weight` is pointed at
 * @property {(index: number) => Sum[] | null} cellSums the arithmetic of an input cell; null: it has none
 * @property {(step: number, pointed: number | null) => string[]} notes sentences below the arithmetic of a window, or of an
 *   input cell that is pointed at
 * @property {(channel: number, step: number) => Pair | null} ringed row and column of the input cell that a window takes
 * @property {(step: number, row: number, column: number) => Content} content of a cell in the first channel's window
 * @property {(channel: number, row: number, column: number) => string} paddingText
 * @property {(channel: number, index: number) => string} number of an input cell, as it is heard
 * @property {(channel: number, index: number) => Membership} membership of an input cell
 * @property {(channel: number, step: number) => string | null} truth what a wrong output cell should be
 * @property {KernelWords | null} kernel what is said of the kernel; null: there is none
 */

/**
 * @param {Windows} windows
 * @returns {Layer}
 */
export const layerOf = (windows) =>
  windows.scene.mode === "conv"
    ? new Convolution(/** @type {Windows<ConvolutionScene>} */ (windows))
    : new Pooling(/** @type {Windows<PoolingScene>} */ (windows))
