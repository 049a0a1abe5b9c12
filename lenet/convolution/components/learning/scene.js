/** What Python sends to this component. */

/** @import { Scale } from "../../../common/components/color.js" */
/** @import { Pair } from "../../../common/components/keys.js" */

/**
 * Numbers row by row.
 * @typedef {{ size: Pair, values: number[] }} Grid
 */

/**
 * @typedef {object} Task
 * @property {string} key its name in the address
 * @property {string} name
 * @property {string} remark
 * @property {Grid} input
 * @property {Grid} target what the hidden kernel makes of the input
 * @property {Grid} start the kernel to begin with
 * @property {number[]} hidden the kernel that made the target
 * @property {number} largest learning rate with which the loss falls
 */

/**
 * What a lesson begins with.
 * @typedef {object} Lesson
 * @property {string} id another one each time that a lesson begins anew
 * @property {string} task
 * @property {number} rate
 * @property {string} weight its row and column, as in the address
 */

/**
 * @typedef {object} Scene
 * @property {Record<string, string>} asked what the reader's link says
 * @property {Lesson | null} lesson that is open
 * @property {boolean} covered a lesson asks: what arrives, the gradients and all that is said of them are not to be seen yet
 * @property {Task[]} tasks
 * @property {number[]} rates learning rates to choose from
 * @property {number} rate the first of them to use
 * @property {{ amounts: Scale, signed: Scale }} scales
 * @property {string} mark
 * @property {string} space between two sentences
 * @property {string} color of the curve
 * @property {Record<Word, string>} words
 */

/** @typedef {"input" | "kernel" | "output" | "target" | "arriving" | "gradient"} PanelName */
/**
 * @typedef {PanelName | "task" | "rate" | "step" | "play" | "play_still" | "pause" | "reset" | "reveal" | "alt" | "alt_kernel"
 *   | "alt_arriving" | "alt_curve" | "hint" | "hint_touch" | "weight" | "sum" | "row" | "total" | "next" | "chosen" | "place"
 *   | "arrives" | "loss" | "ahead" | "worse" | "too_large" | "done" | "diverged" | "steps"} Word
 */

export {}
