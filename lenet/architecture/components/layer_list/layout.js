/** Where the layers lie over the drawing. */

/**
 * What Python sends: `layer_keys` of the network's figure.
 * @typedef {object} Scene
 * @property {string} label
 * @property {number} selected the layer that is open
 * @property {string} mark the colour of the frame
 * @property {number} height of the drawing in pixels
 * @property {[width: number, height: number]} range of the drawing in its own units
 * @property {{ name: string, from: number, to: number }[]} layers with the first and last x of each in these units
 */

/**
 * Left edge and width of each layer. The drawing has one scale for both axes and stands in the middle of its box.
 * @param {Scene} scene
 * @param {number} width of the box
 */
export function columns({ range, height, layers }, width) {
  const scale = Math.min(width / range[0], height / range[1])
  const left = (width - range[0] * scale) / 2
  return layers.map(({ from, to }) => ({ left: left + from * scale, width: (to - from) * scale }))
}

/**
 * The layer to which a key leads from layer `at` of `n`; null for a key that does not move.
 * @param {string} key
 * @param {number} at
 * @param {number} n
 */
export function layerAfter(key, at, n) {
  switch (key) {
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(at - 1, 0)
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(at + 1, n - 1)
    case "Home":
      return 0
    case "End":
      return n - 1
    default:
      return null
  }
}
