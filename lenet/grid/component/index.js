/** A grid of numbers, the window that moves over it, and the output that comes of it. One message goes to the server:
 * `edit`, the new text of a cell. */

import { GridView } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new GridView(root, host, scene)
