/** What Python sends to this component: `overview` of the overview's figure. */

/** @import { Scale } from "../../../common/components/color.js" */

/**
 * The image, or the maps that a stage of the network makes of it.
 * @typedef {object} Block
 * @property {string} name
 * @property {string} size as text
 * @property {[maps: number, height: number, width: number]} shape
 * @property {Scale} scale
 * @property {string} shades base64 of a byte for each number: its place on the scale, 0 to 255
 */

/**
 * @typedef {object} Scene
 * @property {Block[]} blocks
 * @property {{ name: string, score: number }[]} classes with the softmax of each
 * @property {string} dense the widths of the dense layers
 * @property {{ most: string, other: string }} colors of the bars
 * @property {Record<"alt" | "dense", string>} words
 */

export {}
