/** What Python sends to this component: see lenet/exercises/scene.py. */

/** @import { Scale } from "../../common/components/color.js" */
/** @import { Pair } from "../../common/components/keys.js" */

/**
 * A grid of numbers, or a picture of one.
 * @typedef {object} Grid
 * @property {"grid" | "picture"} type
 * @property {string} title
 * @property {string} sign that stands before it: →
 * @property {Pair} size
 * @property {string[][]} texts of its numbers; none of a picture
 * @property {(number | null)[][]} shades their places on the colour scale, from 0 to 100; null where they are hidden
 * @property {Scale} scale
 * @property {Pair[]} marked cells that are asked about
 * @property {Pair[]} shown cells that the answer comes from; known once it is given
 * @property {boolean} asks whether the reader chooses one of its cells
 * @property {Pair} padding rows and columns around it
 * @property {string} padding_text what their cells hold
 */

/**
 * @typedef {object} Table
 * @property {"table"} type
 * @property {string} title
 * @property {string} sign
 * @property {string[]} columns
 * @property {string[][]} rows
 * @property {Pair[]} opened cells that were hidden before the answer
 * @property {number[]} marked rows that are asked about
 */

/**
 * @typedef {object} Form
 * @property {"number" | "shape" | "cell" | "choice"} type
 * @property {string} remark
 * @property {string[]} labels of the numbers to be typed
 * @property {string[]} options of a choice
 * @property {Grid[]} pictures of the options, or none
 */

/**
 * @typedef {object} Verdict
 * @property {boolean} right
 * @property {string} headline
 * @property {string} text
 * @property {number[]} given the reader's answer
 * @property {number[]} answer the right one
 */

/** @typedef {{ name: string, title: string, level: number }} Kind */

/** @typedef {"check" | "another" | "finish" | "cell" | "choose" | "progress" | "progress_of" | "progress_none" |
 *   "lessons" | "here_only" | "save" | "load" | "loaded" | "bad_file" | "not_kept"} Word */

/**
 * @typedef {object} Scene
 * @property {string} kind of the exercise
 * @property {number} seed
 * @property {string} title
 * @property {string} place in its series: 3 of 8
 * @property {boolean} is_last
 * @property {string} question
 * @property {(Grid | Table)[]} panels
 * @property {string} signs what the colours of pictures mean
 * @property {Form} form
 * @property {Verdict | null} verdict
 * @property {string} refusal of an answer that could not be read
 * @property {Kind[]} kinds of which progress is shown
 * @property {Record<string, string>} levels
 * @property {Record<Word, string>} words
 */

export {}
