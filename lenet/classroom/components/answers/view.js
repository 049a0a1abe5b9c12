import { button, html } from "../../../common/components/dom.js"
import { drawPanel } from "../../../exercises/component/panels.js"
import { Countdown } from "../countdown.js"
import { paintKernel } from "../pictures.js"
import { drawResults } from "../results.js"
import { followRoom, heightLeft } from "../room.js"
import { command } from "./clicker.js"

/** @import { Host, View } from "../../../common/components/component.js" */
/** @import { Scene as Exercise } from "../../../exercises/component/scene.js" */
/** @import { Own } from "../own.js" */
/** @import { Results } from "../results.js" */
/**
 * What Python sends beside the exercise: see lenet/classroom/figures/questions.py.
 * @typedef {object} FrontScene
 * @property {string} activity
 * @property {number} round
 * @property {string} step where the question stands
 * @property {{ to: string, words: string } | null} next the step that follows
 * @property {{ to: string, words: string } | null} again another vote
 * @property {string} count how many have answered, in words
 * @property {number | null} left seconds; null: no limit
 * @property {Results | null} results
 * @property {string} solution the right answer and its reason, once that is told
 * @property {Own | null} own a kernel of the app's own, once that is told
 * @property {string} hint the keys of a clicker
 */
/** @typedef {Exercise & FrontScene} Scene */

const LOWEST = 160 // CSS pixels that kernels have at least

/** @implements {View<Scene>} */
export class AnswersView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Scene} scene
   */
  constructor(root, host, scene) {
    this.root = root
    this.host = host
    this.scene = scene
    const head = html("div", { class: "head" }, root)
    this.title = html("span", { class: "title" }, head)
    const bar = html("div", { class: "bar" }, head)
    this.next = button("play next", "", bar, () => this.go("next"))
    this.vote = button("again", "", bar, () => this.go("again"))
    this.count = html("span", { class: "count", role: "status" }, head)
    this.countdown = new Countdown(head, () => {})
    this.question = html("p", { class: "question" }, root)
    this.body = html("div", { class: "columns" }, root)
    this.solution = html("div", { class: "solution" }, root)
    this.drawn = ""
    this.width = 0
    this.closing = new AbortController()
    window.addEventListener("keydown", (event) => this.key(event), { signal: this.closing.signal })
    this.unfollow = followRoom(
      root,
      () => this.width,
      () => this.scene.results?.kernels && this.draw(),
    )
  }

  close() {
    this.countdown.close()
    this.closing.abort()
    this.unfollow()
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene
    this.title.textContent = scene.title
    this.count.textContent = scene.count
    this.countdown.set(scene.left)
    this.question.textContent = scene.question
    this.tell(scene)
    this.next.textContent = scene.next?.words ?? ""
    this.next.hidden = !scene.next
    this.vote.textContent = scene.again?.words ?? ""
    this.vote.hidden = !scene.again
    this.next.title = this.vote.title = scene.hint
    const drawn = JSON.stringify([scene.panels, scene.results, scene.words, scene.signs])
    if (drawn !== this.drawn) this.draw()
    this.drawn = drawn
  }

  /** @param {Scene} scene */
  tell({ solution, own }) {
    this.solution.hidden = !solution
    this.solution.replaceChildren(solution)
    if (!own) return
    const canvas = paintKernel(own.weights, own.size, own.scale)
    canvas.className = "kernel"
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", own.title)
    this.solution.prepend(canvas)
  }

  draw() {
    const { body, root } = this
    const { panels, words, signs, results } = this.scene
    this.width = root.clientWidth
    body.replaceChildren()
    if (panels.length) {
      const asked = html("div", { class: "asked-about" }, body)
      const figure = html("div", { class: "figure" }, asked)
      for (const panel of panels) drawPanel(figure, panel, words)
      if (signs) html("div", { class: "remark" }, asked, signs)
    }
    if (!results) return
    const place = html("div", { class: "results" }, body)
    const room = { width: place.clientWidth, height: Math.max(LOWEST, heightLeft(place, root) - 120) }
    drawResults(place, results, words, room)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.root.checkVisibility()) return
    const wanted = command(event)
    if (!wanted || !this.scene[wanted]) return
    event.preventDefault()
    this.go(wanted)
  }

  /** @param {"next" | "again"} wanted */
  go(wanted) {
    const { activity, round, step } = this.scene
    const found = this.scene[wanted]
    if (found) this.host.setTriggerValue("step", { activity, round, from: step, to: found.to })
  }
}
