// On a public server: the key that makes a visitor's runs theirs (lenet/hosting.py), kept in a cookie of this site.
//
// It is made here, once a browser, and told to the session that does not know it yet; the next ones read the cookie.

const KEY = /^[0-9a-f]{64}$/
let made = "" // of a browser that keeps no cookies: good until the page is left

export default function ({ data, setStateValue }) {
  const key = kept(data.cookie) || made || (made = random())
  const secure = location.protocol === "https:" ? "; secure" : ""
  document.cookie = `${data.cookie}=${key}; path=${data.path}; max-age=34560000; samesite=strict${secure}`
  if (!data.known) setStateValue("own", key)
}

function kept(cookie) {
  const values = document.cookie.split("; ").filter((part) => part.startsWith(`${cookie}=`))
  return values.map((part) => part.slice(cookie.length + 1)).find((value) => KEY.test(value))
}

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
