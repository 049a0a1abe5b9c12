/** A contest on the phone: paint a kernel, see what it responds and its score at once, hand it in.
 *
 * To Python goes the trigger `kernel` ({activity, weights}); its score is computed there again. */

import { ContestView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./view.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new ContestView(root, host, scene)
