import { mix } from "../../../common/components/color.js"
import { clamp } from "../../../common/components/math.js"

/** @import { Color } from "../../../common/components/color.js" */
/** @import { Range } from "./scene.js" */

/** @type {Color} */
const NOT_FINITE = [128, 128, 128]

/**
 * The colour of a value on a scale.
 * @param {Range} scale
 * @param {number} value
 * @returns {Color}
 */
export function shade({ stops, low, high }, value) {
  if (!Number.isFinite(value)) return NOT_FINITE
  return mix(stops, clamp((value - low) / (high - low || 1), 0, 1))
}
