import { button, html } from "../../../common/components/dom.js"
import { Countdown } from "../countdown.js"
import { Pad } from "../pad.js"
import { Pictures, paintKernel } from "../pictures.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { PadScene } from "../pad.js" */
/** @import { PicturesScene } from "../pictures.js" */
/** @import { Own } from "../own.js" */
/** @typedef {"hand_in" | "score" | "of" | "how"} Word */
/**
 * What Python sends: see lenet/classroom/figures/contest.py.
 * @typedef {object} ContestScene
 * @property {string} activity
 * @property {string} title
 * @property {string} request
 * @property {string} formula how the score comes about, in words
 * @property {number[]} start weights in hundredths: what was handed in before
 * @property {boolean} open whether kernels are taken
 * @property {number | null} left seconds; null: no limit
 * @property {string} told what has become of the kernel that was handed in
 * @property {string} over what is said when the time is up
 * @property {string} refusal
 * @property {Own | null} solution
 * @property {Record<Word, string>} words
 */
/** @typedef {ContestScene & PadScene & PicturesScene} Scene */

/** @implements {View<Scene>} */
export class ContestView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.scene = scene
    this.drawn = ""
    const task = html("section", { class: "contest" }, root)
    const head = html("div", { class: "head" }, task)
    this.title = html("span", { class: "title" }, head)
    this.countdown = new Countdown(head, () => this.lock())
    this.request = html("p", { class: "request" }, task)
    const row = html("div", { class: "row" }, task)
    this.pictures = new Pictures(html("div", { class: "seen" }, row))
    const own = html("div", { class: "own" }, row)
    const told = html("div", { class: "result" }, own)
    this.score = html("output", { class: "score" }, told)
    this.track = html("div", { class: "track", "aria-hidden": true }, told)
    this.bar = html("div", {}, this.track)
    this.send = button("play", "", told, () => {
      const weights = this.pad.weights.map((weight) => weight / 100)
      host.setTriggerValue("kernel", { activity: this.scene.activity, weights })
    })
    this.told = html("p", { class: "told", role: "status" }, own)
    this.pad = new Pad(own, () => this.show())
    this.solution = html("div", { class: "solution" }, task)
    const details = html("details", {}, task)
    this.how = html("summary", {}, details)
    this.formula = html("p", {}, details)
  }

  close() {
    this.countdown.close()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    const { words } = scene
    this.title.textContent = scene.title
    this.request.textContent = scene.request
    this.how.textContent = words.how
    this.formula.textContent = scene.formula
    this.send.textContent = words.hand_in
    this.pictures.setScene(scene)
    this.pad.setScene(scene)
    if (this.drawn !== scene.activity) this.pad.use([...scene.start])
    this.drawn = scene.activity
    this.told.textContent = scene.refusal || scene.told
    this.told.classList.toggle("refusal", Boolean(scene.refusal))
    this.countdown.set(scene.open ? scene.left : null)
    this.send.disabled = !scene.open
    this.drawSolution()
    this.show()
  }

  lock() {
    this.send.disabled = true
    this.told.textContent = this.scene.over
  }

  show() {
    const score = this.pictures.show(this.pad.weights)
    const { words } = this.scene
    this.score.textContent = score.toFixed(1)
    this.score.setAttribute("aria-label", `${words.score} ${score.toFixed(1)} ${words.of}`)
    this.bar.style.width = `${score}%`
  }

  drawSolution() {
    const { solution } = this.scene
    this.solution.replaceChildren()
    if (!solution) return
    const canvas = paintKernel(solution.weights, solution.size, solution.scale)
    canvas.className = "kernel"
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", solution.title)
    this.solution.append(canvas)
    const words = html("div", {}, this.solution)
    html("strong", {}, words, solution.title)
    html("p", {}, words, solution.why)
  }
}
