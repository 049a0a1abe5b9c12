/** A grid of numbers, the window that moves over it, and the output that comes of it. Two messages go to the server: `edit`,
 * the new text of a cell of the input, and `edit_kernel`, that of a weight. */

import { GridView } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new GridView(root, host, scene)
