import assert from "node:assert/strict"
import { test } from "node:test"
import { Follower } from "../../../lenet/classroom/components/strip/follower.js"
import { pauseAfter } from "../../../lenet/classroom/components/strip/news.js"
import { addressOf, pageOf, partOf, remaining, stageOf } from "../../../lenet/classroom/components/strip/stage.js"
import { stateOf } from "../../../lenet/classroom/components/strip/state.js"
import { used } from "../../../lenet/classroom/components/strip/touch.js"
import { owners, ownKeys } from "../../../lenet/common/components/address.js"

/** @import { Told } from "../../../lenet/classroom/components/strip/follower.js" */

/** @param {Partial<Told>} [changes] @returns {Told} */
const told = (changes) => ({
  ...{ since: 1, page: "kernels", query: "run=a", live: "step=5", leads: true, activity: "", work: "" },
  ...changes,
})

// -- stages --------------------------------------------------------------------------------------------------------

test("a page is found below the path of the app", () => {
  for (const [path, base, page] of [
    ["/", "", ""],
    ["/kernels", "", "kernels"],
    ["/kernels/", "", "kernels"],
    ["/lenet", "lenet", ""],
    ["/lenet/", "lenet", ""],
    ["/a/b/pooling", "a/b", "pooling"],
  ])
    assert.equal(pageOf(path, base), page)
})

test("what components keep is told apart from what the server reads", () => {
  const wall = {
    keys: ["step", "scale", "~weight"],
    query: () => new URLSearchParams({ step: "7", "~weight": "wall,1,2" }),
    show() {},
  }
  const at = { pathname: "/lenet/kernels", search: "?scale=own&step=3&run=a&lang=zh_CN&present=1&join=BCDF" }
  assert.deepEqual(stageOf(at, "lenet", [wall]), {
    page: "kernels",
    query: "run=a",
    live: "step=7&%7Eweight=wall%2C1%2C2",
  })
  const own = stageOf({ pathname: "/class", search: "?panel=ask" }, "", [])
  assert.deepEqual(own, { page: "class", query: "", live: "" }, "the teacher's tab is the teacher's own")
})

test("only what the server reads takes a run of the page", () => {
  const shown = told()
  assert.equal(remaining(shown, told(), []), "nothing")
  assert.equal(remaining(shown, told({ live: "step=6" }), []), "components")
  assert.equal(remaining(shown, told({ live: "" }), []), "components", "a step that is gone is the last one")
  assert.equal(remaining(shown, told({ live: "step=5&~weight=wall,0,0" }), []), "components")
  assert.equal(remaining(shown, told({ query: "run=b" }), []), "page")
  assert.equal(remaining(shown, told({ query: "" }), []), "page")
  assert.equal(remaining(shown, told({ page: "" }), []), "page")
  // The address has a key until its component is there: then it is the component's, with the same value.
  const early = told({ query: "run=a&step=5", live: "" })
  assert.equal(remaining(early, shown, []), "nothing")
  assert.equal(remaining(early, told({ live: "step=6" }), []), "components")
  assert.equal(remaining(early, told({ query: "run=a", live: "" }), ["step"]), "components")
})

test("each browser keeps its language, its presentation and its class", () => {
  const here = "https://x.org/lenet/pooling?lang=zh_CN&join=BCDF&cell=1,1#a"
  const stage = told({ live: "step=5&~weight=wall,0,0&present=1", query: "run=a&lang=en" })
  assert.equal(addressOf(stage, "lenet", here), "https://x.org/lenet/kernels?run=a&step=5&lang=zh_CN&join=BCDF")
  assert.equal(
    addressOf(told({ page: "", query: "", live: "" }), "", "https://x.org/kernels?run=a"),
    "https://x.org/",
  )
})

test("a component is told its own keys", () => {
  assert.equal(
    partOf(told({ live: "scale=own&step=5&~weight=1" }), ["step", "sort", "~weight"]).toString(),
    "step=5&%7Eweight=1",
  )
})

