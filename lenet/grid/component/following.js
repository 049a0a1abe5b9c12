/** What a grid shows, as a query, and how it shows what such a query says: while one browser follows another. */

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
  view.hovered = below(query.get("~out"), windows.total)
  view.pointed = below(query.get("~in"), windows.size("in")[0] * windows.size("in")[1])
  const [channel, index] = (query.get("~weight") ?? "").split(",")
  const [c, i] = scene.kernel
    ? [
        below(channel, windows.channelsOf("kernel").length),
        below(index, windows.size("kernel")[0] * windows.size("kernel")[1]),
      ]
    : [null, null]
  view.weight = c === null || i === null ? null : { channel: c, index: i }
  view.show()
}

/**
 * A count below `end` in digits; null for anything else.
 * @param {string | null | undefined} text
 * @param {number} end
 */
const below = (text, end) => (/^\d{1,6}$/.test(text ?? "") && Number(text) < end ? Number(text) : null)
