/** The cells that win the windows of a max. */

import { PADDING } from "./scene.js"

/** @import { Pair } from "../../common/components/keys.js" */
/** @import { PoolingScene } from "./pooling.js" */
/** @import { Windows } from "./windows.js" */

export class Winners {
  /** @param {Windows<PoolingScene>} windows */
  constructor(windows) {
    this.windows = windows
    this.wrong = windows.scene.wrong?.map((steps) => new Set(steps))
  }

  /**
   * Whether padding with 0 makes this output cell wrong.
   * @param {number} channel
   * @param {number} step
   */
  isWrong(channel, step) {
    return Boolean(this.wrong?.[channel].has(step))
  }

  /**
   * Row and column of the cell that wins a window, or null. Where padding with 0 wins it is the first cell of padding.
   * @param {number} channel
   * @param {number} step
   * @returns {Pair | null}
   */
  of(channel, step) {
    const { windows } = this
    if (this.isWrong(channel, step)) {
      const [rows, columns] = windows.window(step)
      for (const row of rows)
        for (const column of columns) if (windows.kind(row, column) === PADDING) return [row, column]
    }
    const winner = windows.scene.winners?.[channel][step] ?? -1
    return winner < 0 ? null : windows.cell("in", winner)
  }

  /**
   * @param {number} channel
   * @param {number} step
   * @param {Pair} cell row and column
   */
  has(channel, step, [row, column]) {
    const winner = this.of(channel, step)
    return winner !== null && winner[0] === row && winner[1] === column
  }

  /**
   * How many cells hold the maximum of a window; 0 where a padding of 0 does.
   * @param {number} channel
   * @param {number} step
   */
  ties(channel, step) {
    return this.isWrong(channel, step) ? 0 : (this.windows.scene.ties?.[channel][step] ?? 0)
  }
}
