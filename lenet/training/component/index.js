/** What a live curve needs in the browser: it grows in place, and the reader's zoom stays. Nothing of it is seen. */

import { LiveCurve } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./zoom.js" */

/** @type {Component<Scene>} */
export default (_root, _host, scene) => new LiveCurve(scene)
