/** Who a student is in a class: the number, its colour and its symbol, as large as can be seen over a desk; and what is next. */

import { html } from "../../../common/components/dom.js"
import { symbol } from "../symbols.js"

/** @import { Component } from "../../../common/components/component.js" */

/**
 * @typedef {object} Scene see lenet/classroom/people.py
 * @property {number} number
 * @property {string} colour
 * @property {string} symbol
 * @property {string} you "You are number 17", in the reader's language
 * @property {string[]} more what happens next, a paragraph each
 */

/** @type {Component<Scene>} */
export default function badge(root) {
  const card = html("div", { class: "badge" }, root)
  return {
    update(scene) {
      card.replaceChildren()
      card.style.setProperty("--own", scene.colour)
      const sign = html("div", { class: "sign", "aria-hidden": true }, card)
      symbol(scene, 120, sign)
      html("span", {}, sign, String(scene.number))
      const words = html("div", {}, card)
      html("p", { class: "you" }, words, scene.you)
      for (const text of scene.more) html("p", {}, words, text)
    },
  }
}
