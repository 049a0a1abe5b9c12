/** Plotly's charts on phones and under fingers. `frame.py` puts this script into every page ahead of its charts, and
 * Streamlit may run it again.
 *
 * A figure of `charts.figure` carries how it looks in a narrow place (see `narrow` there). Whether it is narrow is seen
 * here, each time it is drawn, so that nothing has to come from the server when a phone is turned.
 *
 * This uses what Streamlit does not promise: its bundle sets `window.Plotly`, and its charts are drawn by `react` of that
 * object. No public way is known to a chart that depends on its width, or to options of a chart that depend on the device.
 * tests/browser/test_plots.py fails when it does not work any more. */

;(() => {
  const NO_HOVER = window.matchMedia("(hover: none), (pointer: coarse)")
  // Streamlit's grey of axes in its light theme has too little contrast for words, 3.7 to 1, and no setting.
  const PALE = "#808495"
  const READABLE = "#5a5e6d"

  /**
   * @typedef {Record<string, any>} Values attributes by path, such as "xaxis.domain"
   * @typedef {{ narrow?: Values, wide?: Values, below?: number, isNarrow?: boolean }} Meta
   * @typedef {{ meta?: Meta, height?: number, width?: number } & Record<string, any>} Part a layout or a trace
   * @typedef {{ data?: Part[], layout?: Part, config?: Record<string, any>, frames?: object[] }} Figure
   */

  /**
   * @param {Part} part
   * @param {string} path
   */
  const read = (part, path) => path.split(".").reduce((/** @type {any} */ inner, key) => inner?.[key], part)

  /**
   * @param {Part} part
   * @param {string} path
   * @param {any} value undefined: as if nothing had been written there
   */
  const write = (part, path, value) => {
    const keys = path.split(".")
    const last = /** @type {string} */ (keys.pop())
    /** @type {any} */
    let inner = part
    for (const key of keys) inner = inner[key] ??= {}
    if (value === undefined) delete inner[last]
    else inner[last] = structuredClone(value) // Plotly writes into it
  }

  /**
   * Give a layout or a trace its narrow or its wide look, unless it has it: what the reader has changed since then stays.
   * @param {Part} part
   * @param {boolean} isNarrow
   */
  const adapt = (part, isNarrow) => {
    const { meta } = part
    if (!meta?.narrow) return
    meta.wide ??= Object.fromEntries(
      Object.keys(meta.narrow).map((path) => [path, structuredClone(read(part, path))]),
    )
    if (isNarrow === Boolean(meta.isNarrow)) return
    meta.isNarrow = isNarrow
    const look = isNarrow ? meta.narrow : meta.wide
    for (const path of Object.keys(meta.narrow)) write(part, path, look[path])
  }

  /**
   * Make Streamlit's place for a chart as high as the chart. Streamlit would make it as high as the wide figure and, until
   * it has measured the place again, ask for a chart of the height that the place had.
   * @param {HTMLElement} chart
   * @param {Part} layout
   * @param {number} pixels
   */
  const hold = (chart, layout, pixels) => {
    const height = `${pixels}px`
    /** @type {HTMLElement | null} */
    const place = chart.closest("[data-testid=stElementContainer]")
    if (place) Object.assign(place.style, { height, minHeight: height, maxHeight: height })
    const room = chart.parentElement?.clientHeight // in full screen not that of the place
    if (room) layout.height = room
  }

  /** @param {HTMLElement} chart */
  const isEnlarged = (chart) => chart.getBoundingClientRect().width > 1.01 * chart.offsetWidth

  /** @param {Record<string, any>} part of a template */
  const darken = (part) => {
    for (const [key, value] of Object.entries(part)) {
      if (value === PALE) part[key] = READABLE
      else if (value && typeof value === "object") darken(value)
    }
  }

  /**
   * @param {HTMLElement} chart
   * @param {Figure} figure
   * @returns {Figure}
   */
  const adapted = (chart, { data = [], layout = {}, config, frames }) => {
    const { meta } = layout
    // Streamlit measures on screen. Where the chart is presented, and enlarged, its own pixels are fewer.
    const place = chart.parentElement
    if (place?.clientHeight && isEnlarged(chart)) {
      Object.assign(layout, { width: place.clientWidth, height: place.clientHeight })
    }
    const isNarrow = (layout.width ?? chart.clientWidth) <= (meta?.below ?? 0)
    for (const part of [layout, ...data]) adapt(part, isNarrow)
    darken(layout.template?.layout ?? {})
    const own = isNarrow ? meta?.narrow : meta?.wide
    if (own?.height) hold(chart, layout, own.height)
    files.set(chart, config?.toImageButtonOptions ?? {})
    // Without a mouse the mode bar is always there, over the marks: see `offer`.
    return {
      data,
      layout,
      config: config && NO_HOVER.matches ? { ...config, displayModeBar: false } : config,
      frames,
    }
  }

  /** How the picture of a chart is saved.
   * @type {WeakMap<Element, object>} */
  const files = new WeakMap()

  /** A chart that a finger has tapped has a button that saves its picture, until the next tap elsewhere.
   * @param {Element} chart */
  const offer = (chart) => {
    const button = document.createElement("button")
    button.className = "lenet-save"
    button.title = known.lenetSave ?? ""
    button.setAttribute("aria-label", button.title)
    const sign = document.createElementNS("http://www.w3.org/2000/svg", "path")
    sign.setAttribute("d", "M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10")
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    picture.setAttribute("viewBox", "0 0 16 16")
    picture.append(sign)
    button.append(picture)
    button.onclick = () => plotly.downloadImage(chart, files.get(chart))
    chart.after(button)
  }

  /** The chart that a finger has left last. The button waits for the click that follows: it is not to be hit by it.
   * @type {Element | null} */
  let left = null

  /** @param {PointerEvent} event */
  const lifted = ({ target, pointerType }) => {
    left = pointerType !== "mouse" && target instanceof Element ? target.closest(".js-plotly-plot") : null
  }

  /** @param {MouseEvent} event */
  const clicked = ({ target }) => {
    if (target instanceof Element && target.closest(".lenet-save")) return
    for (const button of document.querySelectorAll(".lenet-save")) button.remove()
    if (left && NO_HOVER.matches) offer(left)
  }

  /** @param {any} plotly */
  const wrapped = (plotly) => {
    const { react } = plotly
    /**
     * @param {HTMLElement} chart
     * @param {Figure | Part[]} figure all of it, or its traces, after which come
     * @param {Part} [layout]
     * @param {Figure["config"]} [config]
     */
    plotly.react = (chart, figure, layout, config) =>
      react(chart, adapted(chart, Array.isArray(figure) ? { data: figure, layout, config } : figure))
    return plotly
  }

  /** A finger scrolls, and a tap is a click of a mouse: Plotly, which would drag, does not hear of it.
   * @param {TouchEvent} event */
  const touched = (event) => {
    if (event.target instanceof Element && event.target.closest(".js-plotly-plot")) event.stopPropagation()
  }

  const known = /** @type {Window & { Plotly?: any, lenetPlots?: boolean, lenetSave?: string }} */ (window)
  if (known.lenetPlots) return
  known.lenetPlots = true
  window.addEventListener("touchstart", touched, { capture: true, passive: true })
  window.addEventListener("pointerup", lifted, { capture: true })
  window.addEventListener("click", clicked, { capture: true })
  let plotly = known.Plotly && wrapped(known.Plotly)
  Object.defineProperty(known, "Plotly", { get: () => plotly, set: (value) => (plotly = wrapped(value)) })
})()
