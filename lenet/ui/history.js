/** Back undoes a reader's steps. Streamlit makes a step in the browser's history of every change of the query; here a
 * change replaces the current step, unless the query says that it begins a new one (see address.py). `frame.py` puts
 * this script into every page, which may run it again and again. */

;(() => {
  const NEW_STEP = /[?&]~step=new$/
  const COMPONENT = "[data-testid=stBidiComponentIsolated]"

  /** @typedef {(path: string, changes: string) => void} ChangeQuery */
  const known = /** @type {Window & { lenetChangeQuery?: ChangeQuery }} */ (window)
  if (known.lenetChangeQuery) return

  const push = history.pushState.bind(history)
  /** @type {{ path: string, changes: string } | null} changes for a page whose address Streamlit has yet to write */
  let later = null

  /** @param {string} path */
  const isHere = (path) => !path || trimmed(decodeURI(path)) === trimmed(decodeURI(location.pathname))

  /** @param {string} path */
  const trimmed = (path) => path.replace(/\/+$/, "")

  /** @param {string} changes some keys of a query; those without a value are to be removed */
  const change = (changes) => {
    const url = new URL(location.href)
    for (const [key, value] of new URLSearchParams(changes)) {
      if (value) url.searchParams.set(key, value)
      else url.searchParams.delete(key)
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url)
  }

  /** Components keep keys of their own in the address, which Streamlit's query lacks. It comes at the end of a script,
   * maybe long after they were drawn and have written theirs, so they are asked again: but for those that this script
   * was without, and which are about to go. */
  const completed = () => {
    for (const { shadowRoot } of document.querySelectorAll(`[data-stale=false] ${COMPONENT}`)) {
      const place = /** @type {import("./loader.js").Place | null} */ (shadowRoot)
      place?.lenetComponent?.view?.again?.()
    }
  }

  known.lenetChangeQuery = (path, changes) => {
    later = isHere(path) ? null : { path, changes }
    if (!later) change(changes)
  }

  /**
   * @param {any} state
   * @param {string} unused
   * @param {string | URL | null} [address]
   */
  history.pushState = (state, unused, address) => {
    const url = new URL(String(address ?? ""), location.href)
    const isStep = NEW_STEP.test(url.search)
    if (isStep) url.search = url.search.replace(NEW_STEP, "")
    const isPage = url.pathname !== location.pathname
    if (isStep || isPage) push(state, unused, url.href)
    else history.replaceState(state, unused, url.href)
    if (!isPage) completed()
    else if (later && isHere(later.path)) change(later.changes)
    if (isStep || isPage) later = null
  }
})()
