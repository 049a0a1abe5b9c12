/** The layers of the network as a list for the keyboard: it lies over the drawing and lets the pointer through.
 *
 * Arrows, Home and End move a frame along the layers, without a word to the server. Enter or Space sends `open`, the
 * number of the layer in the frame. */

import { LayerList } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./layout.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new LayerList(root, host, scene)
