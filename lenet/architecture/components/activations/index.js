/** An image on its way through a network: a strip of maps for every layer. The number under the pointer shows the
 * arithmetic that made it, with the patch that it looked at. Nothing goes to the server.
 *
 * On top stand the image, the map under the pointer enlarged, and the arithmetic. A click holds a cell, and the cells of
 * the enlarged map can be pointed at; another click or Escape lets it go. By keyboard: Tab to a strip, arrows from cell
 * to cell. */

import { ActivationsView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new ActivationsView(root, scene)
