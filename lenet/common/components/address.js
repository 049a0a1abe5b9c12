/** The address of the page, in which a component keeps what the reader has set. */

/**
 * Write `keys` as `query` has them into the address, without a word to the server; those it lacks are left out.
 * @param {readonly string[]} keys
 * @param {URLSearchParams} query
 */
export function writeQuery(keys, query) {
  const url = new URL(location.href)
  for (const key of keys) {
    const value = query.get(key)
    if (value === null) url.searchParams.delete(key)
    else url.searchParams.set(key, value)
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url)
}

/**
 * What the reader's link says of `keys`. The address itself counts more than `asked`, what the server was told of it: a
 * server that has started anew is told by Streamlit of a query without what components have written since.
 * @param {readonly string[]} keys
 * @param {Record<string, string>} asked
 * @returns {URLSearchParams}
 */
export function linkedQuery(keys, asked) {
  const query = new URLSearchParams(asked)
  const here = new URLSearchParams(location.search)
  for (const key of keys) {
    const value = here.get(key)
    if (value !== null) query.set(key, value)
  }
  return query
}

/**
 * Counts from 0 as a query has them, "2,0"; NaN in place of what is none.
 * @param {string | null} text
 */
export const countsOf = (text) =>
  (text ?? "").split(",").map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : Number.NaN))

/**
 * A component that keeps keys in the address by itself. What it shows can be asked and set from elsewhere, as when a phone
 * follows its teacher's screen, and the server hears nothing of it.
 * @typedef {object} Owner
 * @property {readonly string[]} keys
 * @property {() => URLSearchParams} query what it shows now: its keys as the address has them, and what is too fleeting for an
 *   address, such as a window under the pointer, under keys that begin with "~"
 * @property {(query: URLSearchParams) => void} show what a query says; a key that is missing has its default
 */

/** @typedef {{ all: Map<Owner, string>, added: ((owner: Owner) => void) | null }} Owners each with the path of its page; `added`
 * is told of a new one */

const known = /** @type {typeof globalThis & { lenetOwners?: Owners }} */ (globalThis)

/** The components that own keys. A page may load this module twice, from two versions of the server. */
export const owners = known.lenetOwners ?? { all: new Map(), added: null }
known.lenetOwners = owners

/** Those of the page that the address names; others may still be on screen for a moment. */
export const ownersHere = () => [...owners.all.keys()].filter((owner) => owners.all.get(owner) === location.pathname)

/**
 * Let what a component shows be asked and set from elsewhere. Returns what ends it.
 * @param {Owner} owner
 */
export function ownKeys(owner) {
  owners.all.set(owner, location.pathname)
  owners.added?.(owner)
  return () => void owners.all.delete(owner)
}
