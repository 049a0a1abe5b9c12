import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { clear, nextStation, open, readOpened, withOpened } from "../../../lenet/course/component/progress.js"

const STATIONS = ["a", "b", "c", "d"]

/** @param {Partial<Storage>} localStorage */
const browser = (localStorage) => Object.assign(globalThis, { localStorage })

/** @type {Map<string, string>} */
let kept = new Map()

beforeEach(() => {
  kept = new Map()
  browser({ getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => void kept.set(key, text) })
  clear()
})

test("who is new begins at the first station", () => {
  assert.deepEqual(readOpened(), [])
  assert.equal(nextStation(STATIONS, []), "a")
})

test("the next station is the first new one after the one opened last, and then the first that was left out", () => {
  assert.equal(nextStation(STATIONS, ["a"]), "b")
  assert.equal(nextStation(STATIONS, ["c"]), "d")
  assert.equal(nextStation(STATIONS, ["b", "a"]), "c")
  assert.equal(nextStation(STATIONS, ["b", "d"]), "a")
  assert.equal(nextStation(STATIONS, ["d", "b", "a"]), "c")
  assert.equal(nextStation(STATIONS, ["d", "c", "b", "a"]), undefined)
})

test("stations that are no more are passed over", () => {
  assert.equal(nextStation(STATIONS, ["gone"]), "a")
  assert.equal(nextStation(STATIONS, ["b", "gone"]), "c")
})

test("a station that is opened again is the last one", () => {
  assert.deepEqual(withOpened(["a", "b", "c"], "a"), ["b", "c", "a"])
})

test("the browser keeps what was opened, until the reader begins again", () => {
  open("a")
  open("c")
  open("a")
  assert.deepEqual(readOpened(), ["c", "a"])
  assert.deepEqual([...kept.keys()], ["lenet-course"])
  clear()
  assert.deepEqual(readOpened(), [])
})

test("what is not ours is no progress", () => {
  const bad = ["x", "null", "3", '"a"', '{"a":1}', "[1]", '["a",null]', JSON.stringify(Array(101).fill("a"))]
  for (const text of bad) {
    kept.set("lenet-course", text)
    assert.deepEqual(readOpened(), [], text.slice(0, 20))
  }
})

test("a browser that refuses keeps it while the page is open", () => {
  const refuse = () => {
    throw new Error("refused")
  }
  for (const localStorage of [
    { getItem: () => null, setItem: refuse },
    { getItem: refuse, setItem: refuse },
  ]) {
    browser(localStorage)
    clear()
    open("a")
    open("b")
    assert.deepEqual(readOpened(), ["a", "b"])
  }
})

test("a browser without a storage as well", () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("refused")
    },
  })
  clear()
  open("d")
  assert.deepEqual(readOpened(), ["d"])
})
