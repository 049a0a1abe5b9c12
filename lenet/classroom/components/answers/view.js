import { button, html } from "../../../common/components/dom.js"
import { FOOT, MARGIN } from "../../../common/components/presenting/stage.js"
import { drawPanel } from "../../../exercises/component/panels.js"
import { Countdown } from "../countdown.js"
import { paintKernel } from "../pictures.js"
import { drawResults } from "../results.js"
import { enlarge, followRoom, heightLeft } from "../room.js"
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
const WIDE = 760 // from which the answers stand beside what is asked about
const TOOLS = 64 // CSS pixels of the buttons below, which are not there where it is presented
const SIDES = [140, 120, 104, 92, 84, 76, 68, 60, 54, 48, 42] // of a cell: the largest with which all is on screen
const TEXTS = [44, 38, 34, 30, 27, 24, 22, 20, 18, 16] // font sizes of the answers, likewise

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
    /** @type {HTMLElement | null} */
    this.asked = null
    /** @type {HTMLElement | null} */
    this.answers = null
    this.drawn = ""
    this.width = 0
    this.closing = new AbortController()
    const { signal } = this.closing
    window.addEventListener("keydown", (event) => this.key(event), { signal })
    window.addEventListener("resize", () => this.lay(), { signal })
    this.unfollow = followRoom(
      root,
      () => this.width,
      () => (this.scene.results?.kernels ? this.draw() : this.lay()),
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
    this.next.textContent = scene.next?.words ?? ""
    this.vote.textContent = scene.again?.words ?? ""
    this.vote.hidden = !scene.again
    this.next.title = this.vote.title = scene.hint
    const { panels, results, words, signs, solution } = scene
    const drawn = JSON.stringify([panels, results, words, signs, solution])
    if (drawn === this.drawn) this.lay()
    else this.draw()
    this.drawn = drawn
  }

  draw() {
    const { body } = this
    const { panels, words, signs, results, solution } = this.scene
    this.asked = this.answers = null
    this.root.classList.toggle("bare", !panels.length && !results)
    body.replaceChildren()
    if (panels.length || (solution && !results?.kernels)) {
      this.asked = html("div", { class: "asked-about" }, body)
      const figure = html("div", { class: "figure" }, this.asked)
      for (const panel of panels) drawPanel(figure, panel, words)
      if (signs) html("div", { class: "remark" }, this.asked, signs)
      if (solution) this.tell(this.asked)
    }
    if (results) this.answers = html("div", { class: "results" }, body)
    if (solution && !this.asked) this.tell(body)
    if (this.answers && results) {
      const room = {
        width: this.answers.clientWidth,
        height: Math.max(LOWEST, heightLeft(this.answers, this.root) - 120),
      }
      drawResults(this.answers, results, words, room)
    }
    this.lay()
  }

  /**
   * The right answer, and a kernel that gives it.
   * @param {HTMLElement} place
   */
  tell(place) {
    const { solution, own } = this.scene
    const told = html("div", { class: "solution" }, place, solution)
    if (!own) return
    const canvas = paintKernel(own.weights, own.size, own.scale)
    canvas.className = "kernel"
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", own.title)
    told.prepend(canvas)
  }

  /** Make what is asked about, and the answers, as large as there is room for: they are read from the last row. */
  lay() {
    const { asked, answers, body, root, scene } = this
    if (!root.clientWidth) return
    this.width = root.clientWidth
    const isPresented = document.documentElement.classList.contains("presenting")
    // On the page a button that asks stands beside the choice of what is asked.
    this.next.hidden = !scene.next || (scene.step === "preview" && !isPresented)
    // It fills the screen by itself, at each step anew: what presents it has nothing to enlarge.
    root.style.minHeight = isPresented ? `calc(100vh - ${2 * MARGIN + FOOT}px)` : ""
    const height = root.clientWidth < WIDE ? 0 : heightLeft(body, root) - (isPresented ? 0 : TOOLS)
    if (asked) enlarge(asked, "--side", SIDES, height)
    if (!answers || scene.results?.kernels) return
    if (scene.results?.cells) enlarge(answers, "--side", SIDES, height)
    else enlarge(answers, "--text", TEXTS, height)
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
