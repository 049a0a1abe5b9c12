/** The app's own kernel for a task, which whoever leads the class shows at the end. */

/** @import { Scale } from "../../common/components/color.js" */
/**
 * @typedef {object} Own
 * @property {string} title with its score
 * @property {number[]} weights in hundredths
 * @property {number} size rows and columns
 * @property {Scale} scale
 * @property {string} why it does what is asked
 */

export {}
