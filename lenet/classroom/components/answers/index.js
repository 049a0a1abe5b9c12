/** A question at the front: what is asked, how many have answered, then what they have answered, and what is right.
 *
 * To Python goes the trigger `step` ({activity, round, from, to}): by its buttons, or by the keys of a clicker. */

import { AnswersView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./view.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new AnswersView(root, host, scene)
