/** What the wall shows, as a query, and how it shows what such a query says: while one browser follows another. */

import { fromQuery, QUIET, WALL } from "./query.js"

/** @import { Owner } from "../../../common/components/address.js" */
/** @import { Place } from "./pointing.js" */
/** @import { WallView } from "./view.js" */

/** Beside what a link says: the weight that is pointed at. How the wall is presented is each browser's own affair. */
const KEYS = [...WALL, "~weight"]

/**
 * @param {WallView} view
 * @returns {Owner}
 */
export const ownerOf = (view) => ({ keys: KEYS, query: () => shown(view), show: (query) => show(view, query) })

/** @param {WallView} view */
function shown({ state, pointing: { place } }) {
  const { query } = state // with the step, also while it plays
  if (place) query.set("~weight", [place.side, place.kernel, place.i].join(","))
  return query
}

/**
 * @param {WallView} view
 * @param {URLSearchParams} query
 */
function show(view, query) {
  const { state, pointing, player } = view
  const { own, values, sort, layer, colour } = fromQuery(query).settings
  const asked = { own, values, sort, layer, colour }
  const changed = /** @type {(keyof typeof asked)[]} */ (Object.keys(asked)).filter(
    (key) => asked[key] !== state.settings[key],
  )
  player.stop()
  Object.assign(state.settings, asked)
  const { step } = fromQuery(query)
  state.moveTo(step === null ? state.timeline.last : state.timeline.nearest(step))
  if (changed.every((key) => QUIET.includes(key))) view.show()
  else view.draw()
  pointing.pinned = null
  pointing.point(placeOf(query.get("~weight"), view))
  view.remember()
}

/**
 * @param {string | null} text
 * @param {WallView} view
 * @returns {Place | null}
 */
function placeOf(text, { picture }) {
  const [side, ...numbers] = (text ?? "").split(",")
  const [kernel, i] = numbers.map(Number)
  if (side !== "wall" && side !== "note") return null
  const wall = picture?.side(side)
  return wall?.order.includes(kernel) && i >= 0 && i < wall.grid.size ? { side, kernel, i } : null
}
