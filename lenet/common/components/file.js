/** Files that a reader takes away. */

import { html, SVG } from "./dom.js"

/**
 * A copy of a picture on screen as a file that stands alone, in the colours of its surroundings.
 * @param {SVGSVGElement} copy
 * @param {Element} surroundings
 */
export function standalone(copy, surroundings) {
  const style = getComputedStyle(surroundings)
  const background = style.getPropertyValue("--st-background-color") || "#ffffff"
  copy.setAttribute("xmlns", SVG)
  copy.setAttribute("style", `color:${style.color};font-family:sans-serif;background:${background}`)
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" })
}

/**
 * Hand a file to the reader.
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const link = html("a", { href: URL.createObjectURL(content), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