// -- touch ---------------------------------------------------------------------------------------------------------

test("a control and a link leave, reading does not", () => {
  /** @param {...string} selectors those that match an element of the path, from the inside outwards */
  const path = (...selectors) =>
    selectors.map((own) => ({ matches: (/** @type {string} */ list) => list.split(", ").includes(own) }))
  assert.equal(used(path("button")), "control")
  assert.equal(used(path('[role="slider"]')), "control")
  assert.equal(used([...path("label"), {}]), "control")
  assert.equal(used(path("svg", "main")), null)
  assert.equal(used(path("button", ".st-key-page_class")), null, "the strip itself")
  assert.equal(used(path("button", ".st-key-page_tools")), null, "the language")
  assert.equal(used(path("button", "summary")), null)
  assert.equal(used(path("button", '[data-testid="stHeader"]')), null, "the menu")
  const link = 'a[href]:not([href^="#"], [target="_blank"], [download])'
  assert.equal(used([{ matches: (/** @type {string} */ selector) => selector === link }]), "page")
  const own = path(".st-key-page_class")
  assert.equal(used([{ matches: (/** @type {string} */ selector) => selector === link }, ...own]), null)
})

// -- asking --------------------------------------------------------------------------------------------------------

test("after a failure phones ask again at different times, and more and more seldom", () => {
  assert.equal(pauseAfter(0, 0.5), 100)
  const spread = [0, 0.5, 1].map((chance) => pauseAfter(1, chance))
  assert.deepEqual(spread, [600, 1500, 2400])
  assert.ok([1, 2, 3, 4].every((n) => pauseAfter(n, 0.5) <= pauseAfter(n + 1, 0.5)))
  assert.equal(pauseAfter(50, 1), pauseAfter(500, 1))
})

// -- following -----------------------------------------------------------------------------------------------------

/** A page at that address, and a browser that follows on it. @param {string} href */
function at(href) {
  const events = new EventTarget()
  const kept = new Map()
  const page = { runs: /** @type {string[]} */ ([]), reruns: 0, app: "CONNECTED" }
  const location = new URL(href)
  Object.assign(globalThis, {
    location,
    window: events,
    document: Object.assign(new EventTarget(), {
      hidden: false,
      querySelector: () => ({ getAttribute: () => page.app }),
    }),
    sessionStorage: {
      getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
      removeItem: (/** @type {string} */ key) => kept.delete(key),
    },
    history: {
      state: null,
      pushState: (/** @type {unknown[]} */ ...[, , url]) => {
        location.href = String(url)
      },
    },
    PopStateEvent: class extends Event {},
    fetch: (/** @type {string} */ _url, /** @type {{ signal: AbortSignal }} */ { signal }) =>
      new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason))),
  })
  events.addEventListener("popstate", () => page.runs.push(location.pathname + location.search))
  owners.all.clear()
  const place = { address: "/classes/BCDF", base: "", page: pageOf(location.pathname, ""), work: "" }
  const follower = new Follower(place, { changed() {}, rerun: () => (page.reruns += 1) })
  return { page, place, follower }
}

/** @param {string[]} keys */
function component(keys) {
  const seen = { query: new URLSearchParams(), times: 0 }
  const show = (/** @type {URLSearchParams} */ query) => {
    seen.query = query
    seen.times += 1
  }
  ownKeys({ keys, query: () => seen.query, show })
  return seen
}

test("a step reaches the wall without a run of the page", () => {
  const { page, follower } = at("https://x.org/kernels?run=a&lang=zh_CN")
  const wall = component(["step"])
  follower.hear(told())
  follower.hear(told({ live: "step=6" }))
  follower.hear(told({ live: "step=6" }))
  assert.deepEqual([page.runs, wall.query.get("step"), wall.times], [[], "6", 2])
  follower.hear(told({ query: "run=b", live: "step=6" }))
  assert.deepEqual(page.runs, ["/kernels?run=b&step=6&lang=zh_CN"])
  follower.close()
})

