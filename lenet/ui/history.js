/** Back undoes a reader's steps. Streamlit makes a step in the browser's history of every change of the query; here a
 * change replaces the current step, unless the query says that it begins a new one (see address.py). `frame.py` puts
 * this script into every page, which may run it again and again. */

;(() => {
  const NEW_STEP = /[?&]~step=new$/

  /** @typedef {(changes: string) => void} ChangeQuery */
  const known = /** @type {Window & { lenetChangeQuery?: ChangeQuery }} */ (window)
  if (known.lenetChangeQuery) return

  /** Change some keys of the query, written as a query; those without a value are removed. */
  known.lenetChangeQuery = (changes) => {
    const url = new URL(location.href)
    for (const [key, value] of new URLSearchParams(changes)) {
      if (value) url.searchParams.set(key, value)
      else url.searchParams.delete(key)
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url)
  }

  const push = history.pushState.bind(history)

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
  }
})()
