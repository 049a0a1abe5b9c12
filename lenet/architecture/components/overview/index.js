/** One image on its way through a network, drawn for the width of its place. */

import { OverviewView } from "./view.js"

/** @import { Component } from "../../../common/components/component.js" */
/** @import { Scene } from "./scene.js" */

/** @type {Component<Scene>} */
export default (root, _host, scene) => new OverviewView(root, scene)
