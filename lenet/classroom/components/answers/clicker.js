/** The keys that clickers send, and those who lead a class press: on, and back. */

import { isChord } from "../../../common/components/keys.js"

/** @type {Record<string, "next" | "again">} */
const KEYS = { PageDown: "next", ArrowRight: "next", " ": "next", PageUp: "again", ArrowLeft: "again" }

/**
 * What a key is for; null where it belongs to what has the focus: a field, a button, a tab. No clicker sends anything to those
 * but Page Up and Page Down, which only a field of text keeps.
 * @param {KeyboardEvent} event
 * @returns {"next" | "again" | null}
 */
export function command(event) {
  const wanted = KEYS[event.key]
  if (!wanted || isChord(event) || event.repeat) return null
  const [target] = event.composedPath()
  const isPage = event.key.startsWith("Page")
  if (!(target instanceof Element)) return wanted
  const own = isPage
    ? "textarea, select, input"
    : "textarea, select, input, button, a, summary, [role], [contenteditable]"
  return target.matches(own) ? null : wanted
}
