/** What a class is shown, and what of it is still to be done in a browser that follows. Nothing here touches the page. */

/**
 * @typedef {object} Stage
 * @property {string} page its path, without slashes; "" is home
 * @property {string} query what the page's server reads
 * @property {string} live what components keep by themselves, as a query; what no address holds has keys that begin with "~"
 */

/** Keys of the address that each browser has for itself. */
const OWN = ["lang", "present", "join"]
/** The page on which the class has something to do. It shows each browser a side of its own, so that its query is its own. */
export const CLASS = "class"

/** @param {string} key */
const isUnwritten = (key) => key.startsWith("~")

/**
 * The page of a path, below the path of the app.
 * @param {string} pathname
 * @param {string} base without slashes
 */
export function pageOf(pathname, base) {
  const path = decodeURI(pathname).replace(/^\/+|\/+$/g, "")
  return path === base ? "" : base && path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path
}

/**
 * What a browser shows.
 * @param {{ pathname: string, search: string }} location
 * @param {string} base
 * @param {Iterable<import("../../../common/components/address.js").Owner>} owners the components, of which a later one counts more
 * @returns {Stage}
 */
export function stageOf({ pathname, search }, base, owners) {
  const query = without(new URLSearchParams(search), OWN)
  const live = new URLSearchParams()
  for (const owner of owners) {
    for (const key of owner.keys) {
      query.delete(key)
      live.delete(key)
    }
    for (const [key, value] of owner.query()) live.set(key, value)
  }
  const page = pageOf(pathname, base)
  const isOwn = page === CLASS
  return { page, query: isOwn ? "" : sorted(query), live: isOwn ? "" : sorted(without(live, OWN)) }
}

/**
 * What is to be done where `shown` is on screen, so that `stage` is: "page", to have the server show it; "components", to tell
 * them; or nothing.
 * @param {Stage} shown
 * @param {Stage} stage
 * @param {readonly string[]} owned keys of components that are here
 * @returns {"page" | "components" | "nothing"}
 */
export function remaining(shown, stage, owned) {
  if (shown.page !== stage.page) return "page"
  const [before, now] = [valuesOf(shown), valuesOf(stage)]
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key))
  if (!changed.length) return "nothing"
  const soft = new Set([
    ...owned,
    ...new URLSearchParams(shown.live).keys(),
    ...new URLSearchParams(stage.live).keys(),
  ])
  return changed.every((key) => soft.has(key)) ? "components" : "page"
}

/**
 * The address at which a browser shows a stage; `here` is its address now.
 * @param {Stage} stage
 * @param {string} base
 * @param {string} here
 */
export function addressOf(stage, base, here) {
  const url = new URL(here)
  const query = valuesOf(stage)
  for (const key of OWN) {
    const own = url.searchParams.get(key)
    if (own !== null) query.set(key, own)
  }
  for (const key of [...query.keys()].filter(isUnwritten)) query.delete(key)
  url.pathname = `/${[base, stage.page].filter(Boolean).join("/")}`
  url.search = query.toString()
  url.hash = ""
  return url.href
}

/**
 * What a stage says to a component.
 * @param {Stage} stage
 * @param {readonly string[]} keys the component's own
 */
export function partOf(stage, keys) {
  const part = new URLSearchParams()
  for (const [key, value] of valuesOf(stage)) if (keys.includes(key)) part.set(key, value)
  part.sort()
  return part
}

/**
 * All that a stage says, without what is each browser's own.
 * @param {Stage} stage
 */
function valuesOf({ query, live }) {
  const values = new URLSearchParams(query)
  for (const [key, value] of new URLSearchParams(live)) values.set(key, value)
  return without(values, OWN)
}

/**
 * @param {URLSearchParams} query
 * @param {readonly string[]} keys
 */
function without(query, keys) {
  for (const key of keys) query.delete(key)
  return query
}

/** @param {URLSearchParams} query */
function sorted(query) {
  query.sort()
  return query.toString()
}
