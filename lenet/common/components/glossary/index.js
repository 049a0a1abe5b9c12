/** What a term means, at a click on it in a text of the page. */

import { Explanations } from "./explanations.js"

/** @import { Component } from "../component.js" */
/** @import { Scene } from "./explanations.js" */

/** @type {Component<Scene>} */
export default function glossary(root, _host, scene) {
  const explanations = new Explanations(root, scene)
  return {
    update: (next) => explanations.update(next),
    close: () => explanations.stop(),
  }
}
