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
 */

/** The keys that this component keeps in the address. */
export const KEYS = ["step", "scale", "values", "sort", "layer", "channels", "present", "ground"]
/** Those that say how it is presented, which a link leaves out: others want the controls. */
export const PRESENTATION = ["present", "ground"]

/**
 * @param {URLSearchParams} query
 * @returns {{ settings: Settings, step: number | null }} the step null: the end of training
 */
export function fromQuery(query) {
  const sort = query.get("sort")
  const ground = query.get("ground")
  const step = query.has("step") ? Number(query.get("step")) : null
  return {
    step: step !== null && Number.isFinite(step) ? step : null,
    settings: {
      own: query.get("scale") === "own",
      values: query.get("values") !== "off",
      sort: sort === "norm" || sort === "similarity" ? sort : "stored",
      layer: query.get("layer") === "2" ? 2 : 1,
      colour: query.get("channels") !== "each",
      presenting: query.get("present") === "1",
      ground: ground === "dark" || ground === "light" ? ground : null,
    },
  }
}

/**
 * What is as it is at first is left out.
 * @param {Settings} settings
 * @param {number | null} step
 */
export function toQuery({ own, values, sort, layer, colour, presenting, ground }, step) {
  const query = new URLSearchParams()
  if (step !== null) query.set("step", String(step))
  if (own) query.set("scale", "own")
  if (!values) query.set("values", "off")
  if (sort !== "stored") query.set("sort", sort)
  if (layer === 2) query.set("layer", "2")
  if (!colour) query.set("channels", "each")
  if (presenting) query.set("present", "1")
  if (presenting && ground) query.set("ground", ground)
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
