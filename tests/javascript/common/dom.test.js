import assert from "node:assert/strict"
import { test } from "node:test"
import { followWidth } from "../../../lenet/common/components/dom.js"

test("what is drawn for another width is drawn anew, until nobody looks any more", () => {
  /** @type {(() => void)[]} */
  const told = []
  globalThis.ResizeObserver = class {
    /** @param {ResizeObserverCallback} tell */
    constructor(tell) {
      told.push(() => tell([], this))
    }
    observe() {}
    unobserve() {}
    disconnect() {
      told.length = 0
    }
  }
  const element = /** @type {Element} */ ({ clientWidth: 300 })
  let drawn = 300
  let times = 0
  const draw = () => {
    drawn = element.clientWidth
    times += 1
  }
  const end = followWidth(element, () => drawn, draw)
  for (const width of [300, 301, 301, 640]) {
    Object.assign(element, { clientWidth: width })
    for (const tell of told) tell()
  }
  assert.equal(times, 2)
  end()
  assert.deepEqual(told, [])
})
