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