test("a component that comes later is told what it has missed", async () => {
  const { page, follower } = at("https://x.org/")
  follower.hear(told())
  assert.deepEqual(page.runs, ["/kernels?run=a&step=5"])
  const wall = component(["step"])
  await Promise.resolve()
  assert.equal(wall.query.get("step"), "5")
  follower.close()
})

test("who looks around is led no more, until a tap", () => {
  const { page, follower } = at("https://x.org/kernels?run=a")
  const wall = component(["step"])
  follower.hear(told())
  follower.touched("control")
  follower.hear(told({ live: "step=9" }))
  follower.hear(told({ page: "pooling", query: "", live: "" }))
  assert.deepEqual([follower.isFollowing, wall.query.get("step"), page.runs], [false, "5", []])
  follower.look(false)
  assert.deepEqual([follower.isFollowing, page.runs], [true, ["/pooling"]])
  follower.close()
})

test("nobody is led while the teacher does not lead", () => {
  const { page, follower } = at("https://x.org/kernels?run=a")
  follower.hear(told({ page: "pooling", leads: false }))
  assert.deepEqual([follower.isFollowing, page.runs], [false, []])
  follower.hear(told({ page: "pooling", query: "", live: "" }))
  assert.deepEqual(page.runs, ["/pooling"])
  follower.close()
})

test("the page of the class is run again for what the class does, and left for nothing there", () => {
  const { page, place, follower } = at("https://x.org/class")
  const here = { page: "class", query: "", live: "" }
  follower.hear(told(here))
  follower.hear(told({ ...here, since: 2, activity: "001-ask", work: "x" }))
  follower.hear(told({ ...here, since: 3, activity: "001-ask", work: "x" }))
  assert.deepEqual([page.runs, page.reruns], [[], 1])
  follower.update({ ...place, work: "x" })
  follower.hear(told({ ...here, since: 4, activity: "001-ask", work: "y" }))
  assert.equal(page.reruns, 2)
  follower.touched("control")
  assert.ok(follower.isFollowing, "an answer is part of it")
  follower.touched("page")
  assert.ok(!follower.isFollowing)
  follower.close()
})

test("what a class begins to do leads to its page", () => {
  const { page, follower } = at("https://x.org/kernels?run=a")
  follower.hear(told({ leads: false }))
  follower.hear(told({ leads: false, activity: "001-train", work: "x" }))
  assert.deepEqual(page.runs, ["/class"])
  follower.close()
})

test("a page waits until Streamlit has its server again", async () => {
  const { page, follower } = at("https://x.org/pooling")
  page.app = "CONNECTING"
  follower.hear(told())
  assert.deepEqual(page.runs, [])
  page.app = "CONNECTED"
  await new Promise((done) => setTimeout(done, 400))
  assert.deepEqual(page.runs, ["/kernels?run=a&step=5"])
  follower.close()
})

test("a task waits for somebody who is apart where the way back leads to it", () => {
  const apart = { isOver: false, isLost: false, isApart: true, isFollowing: false }
  const told = { page: "pooling", leads: false, activity: "" }
  assert.equal(stateOf({ ...apart, told: null }), "apart")
  assert.equal(stateOf({ ...apart, told }), "apart")
  assert.equal(stateOf({ ...apart, told: { ...told, activity: "001-ask" } }), "task")
  assert.equal(stateOf({ ...apart, told: { page: "class", leads: true, activity: "001-ask" } }), "task")
  assert.equal(
    stateOf({ ...apart, told: { ...told, leads: true, activity: "001-ask" } }),
    "apart",
    "they would see pooling",
  )
  assert.equal(stateOf({ ...apart, isLost: true, told }), "lost")
  assert.equal(stateOf({ ...apart, isLost: true, isOver: true, told }), "over")
  assert.equal(stateOf({ ...apart, isApart: false, isFollowing: true, told }), "following")
  assert.equal(stateOf({ ...apart, isApart: false, told }), "free")
})
