/** On a public server: the key that makes a visitor's runs theirs (lenet/runs/rules.py), kept in a cookie of this site.
 *
 * It is made here, once a browser, and told as the state `own` to a session that does not know it yet. The next ones
 * read the cookie. */

/** @import { Component } from "../../../common/components/component.js" */

/**
 * @typedef {object} Scene
 * @property {string} cookie its name
 * @property {string} path
 * @property {boolean} known whether the session knows the key
 */

const KEY = /^[0-9a-f]{64}$/
let made = "" // of a browser that keeps no cookies: good until the page is left

/** @type {Component<Scene>} */
export default (_root, host) => ({
  update({ cookie, path, known }) {
    made = stored(cookie) || made || random()
    const secure = location.protocol === "https:" ? "; secure" : ""
    // biome-ignore lint/suspicious/noDocumentCookie: the other interface is missing where there is no https
    document.cookie = `${cookie}=${made}; path=${path}; max-age=34560000; samesite=strict${secure}`
    if (!known) host.setStateValue("own", made)
  },
})

/** @param {string} cookie */
function stored(cookie) {
  const values = document.cookie.split("; ").filter((part) => part.startsWith(`${cookie}=`))
  return values.map((part) => part.slice(cookie.length + 1)).find((value) => KEY.test(value))
}

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
