/** What a grid shows, as a query, and how it shows what such a query says: while one browser follows another. */

import { countsOf } from "../../common/components/address.js"
import { cellOf, stepOf } from "./chosen.js"

/** @import { Owner } from "../../common/components/address.js" */
/** @import { GridView } from "./view.js" */

/** Beside the cell: whether the output is filled up to it; the output or input cell, or weight, that is pointed at. */
const KEYS = ["cell", "~filled", "~out", "~in", "~weight"]

/**
 * @param {GridView} view
 * @returns {Owner}
 */
export const ownerOf = (view) => ({ keys: KEYS, query: () => shown(view), show: (query) => show(view, query) })

/** @param {GridView} view */
function shown({ windows, step, chosen, isFilling, hovered, pointed, weight }) {
  const query = new URLSearchParams()
  if (chosen || isFilling) query.set("cell", cellOf(windows.cell("out", step)))
  if (isFilling) query.set("~filled", "1")
  if (hovered !== null) query.set("~out", String(hovered))
  if (pointed !== null) query.set("~in", String(pointed))
  if (weight) query.set("~weight", `${weight.channel},${weight.index}`)
  return query
}

/**
 * @param {GridView} view
 * @param {URLSearchParams} query
 */
function show(view, query) {
  const { windows, scene, layer } = view
  view.player.stop()
  const step = stepOf(query.get("cell") ?? "", scene.out_size)
  view.step = step ?? scene.start
  view.isFilling = query.has("~filled")
  view.isAlone = step !== null && Boolean(layer.send) && !view.isFilling
  const size = (/** @type {"in" | "kernel"} */ zone) => windows.size(zone)[0] * windows.size(zone)[1]
  view.hovered = below(countsOf(query.get("~out"))[0], windows.total)
  view.pointed = below(countsOf(query.get("~in"))[0], size("in"))
  const [channel, index] = countsOf(query.get("~weight"))
  const isWeight = scene.kernel && channel < windows.channelsOf("kernel").length && index < size("kernel")
  view.weight = isWeight ? { channel, index } : null
  view.show()
}

/**
 * @param {number} count NaN: none
 * @param {number} end
 */
const below = (count, end) => (count < end ? count : null)
