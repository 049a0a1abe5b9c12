import { button, html } from "../../../common/components/dom.js"
import { AnswerForm } from "../../../exercises/component/form.js"
import { Chooser, drawPanel } from "../../../exercises/component/panels.js"
import { Countdown } from "../countdown.js"
import { Pad } from "../pad.js"
import { paintKernel } from "../pictures.js"
import { drawResults } from "../results.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Value } from "../../../exercises/component/form.js" */
/** @import { Scene as Exercise } from "../../../exercises/component/scene.js" */
/** @import { Own } from "../own.js" */
/** @import { PadScene } from "../pad.js" */
/** @import { Results } from "../results.js" */
/**
 * What Python sends beside the exercise: see lenet/classroom/figures/questions.py.
 * @typedef {object} QuestionScene
 * @property {string} activity
 * @property {number} round
 * @property {boolean} open whether answers are taken
 * @property {number | null} left seconds; null: no limit
 * @property {Value} given the answer that was handed in; of a drawn kernel its weights in hundredths
 * @property {string} told what has become of it
 * @property {string} over what is said when the time is up
 * @property {PadScene | null} pad for a kernel to draw
 * @property {Results | null} results what the class has answered, once it may see that
 * @property {string} solution the right answer, once that is told
 * @property {Own | null} own a kernel of the app's own, once that is told
 */
/** @typedef {Exercise & QuestionScene} Scene */

/** @implements {View<Scene>} */
export class QuestionView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.host = host
    this.scene = scene
    const section = html("section", { class: "task" }, root)
    const head = html("div", { class: "head" }, section)
    this.title = html("span", { class: "title" }, head)
    this.countdown = new Countdown(head, () => this.end())
    this.body = html("div", {}, section)
    this.drawn = "" // what is on screen, but for the time that is left
    this.asked = "" // the question and its round
    this.revealed = "" // what the class sees of the answers: the selector of it
    /** @type {() => Value} */
    this.read = () => null
  }

  close() {
    this.countdown.close()
  }

  /** @param {Scene} scene */
  update(scene) {
    const { left, ...rest } = scene
    this.countdown.set(scene.open ? left : null)
    const drawn = JSON.stringify(rest)
    if (drawn === this.drawn) return
    const asked = `${scene.activity} ${scene.round}`
    // What somebody is writing stays when the page runs again.
    const written = this.asked === asked ? this.read() : null
    this.scene = scene
    this.drawn = drawn
    this.draw(isEmpty(written) ? scene.given : written)
    const revealed = scene.solution ? ".verdict" : scene.results ? ".results" : ""
    // It may be below what the screen shows.
    if (revealed && revealed !== this.revealed && asked === this.asked)
      this.body.querySelector(revealed)?.scrollIntoView({ block: "nearest" })
    this.revealed = revealed
    this.asked = asked
  }

  /** @param {Value} before */
  draw(before) {
    const { scene, body } = this
    const { words, pad } = scene
    this.title.textContent = scene.title
    body.replaceChildren()
    html("p", { class: "question" }, body, scene.question)
    this.told = html("p", { class: "told", role: "status" }, body, scene.told)
    this.told.classList.toggle("given", scene.given !== null && scene.told !== "")
    if (pad) this.drawPad(pad, Array.isArray(before) ? before.map(Number) : null)
    else this.drawExercise(before)
    // What is to be done stands above the form, what has become of it below.
    if (!scene.open || scene.given !== null) body.append(this.told)
    if (scene.solution) this.drawSolution()
    if (!scene.results) return
    const place = { width: body.clientWidth, height: window.innerHeight }
    drawResults(html("div", { class: "results" }, body), scene.results, words, place)
  }

  /** @param {Value} before */
  drawExercise(before) {
    const { scene, body } = this
    const figure = html("div", { class: "figure" }, body)
    for (const panel of scene.panels) drawPanel(figure, panel, scene.words)
    const chooser = new Chooser(figure, scene)
    if (scene.signs) html("div", { class: "remark" }, body, scene.signs)
    const form = new AnswerForm(body, scene, {
      before,
      cell: () => chooser.chosen,
      send: (value) => this.send(value),
    })
    this.read = () => form.value
    const isCell = scene.form.type === "cell"
    if (isCell && Array.isArray(before) && !scene.verdict) chooser.choose([Number(before[0]), Number(before[1])])
    this.lock = () => {
      for (const part of [...form.inputs, ...chooser.cells]) part.disabled = true
      form.button?.remove()
      form.root.querySelector(".remark")?.remove()
    }
    if (!scene.open) this.lock()
  }

  /**
   * @param {PadScene} scene
   * @param {number[] | null} before
   */
  drawPad(scene, before) {
    const place = html("div", { class: "drawing" }, this.body)
    const pad = new Pad(place, () => {})
    pad.setScene(scene)
    if (before) pad.use(before)
    const send = button("play", this.scene.words.check, place, () =>
      this.send(pad.weights.map((weight) => weight / 100)),
    )
    if (this.scene.refusal) html("p", { class: "refusal", role: "alert" }, place, this.scene.refusal)
    this.read = () => pad.weights
    this.lock = () => {
      pad.lock(true)
      send.remove()
    }
    if (!this.scene.open) this.lock()
  }

  drawSolution() {
    const { verdict, solution, own } = this.scene
    const box = html("div", { class: "verdict", role: "status" }, this.body)
    if (verdict) {
      box.classList.add(verdict.right ? "right" : "wrong")
      html("strong", {}, box, `${verdict.headline} `)
    } else box.classList.add("right")
    html("span", {}, box, verdict ? verdict.text : solution)
    if (!own) return
    const canvas = paintKernel(own.weights, own.size, own.scale)
    canvas.className = "kernel own-kernel"
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", own.title)
    box.append(canvas)
  }

  /** The time is up: what the server says in a moment is said at once. */
  end() {
    this.lock?.()
    if (!this.told) return
    this.told.textContent = this.scene.over
    this.body.append(this.told)
  }

  /** @param {Value} value */
  send(value) {
    const { activity, round } = this.scene
    this.host.setTriggerValue("answer", { activity, round, value })
  }
}

/**
 * Whether somebody has not begun to answer.
 * @param {Value} value
 */
function isEmpty(value) {
  return (
    value === null || (Array.isArray(value) && value.every((part) => part === "" || part === 0) && value.length > 2)
  )
}
