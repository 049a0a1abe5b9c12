/** What the reader has set, and how the address of the page says it. */

/** @import { Sort } from "./scene.js" */

/**
 * @typedef {object} Settings
 * @property {boolean} own each kernel has its own colour scale
 * @property {boolean} values numbers are shown
 * @property {Sort} sort
 * @property {1 | 2} layer
 * @property {boolean} colour kernels of three channels are tiles of colour
 * @property {boolean} presenting
 * @property {"dark" | "light" | null} ground of the presentation; null: the reader's theme
 * @property {boolean | null} curve stands beside the wall in a presentation; null: where the wall fills the screen all
 *   the same
 * @property {boolean | null} note the same of the note's kernels
 * @property {number | null} kernel alone in a presentation, as an index; null: all of them
 * @property {boolean} epochs pages of a presentation, as a clicker turns them, are epochs; otherwise snapshots
 */

/** The keys in the address that say what the wall shows. */
export const WALL = ["step", "scale", "values", "sort", "layer", "channels"]
/** Those that say how it is presented, which a link leaves out: others want the controls. */
const PRESENTATION = ["present", "ground", "curve", "note", "kernel", "clicker"]
/** Settings that leave the layout of the picture as it is. */
export const QUIET = ["own", "values", "epochs"]
/** All that this component keeps in the address. */
export const KEYS = [...WALL, ...PRESENTATION]

/**
 * A number in digits alone, as the server reads it too; null for anything else.
 * @param {string | null} value
 */
const counted = (value) => (/^\d+$/.test(value ?? "") ? Number(value) : null)

/** @param {string | null} value */
const switched = (value) => (value === "on" ? true : value === "off" ? false : null)

/**
 * @param {URLSearchParams} query
 * @returns {{ settings: Settings, step: number | null }} the step null: the end of training
 */
export function fromQuery(query) {
  const sort = query.get("sort")
  const ground = query.get("ground")
  const kernel = counted(query.get("kernel"))
  return {
    step: counted(query.get("step")),
    settings: {
      own: query.get("scale") === "own",
      values: query.get("values") !== "off",
      sort: sort === "norm" || sort === "similarity" ? sort : "stored",
      layer: query.get("layer") === "2" ? 2 : 1,
      colour: query.get("channels") !== "each",
      presenting: query.get("present") === "1",
      ground: ground === "dark" || ground === "light" ? ground : null,
      curve: switched(query.get("curve")),
      note: switched(query.get("note")),
      kernel: kernel ? kernel - 1 : null,
      epochs: query.get("clicker") === "epochs",
    },
  }
}

/**
 * What is as it is at first is left out, and what is about a presentation while there is none.
 * @param {Settings} settings
 * @param {number | null} step
 */
export function toQuery(settings, step) {
  const { own, values, sort, layer, colour, presenting, ground, curve, note, kernel, epochs } = settings
  const query = new URLSearchParams()
  if (step !== null) query.set("step", String(step))
  if (own) query.set("scale", "own")
  if (!values) query.set("values", "off")
  if (sort !== "stored") query.set("sort", sort)
  if (layer === 2) query.set("layer", "2")
  if (!colour) query.set("channels", "each")
  if (!presenting) return query
  query.set("present", "1")
  if (ground) query.set("ground", ground)
  if (curve !== null) query.set("curve", curve ? "on" : "off")
  if (note !== null) query.set("note", note ? "on" : "off")
  if (kernel !== null) query.set("kernel", String(kernel + 1))
  if (epochs) query.set("clicker", "epochs")
  return query
}

/**
 * The query of a link to what is on screen: the page's own keys, and ours.
 * @param {string} search the page's query
 * @param {string} ours
 */
export function linkQuery(search, ours) {
  const query = new URLSearchParams(search)
  for (const key of KEYS) query.delete(key)
  for (const [key, value] of new URLSearchParams(ours)) query.set(key, value)
  for (const key of PRESENTATION) query.delete(key)
  return query.toString()
}
