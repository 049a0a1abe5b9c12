/** The shapes by which the people of a class are told apart, beside their colours: as paths around the middle of a square. */

import { svg } from "../../common/components/dom.js"

/** @type {Record<string, string>} by the names of SYMBOLS in lenet/classroom/classroom.py */
export const SHAPES = {
  circle: "M0-9a9 9 0 1 0 .01 0z",
  square: "M-8-8H8V8H-8z",
  triangle: "M0-9.5L9.5 7.5h-19z",
  diamond: "M0-10L8 0 0 10-8 0z",
  star: polygon([...Array(10)].map((_, i) => (i % 2 ? 4.4 : 10))),
  cross: "M-8.5-4.3l4.2-4.2L0-4.2l4.3-4.3 4.2 4.2L4.2 0l4.3 4.3-4.2 4.2L0 4.2l-4.3 4.3-4.2-4.2L-4.2 0z",
  plus: "M-3.2-9h6.4v5.8H9v6.4H3.2V9h-6.4V3.2H-9v-6.4h5.8z",
  heart: "M0 9C-14-1-8-9-4-9c2 0 3.4 1.2 4 2.6C.6-7.8 2-9 4-9c4 0 10 8-4 18z",
  moon: "M3.5-9A9.6 9.6 0 1 0 9 3.5 8.5 8.5 0 0 1 3.5-9z",
  drop: "M0-10C4-4 7.5-.5 7.5 3a7.5 7.5 0 0 1-15 0C-7.5-.5-4-4 0-10z",
  ring: "M0-9.5a9.5 9.5 0 1 0 .01 0zm0 5a4.5 4.5 0 1 1-.01 0z",
  hexagon: polygon(Array(6).fill(9.5)),
}

/**
 * The symbol of a person, `size` CSS pixels large.
 * @param {{ symbol: string, colour: string }} person
 * @param {number} size
 * @param {Node} parent
 */
export function symbol({ symbol, colour }, size, parent) {
  const look = { class: "symbol", viewBox: "-11 -11 22 22", width: size, height: size, "aria-hidden": true }
  const picture = svg("svg", look, parent)
  svg("path", { d: SHAPES[symbol] ?? SHAPES.circle, fill: colour, "fill-rule": "evenodd" }, picture)
  return picture
}

/**
 * A polygon whose corners lie at these distances from the middle, the first above it.
 * @param {number[]} distances
 */
function polygon(distances) {
  const corners = distances.map((distance, i) => {
    const angle = (2 * Math.PI * i) / distances.length
    return `${round(distance * Math.sin(angle))} ${round(-distance * Math.cos(angle))}`
  })
  return `M${corners.join("L")}z`
}

/** @param {number} place */
function round(place) {
  return Math.round(100 * place) / 100
}
