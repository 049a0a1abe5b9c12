/** What Python sends to this component: `network` or `broken_network` of the flow's figure, and the chosen layer. */

/**
 * A window of its own map (or of all maps, with weights), the number in the same place, one from another place, all of
 * its own map, or every number.
 * @typedef {"window" | "number" | "moved" | "map" | "all"} Source
 */

/**
 * The image, or the output of a layer.
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} size its shape as text
 * @property {number[]} shape [channels, height, width], or [n] of a vector
 * @property {string} color
 */

/**
 * @typedef {object} LayerOnly
 * @property {Source} source what a number is computed from
 * @property {[height: number, width: number] | null} kernel of a convolution or pooling
 * @property {Field | null} field the part of the image that a number depends on; null where that is all of it, or nothing
 * @property {string} label for those who listen
 * @property {string} words what is said of it under the drawing
 */

/** @typedef {Stage & LayerOnly} Layer */

/**
 * Size in pixels of the image. `start`: the first row and column, where all numbers depend on the same pixels.
 * @typedef {{ size: [number, number], start: [number, number] | null }} Field
 */

/**
 * @typedef {object} Scene
 * @property {Stage} image
 * @property {Layer[]} layers
 * @property {number} [selected] the layer that is open, from 0; none in a broken network
 * @property {{ name: string, why: string }} [broken] the layer behind the last one, which cannot be built
 * @property {{ mark: string, link: string, broken: string }} colors
 * @property {Record<"label" | "save" | "save_svg" | "save_png", string>} words
 */

export {}
