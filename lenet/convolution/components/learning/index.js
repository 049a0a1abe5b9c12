/** A kernel that learns: it is to make the target of the input, and every step moves each weight against its gradient.
 *
 * Python sends the tasks. All the rest happens here, and nothing goes to the server. What is chosen is in the address. */

import { LearningView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new LearningView(root, scene)
