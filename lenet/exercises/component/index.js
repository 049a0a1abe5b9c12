/** Asks an exercise: its figure, the form of the answer, and what was right. The server grades; the reader's progress is
 * kept in the browser.
 *
 * To Python go the triggers `answer` ({kind, seed, value}) and `next`. */

import { ExerciseView } from "./view.js"

/** @import { Component } from "../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, host, scene) => new ExerciseView(root, host, scene)
