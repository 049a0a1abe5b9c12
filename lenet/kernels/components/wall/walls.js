/** The walls of a scene, and the colours that they share. */

import { palette } from "../../../common/components/color.js"
import { SHADES } from "./color_bar.js"
import { ColourWall } from "./colour_wall.js"
import { Wall } from "./wall.js"

/** @import { Kernels } from "./kernels.js" */
/** @import { State } from "./state.js" */

/** @param {State} state */
export function walls({ scene, kernels }) {
  const shades = palette(scene.scale, SHADES)
  const wall = (/** @type {Kernels} */ kernels) => new Wall(kernels, scene.words, shades, scene.colors.mark)
  const { first, second, note } = kernels
  return {
    first: first && wall(first),
    colour: first?.isColour ? new ColourWall(first, scene.words, shades, scene.colors.mark) : null,
    second: second && wall(second),
    note: wall(note),
  }
}
