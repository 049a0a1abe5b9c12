/** The kind of layer whose windows are shown: what it says of them, and what it marks in the picture. */

import { Convolution } from "./convolution.js"
import { Gradient } from "./gradient.js"
import { Pooling } from "./pooling.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { ConvolutionScene } from "./convolution.js" */
/** @import { Sent } from "./backward.js" */
/** @import { GradientScene } from "./gradient.js" */
/** @import { PoolingScene } from "./pooling.js" */
/** @import { Scale } from "../../common/components/color.js" */
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
 * @property {(step: number, pointed: number | null, weight?: Place | null) => string[]} notes sentences below the arithmetic
 *   of a window, or of an input cell or a weight that is pointed at
 * @property {(channel: number, step: number) => Pair | null} ringed row and column of the input cell that a window takes
 * @property {(step: number, row: number, column: number) => Content} content of a cell in the first channel's window
 * @property {(channel: number, row: number, column: number) => string} paddingText
 * @property {(channel: number, index: number) => string} number of an input cell, as it is heard
 * @property {(channel: number, index: number) => Membership} membership of an input cell
 * @property {(channel: number, step: number) => string | null} truth what a wrong output cell should be
 * @property {KernelWords | null} kernel what is said of the kernel; null: there is none
 * @property {(span: Pair) => Sent} [send] have the output cells of a span send their gradients back, and no others
 * @property {boolean} [isWhole] all output cells do: no window is marked
 * @property {(index: number) => number[]} [containing] the steps that are marked for an input cell, where they are not those
 *   whose windows contain it
 * @property {(step: number) => string} [title] of the arithmetic
 * @property {() => Sum[][]} [longest] arithmetic that takes as many lines as any; otherwise that of the steps does
 * @property {string} [sign] between the window's own numbers and the kernel, in place of ×
 * @property {Scale} [scale] of the window's own numbers
 */

/**
 * @param {Windows} windows
 * @returns {Layer}
 */
export const layerOf = (windows) =>
  windows.scene.mode === "conv"
    ? windows.scene.back
      ? new Gradient(/** @type {Windows<GradientScene>} */ (windows))
      : new Convolution(/** @type {Windows<ConvolutionScene>} */ (windows))
    : new Pooling(/** @type {Windows<PoolingScene>} */ (windows))
