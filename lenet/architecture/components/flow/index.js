/** A network as a flow: the image and the output of each layer, drawn for the width of its place.
 *
 * A layer is told of under the drawing while the pointer is on it. A click, a tap, Enter or Space chooses it and sends
 * `open`, its number from 0. Arrows, Home and End move a frame along the layers, without a word to the server. */

import { FlowView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new FlowView(root, host, scene)
