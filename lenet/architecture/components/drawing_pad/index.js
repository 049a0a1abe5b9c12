/** A pad of a few pixels to draw an image on: light on black, as the images of Fashion-MNIST are.
 *
 * The drawing goes to Python as the state `pixels`, base64 of its bytes, once a stroke is finished. By keyboard: arrows
 * move the pen, Space draws, Delete or Backspace wipes everything. */

import { DrawingPad } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./view.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new DrawingPad(root, host, scene)
