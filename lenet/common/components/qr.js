/** QR codes as pictures. */

import { svg } from "./dom.js"

const QUIET_ZONE = 4 // modules on each side, by the standard

/**
 * A QR code, dark on white in every theme: readers of many telephones take no other.
 * @param {string[]} rows "1" is dark
 * @param {string} label
 * @param {Node} parent
 */
export function qrCode(rows, label, parent) {
  const size = rows.length + 2 * QUIET_ZONE
  const look = { viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges" }
  const code = svg("svg", { class: "qr", role: "img", "aria-label": label, ...look }, parent)
  svg("rect", { width: size, height: size, fill: "#ffffff" }, code)
  svg("path", { d: modules(rows), fill: "#000000" }, code)
  return code
}

/**
 * The dark modules as squares of a path.
 * @param {string[]} rows
 */
function modules(rows) {
  let path = ""
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (row[x] === "1") path += `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`
    }
  })
  return path
}
