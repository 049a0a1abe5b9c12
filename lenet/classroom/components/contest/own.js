/** The app's own kernel for a task, which whoever leads the class shows at the end. */

/**
 * @typedef {object} Own
 * @property {string} title with its score
 * @property {number[]} weights in hundredths
 * @property {string} why it does what is asked
 */

export {}
