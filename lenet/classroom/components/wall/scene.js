/** What Python sends to this component: see lenet/classroom/wall.py. */

/** @import { Scale } from "../../../common/components/color.js" */
/** @import { Shape } from "./layout.js" */

/** @typedef {"number" | "accuracy" | "similarity"} Sort */

/**
 * @typedef {object} Tile
 * @property {number} number
 * @property {string} colour "#rrggbb"
 * @property {string} symbol
 * @property {string} arm "" where all train alike
 * @property {string} state of the run, or "gone"; "" while there is none
 * @property {number} share of its training that is done
 * @property {number | null} accuracy
 * @property {number | null} likeness with the kernels of the reference
 * @property {string} kernels base64 of int8, 127 for the largest |weight| of each kernel; "" while there are none
 */

/**
 * @typedef {object} Scene
 * @property {Tile[]} tiles by number
 * @property {Shape} shape of the kernels of a tile
 * @property {number} reference the number whose kernels the others are matched with; 0 for none
 * @property {number} mine the number of whoever sees this as their own; 0 for everybody
 * @property {number[]} others then, the accuracies of the others who train alike
 * @property {string} line how far the class is, in words
 * @property {Record<string, string>} asked what the reader's link says
 * @property {Scale} scale diverging
 * @property {Words} words
 */

/**
 * @typedef {Record<"wall" | "own" | "sort" | "sort_number" | "sort_accuracy" | "sort_similarity" | "number" | "percent" | "waiting"
 *   | "training" | "stopped" | "failed" | "not_yet" | "gone" | "reference" | "likeness" | "spread" | "comma", string>} Words
 */

export {}
