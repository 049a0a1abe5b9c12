/** The reader's progress, folded under the exercise, with the buttons that take it along as a file and bring it back. */

import { button, html } from "../../common/components/dom.js"
import { download } from "../../common/components/file.js"
import { fill } from "../../common/components/text.js"
import { countOf, lessonCount, MAX_BYTES, merged, parse, toText, total, withAnswer } from "./progress.js"
import { keepProgress, readProgress } from "./storage.js"

/** @import { Scene } from "./scene.js" */

export class Tracker {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.details = html("details", { class: "progress" }, root)
    this.summary = html("summary", {}, this.details)
    this.list = html("ul", {}, this.details)
    this.note = html("div", { class: "remark" }, this.details)
    const bar = html("div", { class: "bar" }, this.details)
    this.save = button("save", "", bar, () =>
      download(new Blob([toText(readProgress())], { type: "application/json" }), "lenet-exercises.json"),
    )
    this.file = html("input", { type: "file", accept: ".json,application/json", class: "live", tabindex: -1 }, bar)
    this.load = button("load", "", bar, () => this.file.click())
    this.told = html("div", { class: "remark", role: "status" }, this.details)
    this.file.onchange = () => this.bringBack()
    this.isKept = true
  }

  /**
   * Note the first answer to an exercise.
   * @param {Scene} scene
   */
  record({ kind, seed, verdict }) {
    if (verdict) this.isKept = keepProgress(withAnswer(readProgress(), kind, seed, verdict.right))
  }

  /** @param {Scene} scene */
  show(scene) {
    this.scene = scene
    const { words, kinds, levels } = scene
    const progress = readProgress()
    const counts = kinds.map(({ name }) => countOf(progress, name))
    const [right, all] = [counts.map((one) => one.right), counts.map((one) => one.all)].map((numbers) =>
      numbers.reduce((sum, n) => sum + n, 0),
    )
    this.summary.textContent = fill(all ? words.progress_of : words.progress_none, {
      title: words.progress,
      right,
      all,
    })
    this.list.replaceChildren()
    for (const [level, title] of Object.entries(levels)) {
      const here = kinds.filter((kind) => String(kind.level) === level)
      if (!here.length) continue
      const item = html("li", {}, this.list, title)
      const list = html("ul", {}, item)
      for (const kind of here) {
        const count = countOf(progress, kind.name)
        const text = count.all ? words.progress_of : words.progress_none
        html("li", {}, list, fill(text, { title: kind.title, ...count }))
      }
    }
    const lessons = lessonCount(progress)
    if (lessons) html("li", {}, this.list, fill(words.lessons, { n: lessons }))
    this.note.textContent = this.isKept ? words.here_only : words.not_kept
    this.save.textContent = words.save
    this.load.textContent = words.load
    this.file.setAttribute("aria-label", words.load)
  }

  async bringBack() {
    const file = this.file.files?.[0]
    if (!file || !this.scene) return
    const found = file.size > MAX_BYTES ? null : parse(await file.text())
    const kept = readProgress()
    const both = found && merged(found, kept)
    this.file.value = ""
    const { words } = this.scene
    if (!both || toText(both).length > MAX_BYTES) {
      this.told.textContent = words.bad_file
      return
    }
    this.isKept = keepProgress(both)
    this.told.textContent = fill(words.loaded, { n: total(both) - total(kept) })
    this.show(this.scene)
  }
}
