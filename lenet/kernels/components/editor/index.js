/** One's own kernel: a grid of weights to edit, and at once its signed response on an image.
 *
 * Python sends images, and kernels to begin with. All the rest happens here, and nothing goes to the server. What is
 * edited is in the address: own=the weights row by row, on=the image. */

import { EditorView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new EditorView(root, scene)
