/** What a live curve needs in the browser: it grows in place, the reader's zoom stays, and where nothing comes from the
 * server any more, that is said. Otherwise nothing of it is seen. */

import { LiveCurve } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./zoom.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new LiveCurve(root, scene)
