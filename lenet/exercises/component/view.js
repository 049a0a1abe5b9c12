import { button, html } from "../../common/components/dom.js"
import { AnswerForm } from "./form.js"
import { Chooser, drawPanel } from "./panels.js"
import { Tracker } from "./tracker.js"

/** @import { Host, View } from "../../common/components/component.js" */
/** @import { Value } from "./form.js" */
/** @import { Scene } from "./scene.js" */

/** @implements {View<Scene>} */
export class ExerciseView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.host = host
    this.scene = scene
    this.task = html("section", { class: "task" }, root)
    this.tracker = new Tracker(root)
    /** @type {Value} what was sent last, to be shown again where it is refused */
    this.sent = null
    this.drawn = "" // the exercise on screen
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { words, verdict } = scene
    const name = `${scene.kind} ${scene.seed}`
    const before = this.drawn === name && !verdict ? this.sent : null
    const goesOn = this.drawn !== "" && this.hadFocus()
    const isNew = this.drawn !== name
    this.drawn = name
    this.tracker.record(scene)
    this.tracker.show(scene)
    this.task.replaceChildren()
    const head = html("div", { class: "head" }, this.task)
    html("span", { class: "place" }, head, scene.place)
    html("span", { class: "title" }, head, scene.title)
    this.question = html("p", { class: "question", tabindex: -1 }, this.task, scene.question)
    const figure = html("div", { class: "figure" }, this.task)
    for (const panel of scene.panels) drawPanel(figure, panel, words)
    const chooser = new Chooser(figure, scene)
    if (scene.signs) html("div", { class: "remark" }, this.task, scene.signs)
    const form = new AnswerForm(this.task, scene, {
      before,
      cell: () => chooser.chosen,
      send: (value) => this.send(value),
    })
    if (Array.isArray(before) && typeof before[0] === "number") chooser.choose([before[0], Number(before[1])])
    const told = html("div", { class: "verdict", role: "status" }, this.task)
    if (verdict) {
      told.classList.add(verdict.right ? "right" : "wrong")
      html("strong", {}, told, verdict.headline)
      told.append(" ")
      html("span", {}, told, verdict.text)
      const label = scene.is_last ? words.finish : words.another
      this.next = button("next", label, this.task, () => this.host.setTriggerValue("next", name))
    }
    if (!goesOn) return
    if (verdict) this.next?.focus({ preventScroll: true })
    else if (isNew) this.question.focus({ preventScroll: true })
    else (form.inputs[0] ?? form.button)?.focus({ preventScroll: true })
  }

  /** Whether the reader was in here, by key or pointer: what replaces the old parts takes the focus over. */
  hadFocus() {
    const root = this.task.getRootNode()
    const active = root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null
    return active !== null && this.task.contains(active)
  }

  /** @param {Value} value */
  send(value) {
    this.sent = value
    const { kind, seed } = this.scene
    this.host.setTriggerValue("answer", { kind, seed, value })
  }
}
