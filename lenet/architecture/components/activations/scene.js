/** What Python sends to this component: `maps` of the activations' figure. */

/** @import { Scale } from "../../../common/components/color.js" */
/** @import { Pair } from "../../../common/components/keys.js" */

/** @typedef {{ stops: Scale, low: number, high: number }} Range a colour scale from the value `low` to `high` */

/**
 * A window of its own map (or of all maps, with weights), the number in the same place, one from another place, all of
 * its own map, or every number.
 * @typedef {"window" | "number" | "moved" | "map" | "all"} Source
 */

/**
 * The image, or the output of a layer. Numbers are base64 of little-endian float32.
 * @typedef {object} Layer
 * @property {string} title
 * @property {string} type the class of the layer, "" for the image
 * @property {Source} [source] what a number is computed from
 * @property {string} [sum] how it comes about, with {input} and {output} to be put in; "" for a weighted sum
 * @property {number[]} shape [channels, height, width], or [n] of a vector
 * @property {string} values
 * @property {string} range its smallest and largest number, as text
 * @property {string} label
 * @property {Range} scale
 * @property {Pair} [kernel] of a convolution or pooling
 * @property {Pair} [stride]
 * @property {Pair} [padding]
 * @property {{ rows: Pair[], columns: Pair[] }} [field] the part of the image that a number depends on: for each row and
 *   column of the maps the first pixel and the one behind the last; a single pair where it is the same for all numbers,
 *   and no field where that is the whole image
 * @property {string} [weights] of a convolution; one for each map of a batch normalisation
 * @property {string} [bias]
 */

/**
 * @typedef {object} Scene
 * @property {Layer[]} layers the image first
 * @property {{ mark: string, padding: string, diverging: Scale }} colors
 * @property {Words} words
 */

/**
 * @typedef {Record<"title" | "place" | "unit" | "shown" | "others" | "products" | "bias" | "hint" | "hint_touch", string>
 * } Words
 */

/**
 * A number of a layer.
 * @typedef {object} Cell
 * @property {number} stage of the layer, 0 is the image
 * @property {number} channel
 * @property {number} row
 * @property {number} column of a vector: which number
 */

export {}
