/** Pools one after the other: every level as a grid. A cell under the pointer marks what it sees on all levels before.
 * Nothing goes to the server. */

import { LevelsView } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new LevelsView(root, scene)
