/** A chart of Streamlit's that grows in place. Streamlit draws a figure that has changed as a new chart: the reader's zoom
 * would be lost every second, and so would a zoom that is being drawn or a value that is being read. So the page sends the
 * chart once, and what is new to this component, which hands it to Plotly. */

import { asChange, zoomed } from "./zoom.js"

/** @import { Scene, Zoom } from "./zoom.js" */
/** @typedef {HTMLElement & { data?: object[], layout?: any, on?: (event: string, act: (event: any) => void) => void }} Chart */

/** The reader's zoom and the view that it is of, for as long as the page is open: Streamlit makes components anew.
 * @type {{ view: string, zoom: Zoom }} */
let remembered = { view: "", zoom: {} }

/** A chart as Streamlit has drawn it last, and the layout that it has had here since then.
 * @type {WeakMap<Chart, { data?: object[], layout?: any, here: any }>} */
const figures = new WeakMap()

const SILENT_AFTER = 10_000 // milliseconds; a page with a run in training hears from the server every second

export class LiveCurve {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   */
  constructor(root, scene) {
    this.root = root
    this.scene = scene
    const around = root.getRootNode()
    this.place = around instanceof ShadowRoot ? around.host.closest("[data-testid=stElementContainer]") : null
    /** @type {Chart | null} */
    this.chart = null
    this.observer = new MutationObserver(() => this.find())
    this.observer.observe(document.body, { childList: true, subtree: true })
    this.find()
  }

  /** @returns {Zoom} */
  get zoom() {
    return remembered.view === this.scene.view ? remembered.zoom : {}
  }

  set zoom(zoom) {
    remembered = { view: this.scene.view, zoom }
  }

  close() {
    this.observer.disconnect()
    clearTimeout(this.waiting)
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.listen()
    if (scene.traces) this.draw()
    else this.restore()
  }

  /** Say it where nothing comes any more. The place takes no room otherwise, see style.css and page.css. */
  listen() {
    clearTimeout(this.waiting)
    this.say("")
    if (this.scene.traces) this.waiting = setTimeout(() => this.say(this.scene.silent), SILENT_AFTER)
  }

  /** @param {string} words */
  say(words) {
    this.root.textContent = words
    this.place?.classList.toggle("speaks", words !== "")
  }

  /** Take up the chart, which is a new one whenever Streamlit has drawn it. */
  find() {
    /** @type {Chart | null} */
    const chart = document.querySelector(`.st-key-${this.scene.chart} .js-plotly-plot`)
    if (chart === this.chart || !chart?.on || !chart.layout || !plotly()) return
    this.chart = chart
    chart.on("plotly_relayout", (event) => (this.zoom = zoomed(this.zoom, event, this.scene.ranges)))
    this.draw()
    if (Object.keys(this.zoom).length) plotly().relayout(chart, asChange(this.zoom))
  }

  draw() {
    const { chart, zoom } = this
    const { traces, ranges, annotations } = this.scene
    if (!chart?.isConnected || !traces) return
    let figure = figures.get(chart)
    if (chart.layout !== figure?.here) figure = { data: chart.data, layout: chart.layout, here: null }
    // Streamlit goes on with the layout that it has handed over, so that one stays as it is.
    const layout = { ...chart.layout, meta: { ...chart.layout.meta } }
    for (const [axis, range] of Object.entries(ranges)) {
      if (!range || zoom[axis]) continue
      layout[axis] = { ...layout[axis], range: [...range], autorange: false } // Plotly writes into the range
    }
    if (annotations) layout.annotations = annotations
    plotly().react(chart, traces, layout)
    figures.set(chart, { ...figure, here: chart.layout })
  }

  /** Nothing grows any more: the chart is what Streamlit has drawn, also where older news came after that. */
  restore() {
    const { chart } = this
    const figure = chart && figures.get(chart)
    if (!figure || !chart.isConnected || chart.layout !== figure.here) return
    figures.delete(chart)
    plotly().react(chart, figure.data, figure.layout)
    if (Object.keys(this.zoom).length) plotly().relayout(chart, asChange(this.zoom))
  }
}

/** Plotly itself, which is there as soon as Streamlit has drawn a chart with it. */
const plotly = () => /** @type {any} */ (window).Plotly
