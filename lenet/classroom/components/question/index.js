/** A question to the class on the phone: the exercise, or a kernel to draw; what became of the answer; what the class said.
 *
 * To Python goes the trigger `answer` ({activity, round, value}), which reads and judges it. */

import { QuestionView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./view.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new QuestionView(root, host, scene)
