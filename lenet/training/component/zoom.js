/** The part of a chart that the reader has zoomed to. */

/**
 * @typedef {object} Scene
 * @property {string} chart the key of the chart
 * @property {string} view what the chart shows: of another view the reader's zoom means nothing
 * @property {Record<string, [number, number] | null>} ranges of its axes; null: what the lines need
 * @property {object[] | null} traces the lines as they are now; null: as the chart has them, because nothing grows
 * @property {object[]} [annotations] what is written in it, as it is now; none: as the chart has it
 * @property {number} beat another number each time: no news is to be told from a broken connection
 * @property {string} silent what is said where nothing comes any more
 */
/** @typedef {Record<string, [number, number]>} Zoom the ranges of the axes that the reader has zoomed */

/**
 * The zoom after an event of Plotly's. An axis that is back at its own range is not zoomed any more.
 * @param {Zoom} zoom
 * @param {Record<string, any>} event
 * @param {Scene["ranges"]} ranges
 * @returns {Zoom}
 */
export function zoomed(zoom, event, ranges) {
  const after = { ...zoom }
  for (const [axis, own] of Object.entries(ranges)) {
    const range = event[`${axis}.range`] ?? [event[`${axis}.range[0]`], event[`${axis}.range[1]`]]
    const isOwn = own !== null && own[0] === range[0] && own[1] === range[1]
    if (event[`${axis}.autorange`] || isOwn) delete after[axis]
    else if (range[0] !== undefined) after[axis] = range
  }
  return after
}

/**
 * The zoom as a change of a chart's layout.
 * @param {Zoom} zoom
 */
export const asChange = (zoom) =>
  Object.fromEntries(
    Object.entries(zoom).flatMap(([axis, [low, high]]) => [
      [`${axis}.range[0]`, low],
      [`${axis}.range[1]`, high],
    ]),
  )
