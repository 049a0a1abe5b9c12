/** Plotly's charts by keys: Tab reaches a chart, arrows go from mark to mark, and what a mouse reads by hovering is shown and
 * said. Left and right are the marks of a line or the columns of a grid, up and down the other lines or the rows; from the
 * edge of a grid they go on to the next one. Home and End are the ends, Escape leaves.
 *
 * `frame.py` has every page load this module. Marks are found in what Plotly has computed (`calcdata`): its `Fx.hover` takes
 * a place, and the index of a point, but not that of a cell. tests/browser/test_plots.py tests it. */

const CHART = "[data-testid=stPlotlyChart]"

/**
 * @typedef {{ trace: number, row: number, column: number }} Mark
 * @typedef {any} Plot an element of Plotly's
 */

/** @param {Plot} plot @param {number} trace */
const kind = (plot, trace) => plot.calcdata[trace][0]?.trace

/** The traces whose marks can be read.
 * @param {Plot} plot @returns {number[]} */
const readable = (plot) =>
  [...plot.calcdata.keys()].filter((n) => {
    const { visible, hoverinfo, xaxis, mode, type } = kind(plot, n) ?? {}
    const hasPlaces = xaxis || type === "scatterpolar"
    return visible === true && hasPlaces && hoverinfo !== "skip" && hoverinfo !== "none" && mode !== "text"
  })

/** Rows and columns of a trace: a line or bars are one row.
 * @param {Plot} plot @param {number} trace @returns {[number, number]} */
const size = (plot, trace) => {
  const { type, z } = kind(plot, trace)
  return type === "heatmap" ? [z.length, z[0].length] : [1, plot.calcdata[trace].length]
}

/** The axes of a trace, in which `Fx.hover` counts, and how it names them. Polar ones have such axes below them.
 * @param {Plot} plot @param {number} trace */
const axesOf = (plot, trace) => {
  const { type, xaxis, yaxis, subplot } = kind(plot, trace)
  const layout = plot._fullLayout
  if (type === "scatterpolar") return { ...layout[subplot]._subplot, subplot }
  return {
    xaxis: layout[xaxis.replace("x", "xaxis")],
    yaxis: layout[yaxis.replace("y", "yaxis")],
    subplot: xaxis + yaxis,
  }
}

/** Where a mark is, in pixels of its axes.
 * @param {Plot} plot @param {Mark} mark */
const pixels = (plot, { trace, row, column }) => {
  const points = plot.calcdata[trace]
  const { type } = kind(plot, trace)
  const { xaxis, yaxis, subplot } = axesOf(plot, trace)
  /** @param {number[]} edges @param {number} n */
  const middle = (edges, n) => (edges[n] + edges[n + 1]) / 2
  const at =
    type === "heatmap"
      ? [middle(points[0].x, column), middle(points[0].y, row)]
      : [points[column].x, points[column].y]
  return { subplot, xpx: xaxis.c2p(at[0]), ypx: yaxis.c2p(at[1]) }
}

/** The mark that a key goes to; null: the key means nothing here.
 * @param {Plot} plot @param {Mark | null} from @param {string} key @returns {Mark | null} */
export const next = (plot, from, key) => {
  const traces = readable(plot)
  if (!traces.length) return null
  const first = { trace: traces[0], row: 0, column: 0 }
  if (!from || !traces.includes(from.trace)) return first
  const place = traces.indexOf(from.trace)
  const [rows, columns] = size(plot, from.trace)
  if (from.row >= rows || from.column >= columns) return first // another chart since
  /** @param {number} step another trace, as near as it has such a mark */
  const other = (step) => {
    const trace = traces.at((place + step) % traces.length) ?? 0
    const [, n] = size(plot, trace)
    return { trace, row: 0, column: Math.min(from.column, n - 1) }
  }
  const isReversed = () => {
    const [low, high] = axesOf(plot, from.trace).yaxis.range
    return low > high
  }
  const isDown = rows > 1 && isReversed() ? 1 : -1 // rows are drawn from below, unless the axis is reversed
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0
  const across = { ArrowUp: -isDown, ArrowDown: isDown }[key] ?? 0
  if (key === "Home" || key === "End") return { ...from, column: key === "Home" ? 0 : columns - 1 }
  if (along) {
    const column = from.column + along
    if (column >= 0 && column < columns) return { ...from, column }
    if (rows === 1) return from
    const { trace } = other(along)
    return { trace, row: 0, column: along > 0 ? 0 : size(plot, trace)[1] - 1 }
  }
  if (!across) return null
  const row = from.row + across
  return row >= 0 && row < rows ? { ...from, row } : other(key === "ArrowDown" ? 1 : -1)
}

/** Plotly itself, which is there as soon as Streamlit has drawn a chart. */
const plotly = () => /** @type {any} */ (window).Plotly

/** @type {WeakMap<Element, Mark>} */
const marks = new WeakMap()

/** @param {Element} chart @param {string} key @returns {boolean} whether the key meant something */
const press = (chart, key) => {
  const plot = /** @type {Plot} */ (chart.querySelector(".js-plotly-plot"))
  if (!plot?.calcdata) return false
  if (key === "Escape") {
    plotly().Fx.unhover(plot)
    return marks.delete(chart)
  }
  const mark = next(plot, marks.get(chart) ?? null, key)
  if (!mark) return false
  marks.set(chart, mark)
  const { subplot, ...place } = pixels(plot, mark)
  plotly().Fx.hover(plot, place, subplot)
  setTimeout(() => {
    const texts = [...plot.querySelectorAll(".hoverlayer text")].map((text) => text.textContent)
    say(texts.filter(Boolean).join(", "))
  }, 60) // Plotly draws what is hovered no more than once in 50 ms
  return true
}

/** @type {HTMLElement | undefined} */
let told

/** @param {string} words for who listens */
const say = (words) => {
  if (!told) {
    told = document.createElement("div")
    told.className = "lenet-told"
    told.setAttribute("aria-live", "polite")
    document.body.append(told)
  }
  told.textContent = words
}

const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Escape"]
/** Have the document listen, once: another version of this module may have done so. */
export function start() {
  const known = /** @type {Window & { lenetChartKeys?: boolean }} */ (window)
  if (known.lenetChartKeys) return
  known.lenetChartKeys = true
  document.addEventListener("keydown", (event) => {
    const chart = event.target instanceof Element && event.target.matches(CHART) ? event.target : null
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey
    if (chart && isPlain && KEYS.includes(event.key) && press(chart, event.key)) event.preventDefault()
  })
  document.addEventListener("focusout", (event) => {
    const plot =
      event.target instanceof Element && event.target.matches(CHART) && event.target.querySelector(".js-plotly-plot")
    if (plot) plotly().Fx.unhover(plot)
  })
  /** A chart without a name or without marks, such as a picture, is no stop for Tab. */
  const reach = () => {
    for (const chart of document.querySelectorAll(`${CHART}:not([tabindex])`)) {
      const plot = /** @type {Plot} */ (chart.querySelector(".js-plotly-plot"))
      if (plot?.calcdata && readable(plot).length) chart.setAttribute("tabindex", "0")
    }
  }
  new MutationObserver(reach).observe(document.body, { childList: true, subtree: true })
  reach() // the charts that were drawn before this module arrived
}
