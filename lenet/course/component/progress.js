/** Which stations a reader has opened. This browser alone keeps it; one that refuses to keeps it while the page is open. */

const KEY = "lenet-course"
const MOST = 100 // keys that are read

/** @type {string[]} */
let remembered = []

/**
 * The keys of the stations that were opened; the one that was opened last is the last.
 * @returns {string[]}
 */
export function readOpened() {
  try {
    return parse(localStorage.getItem(KEY) ?? "") ?? remembered
  } catch {
    return remembered
  }
}

/**
 * Note that a station was opened.
 * @param {string} station
 */
export const open = (station) => keep(withOpened(readOpened(), station))

export const clear = () => keep([])

/**
 * @param {string[]} opened
 * @param {string} station
 */
export const withOpened = (opened, station) => [...opened.filter((one) => one !== station), station]

/**
 * The station to go on with: the first after the one opened last that is new to the reader, or the first new one of all;
 * undefined where all were opened.
 * @param {string[]} stations the keys of all, in their order
 * @param {string[]} opened
 */
export function nextStation(stations, opened) {
  const isNew = (/** @type {string} */ station) => !opened.includes(station)
  const last = stations.indexOf(opened.filter((one) => stations.includes(one)).at(-1) ?? "")
  return stations.slice(last + 1).find(isNew) ?? stations.find(isNew)
}

/**
 * Call `changed` when another window of this browser has opened a station.
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
export function follow(changed, signal) {
  const told = (/** @type {StorageEvent} */ { key }) => (key === KEY || key === null) && changed()
  window.addEventListener("storage", told, { signal })
}

/** @param {string[]} opened */
function keep(opened) {
  remembered = opened
  try {
    localStorage.setItem(KEY, JSON.stringify(opened))
  } catch (error) {
    console.info("This browser keeps no progress:", error)
  }
}

/**
 * The keys in a text that `keep` wrote; null for any other.
 * @param {string} text
 * @returns {string[] | null}
 */
function parse(text) {
  /** @type {unknown} */
  let read
  try {
    read = JSON.parse(text)
  } catch {
    return null
  }
  const isRight = Array.isArray(read) && read.length <= MOST && read.every((one) => typeof one === "string")
  return isRight ? /** @type {string[]} */ (read) : null
}
