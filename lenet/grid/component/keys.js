/** What a key asks for, in each of the panels. */

import { plain } from "../../common/components/numbers.js"

/** @import { ZoneName } from "./scene.js" */

/** @typedef {{ do: "play" | "release" | "edit" | "move" | "channel", typed?: string | null, by?: number }} Intent */

const BEGINS_A_NUMBER = /^[-+.,\d]$/

/**
 * Null: nothing. `typed` is what an edit begins with, null: with the cell's own number; `by` is how many channels to go on.
 * @param {ZoneName} zone
 * @param {string} key
 * @returns {Intent | null}
 */
export function intent(zone, key) {
  if (/^(Arrow|Home$|End$)/.test(key)) return { do: "move" }
  if (zone === "out") return key === " " ? { do: "play" } : null
  if (key === "PageDown" || key === "PageUp") return { do: "channel", by: key === "PageDown" ? 1 : -1 }
  if (key === "Enter" || key === "F2") return { do: "edit", typed: null }
  if (key === "Delete" || key === "Backspace") return { do: "edit", typed: "" }
  if (BEGINS_A_NUMBER.test(plain(key))) return { do: "edit", typed: key }
  return key === "Escape" ? { do: "release" } : null
}
