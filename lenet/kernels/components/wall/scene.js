/** What Python sends to this component: `scene` of the wall's figure. */

/** @import { Scale } from "../../../common/components/color.js" */
/** @import { Share } from "../../../common/components/share/panel.js" */
/** @import { Packed } from "./kernels.js" */

/** @typedef {[epoch: number, value: number][]} Points */

/** @typedef {"stored" | "norm" | "similarity"} Sort */

/**
 * Orders of kernels, by name: `order[place]` is the kernel that stands there.
 * @typedef {Partial<Record<Sort, number[]>>} Orders
 */

/**
 * @typedef {object} Scene
 * @property {string} run its id
 * @property {string} label its name
 * @property {boolean} still the kernels of a file: without steps and without an address
 * @property {(Packed & { steps: number[] }) | null} wall the first layer at each step; null where it cannot be read
 * @property {(Packed & { limit: number, orders: Orders }) | null} second the second layer at the end of training
 * @property {Packed & { limit: number }} note the note's kernels
 * @property {Orders} orders of the first layer
 * @property {number} limit the end of the colour scale that all steps of the run share
 * @property {{ loss: Points, mean: Points, train: Points, test: Points } | null} curve loss of steps, its mean over each
 *   epoch, accuracies
 * @property {number} epochs the length of the curve
 * @property {number} per_epoch steps of an epoch; 0: not known
 * @property {Record<string, string>} asked what the reader's link says of the view
 * @property {Share | null} share
 * @property {Scale} scale diverging
 * @property {{ loss: string, test: string, train: string, mark: string }} colors
 * @property {Words} words
 */

/** @typedef {Record<Word, string>} Words */
/**
 * @typedef {"alt" | "wall" | "alt_curve" | "alt_bar" | "low" | "high" | "step" | "step_epoch" | "initial" | "norm"
 *   | "kernel" | "describe" | "statistics" | "cell" | "cell_channel" | "comma" | "told" | "not_finite" | "note" | "note_scale"
 *   | "note_result" | "loss" | "mean" | "test" | "train" | "epoch" | "previous" | "next" | "play" | "play_still" | "pause" | "slider"
 *   | "scale" | "shared" | "own" | "values" | "values_none" | "layer" | "layer_first" | "layer_second" | "second"
 *   | "channels" | "channels_colour" | "channels_each" | "colour_legend" | "colour_weights"
 *   | "sort" | "sort_stored" | "sort_norm" | "sort_similarity" | "save" | "save_svg" | "save_png" | "print" | "link"
 *   | "link_none" | "copy" | "copied" | "link_short" | "qr" | "close" | "present" | "present_more" | "leave" | "hint" | "hint_still"
 *   | "hint_present" | "hint_present_still"
 *   | "hint_touch" | "hint_touch_still" | "hint_present_touch" | "kernels" | "clicker" | "clicker_snapshots" | "clicker_epochs"
 *   | "more" | "blank" | "curve"} Word
 */

export {}
