/** The wall of a run's kernels, the scrubber that moves it through training, the run's curve with a mark at the step
 * shown, and the note's kernels beside it.
 *
 * Python sends the whole history once; scrubbing and playing send nothing to the server. What the reader has set is in
 * the address of the page (`query.js`). The one message is `share`: the query of what is on screen, which comes back as
 * a link and its QR code. */

import { WallView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new WallView(root, host, scene)
