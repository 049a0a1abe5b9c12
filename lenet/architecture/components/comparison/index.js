/** Networks side by side as bars with a segment for each layer, drawn for the width of their place.
 *
 * A layer under the pointer is marked in all its bars, and all its numbers are told. A click or a tap keeps it. By keyboard:
 * Tab to a network, arrows from layer to layer and from network to network, Escape lets go. */

import { ComparisonView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new ComparisonView(root, scene)
