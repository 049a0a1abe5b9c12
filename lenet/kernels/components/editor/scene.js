/** What Python sends to this component. */

/** @import { Scale } from "../../../common/components/color.js" */

/**
 * @typedef {object} Scene
 * @property {{ own?: string, on?: string }} asked what the reader's link says
 * @property {number} size of the kernel: so many rows and columns
 * @property {number} side of the images
 * @property {number} limit the largest weight
 * @property {{ name: string, values: number[] }[]} presets kernels to begin with, row by row
 * @property {{ name: string, pixels: string }[]} images base64 of their bytes
 * @property {Scale} scale diverging
 * @property {string} mark
 * @property {Record<Word, string>} words
 */

/**
 * @typedef {"begin" | "own" | "image" | "grid" | "cell" | "flip" | "turn" | "response" | "alt" | "place" | "sum" | "bad"}
 *   Word
 */

export {}
