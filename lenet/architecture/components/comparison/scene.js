/** What Python sends to this component: `comparison` of the comparison's figure. */

/**
 * @typedef {object} Layer
 * @property {string} color
 * @property {number[]} values of each measure
 * @property {string} words its name, and the values as text
 */

/**
 * @typedef {object} Net
 * @property {string} name
 * @property {string} label all of it in words
 * @property {string[]} totals of each measure, as text
 * @property {Layer[]} layers
 */

/**
 * @typedef {object} Scene
 * @property {string[]} measures in words: a bar of each network for each of them
 * @property {Net[]} nets
 * @property {{ color: string, words: string }[]} legend what the colours mean
 * @property {Record<"hint" | "hint_touch" | "save" | "save_svg" | "save_png", string>} words
 */

export {}
