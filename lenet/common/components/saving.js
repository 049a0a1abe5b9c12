/** A menu that saves the picture of a component as a file. */

import { html, setName, setOptions } from "./dom.js"
import { download, drawing, pixels, standalone } from "./file.js"

/** @typedef {Record<"save" | "save_svg" | "save_png", string>} Words */
/** @typedef {{ picture: SVGSVGElement, root: Element, name: string }} Saved a picture, its surroundings and its file name */

export class SaveMenu {
  /**
   * @param {Node} parent
   * @param {() => Saved} shown what is on screen when something is chosen
   */
  constructor(parent, shown) {
    this.select = html("select", { class: "save" }, parent)
    this.select.onchange = async () => {
      const kind = this.select.value
      this.select.value = ""
      const { picture, root, name } = shown()
      const copy = standalone(picture, root)
      const content = kind === "svg" ? drawing(copy) : await pixels(copy, root)
      if (content) download(content, `${name}.${kind}`)
    }
  }

  /** @param {Words} words */
  setWords(words) {
    setName(this.select, words.save)
    setOptions(this.select, [
      ["", words.save],
      ["svg", words.save_svg],
      ["png", words.save_png],
    ])
  }
}
