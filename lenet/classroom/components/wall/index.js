/**
 * The wall of a class: a tile for each number, with the kernels of its network and its accuracy. Tiles appear and change where
 * they are; in another order they move there.
 */

import { WallView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new WallView(root, scene)
