/** What the figure shows, as a query, and how it shows what such a query says: while one browser follows another. */

import { countsOf } from "../../../common/components/address.js"
import { KEYS, MOST_STEPS, weightOf } from "./state.js"

/** @import { Owner } from "../../../common/components/address.js" */
/** @import { LearningView } from "./view.js" */

/**
 * Beside what a link says: how many steps were made, the place that is told, and whether the hidden kernel is revealed.
 * @param {LearningView} view
 * @returns {Owner}
 */
export const ownerOf = (view) => ({
  keys: [...KEYS, "~steps", "~place", "~revealed"],
  query: () => shown(view),
  show: (query) => show(view, query),
})

/** @param {LearningView} view */
function shown({ scene, state, place, isRevealed }) {
  const query = state.query(scene)
  if (state.steps) query.set("~steps", String(state.steps))
  if (place) query.set("~place", place.join(","))
  if (isRevealed) query.set("~revealed", "1")
  return query
}

/**
 * Steps lead from the same beginning to the same kernel, so that their number is enough.
 * @param {LearningView} view
 * @param {URLSearchParams} query
 */
function show(view, query) {
  const { scene, state } = view
  if (scene.covered) return
  view.pause()
  const task = scene.tasks.find(({ key }) => key === query.get("task")) ?? scene.tasks[0]
  const rate = Number(query.get("rate"))
  const isOther = task !== state.task || (scene.rates.includes(rate) ? rate : scene.rate) !== state.rate
  if (task !== state.task) state.use(task)
  state.rate = scene.rates.includes(rate) ? rate : scene.rate
  state.weight = weightOf(query.get("weight") ?? "", state.size)
  const steps = Math.min(Number.parseInt(query.get("~steps") ?? "0", 10) || 0, MOST_STEPS)
  if (isOther || steps < state.steps) state.begin()
  while (state.steps < steps && !state.isAtEnd) state.step()
  const [row, column] = countsOf(query.get("~place"))
  const [height, width] = state.output.size
  view.hovered = null
  view.picture.place = row < height && column < width ? [row, column] : null
  view.isRevealed = query.has("~revealed")
  view.draw()
  view.remember()
}
