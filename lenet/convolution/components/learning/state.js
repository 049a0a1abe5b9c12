/** The state: a task, the kernel so far, and the loss after each step. */

import { largest } from "../../../common/components/math.js"
import { convolved, errorGradient, gradients, meanSquaredError } from "./arithmetic.js"

/** @import { Pair } from "../../../common/components/keys.js" */
/** @import { Grid, Lesson, Scene, Task } from "./scene.js" */

const NOTHING_LEFT = 1e-6 // a loss at which output and target look alike
const WITHOUT_END = 1e9
export const MOST_STEPS = 1000

/** The keys that this component keeps in the address. */
export const KEYS = ["task", "rate", "weight"]

export class State {
  /**
   * @param {Scene} scene
   * @param {URLSearchParams} query
   */
  constructor(scene, query) {
    this.task = scene.tasks.find(({ key }) => key === query.get("task")) ?? scene.tasks[0]
    const rate = Number(query.get("rate"))
    this.rate = scene.rates.includes(rate) ? rate : scene.rate
    /** @type {Pair} */
    this.weight = weightOf(query.get("weight") ?? "", this.size)
    this.weights = this.task.start.values
    this.losses = [this.lossOf(this.weights)]
  }

  /** @param {Task} task */
  use(task) {
    if (String(task.start.size) !== String(this.size)) this.weight = [0, 0]
    this.task = task
    this.begin()
  }

  /**
   * Begin as a lesson does.
   * @param {Scene} scene
   * @param {Lesson} lesson
   */
  follow(scene, { task, rate, weight }) {
    this.use(scene.tasks.find(({ key }) => key === task) ?? scene.tasks[0])
    this.rate = rate
    this.weight = weightOf(weight, this.size)
  }

  /** Begin again with the first kernel. */
  begin() {
    this.weights = this.task.start.values
    this.losses = [this.lossOf(this.weights)]
  }

  /** Rows and columns of the kernel. */
  get size() {
    return this.task.start.size
  }

  /** @returns {Grid} */
  get kernel() {
    return { size: this.size, values: this.weights }
  }

  get output() {
    return convolved(this.task.input, this.kernel)
  }

  /** The gradient of the loss with respect to the output. */
  get arriving() {
    return errorGradient(this.output, this.task.target)
  }

  /** The gradient of each weight. */
  get gradients() {
    return gradients(this.task.input, this.arriving, this.size)
  }

  /** @param {number[]} weights */
  lossOf(weights) {
    return meanSquaredError(convolved(this.task.input, { size: this.size, values: weights }), this.task.target)
  }

  step() {
    if (this.hasDiverged) return
    this.weights = this.next
    this.losses.push(this.lossOf(this.weights))
  }

  /** The weights after one more step. */
  get next() {
    const { gradients } = this
    return this.weights.map((weight, i) => weight - this.rate * gradients[i])
  }

  /** The loss after one more step. */
  get ahead() {
    return this.lossOf(this.next)
  }

  get steps() {
    return this.losses.length - 1
  }

  get loss() {
    return this.losses[this.steps]
  }

  get isDone() {
    return this.loss < NOTHING_LEFT
  }

  get hasDiverged() {
    return !(this.loss < WITHOUT_END)
  }

  /** Whether there is nothing more to see. */
  get isAtEnd() {
    return this.isDone || this.hasDiverged || this.steps >= MOST_STEPS
  }

  /**
   * What the address says, without what every page begins with.
   * @param {Scene} scene
   */
  query(scene) {
    const query = new URLSearchParams()
    if (this.task !== scene.tasks[0]) query.set("task", this.task.key)
    if (this.rate !== scene.rate) query.set("rate", String(this.rate))
    const [row, column] = this.weight
    if (row || column) query.set("weight", `${row + 1},${column + 1}`)
    return query
  }
}

/**
 * The ends of the colour scales: those of the beginning, so that a colour means the same number at every step.
 * @param {Task} task
 */
export function limitsOf({ input, target, start, hidden }) {
  const output = convolved(input, start)
  const arriving = errorGradient(output, target)
  return {
    input: largest(input.values) || 1,
    kernel: largest([...start.values, ...hidden]) || 1,
    output: largest([...target.values, ...output.values]) || 1,
    target: largest([...target.values, ...output.values]) || 1,
    arriving: largest(arriving.values) || 1,
    gradient: largest(gradients(input, arriving, start.size)) || 1,
  }
}

/**
 * Row and column of a weight, counted from 1 in the address; the first one where they are none.
 * @param {string} text
 * @param {Pair} size
 * @returns {Pair}
 */
export function weightOf(text, [height, width]) {
  const [row, column] = text.split(",").map((part) => Number(part) - 1)
  const isOne = Number.isInteger(row) && Number.isInteger(column) && row >= 0 && column >= 0
  return isOne && row < height && column < width ? [row, column] : [0, 0]
}
