/** What the editor shows, as a query, and how it shows what such a query says: while one browser follows another. */

import { countsOf } from "../../../common/components/address.js"
import { fromQuery, KEYS, toQuery } from "./weights.js"

/** @import { Owner } from "../../../common/components/address.js" */
/** @import { EditorView } from "./view.js" */

/**
 * @param {EditorView} view
 * @returns {Owner}
 */
export const ownerOf = (view) => ({
  keys: [...KEYS, "~place"],
  query: () => shown(view),
  show: (query) => show(view, query),
})

/** @param {EditorView} view */
function shown(view) {
  const query = toQuery(view, view.scene)
  if (view.place) query.set("~place", view.place.join(","))
  return query
}

/**
 * @param {EditorView} view
 * @param {URLSearchParams} query
 */
function show(view, query) {
  const { weights, image } = fromQuery(query, view.scene)
  view.image = image
  view.pinned = null
  view.use(weights)
  const [row, column] = countsOf(query.get("~place"))
  const { side } = view.response
  if (row < side && column < side) view.tell(row, column)
}
