/** Scenes for tests: 2×2 windows over a 3×3 grid. */

/** @import { PoolingScene, PoolingWord } from "../../../lenet/grid/component/pooling.js" */
/** @import { Word } from "../../../lenet/grid/component/scene.js" */

const WORDS = {
  ...{ more_cells: "… {n} cells …", not_value: "not {value}", to_each: "to each cell", to_none: "to no cell" },
  ...{ row_column: "row {row}, column {column}", received_none: "nothing" },
  ...{ cell_wins: "wins windows {windows}", cell_inside: "in windows {windows}", cell_outside: "in no window" },
  ...{ cell_wins_one: "wins window {windows}", cell_inside_one: "in window {windows}" },
  ...{ channel: "channel {n}" },
  ...{ comma: ", ", semicolon: "; ", told: "{name}: {what}" },
}

/** Words that a test does not look at are their own names. */
const words = new Proxy(/** @type {Record<Word | PoolingWord, string>} */ (/** @type {unknown} */ (WORDS)), {
  get: (known, name) => Reflect.get(known, name) ?? String(name),
})

/** @type {PoolingScene} */
export const MAX = {
  mode: "max",
  image: false,
  channels: 1,
  size: [3, 3],
  out_size: [2, 2],
  first: [0, 0],
  start: 0,
  row_kinds: [0, 0, 0],
  column_kinds: [0, 0, 0],
  rows: [
    [0, 1],
    [1, 2],
  ],
  columns: [
    [0, 1],
    [1, 2],
  ],
  input: { texts: [["0", "1", "2", "3", "4", "5", "6", "7", "8"]], shades: [[0, 13, 25, 38, 50, 63, 75, 88, 100]] },
  output: { texts: [["4", "5", "7", "8"]], shades: [[50, 63, 88, 100]] },
  padding_text: "−∞",
  padding_counts: true,
  scale: [
    [0, "#ffffff"],
    [1, "#000000"],
  ],
  legend: {
    range: [0, 100],
    ticks: [
      [0, "0"],
      [100, "8"],
    ],
  },
  colors: { window: "#f59e0b", padding: "#64748b", wrong: "#b91c1c" },
  formula: [],
  words,
  winners: [[4, 5, 7, 8]],
}

/** @type {PoolingScene} */
export const AVERAGE = {
  ...MAX,
  mode: "avg",
  winners: undefined,
  output: { texts: [["2", "3", "5", "6"]], shades: [[25, 38, 63, 75]] },
  sums: [["8", "12", "20", "24"]],
  divisors: ["4", "4", "4", "4"],
}

/** Max with one ring of padding and stride 2: the grid is all negative, and zeros would win three of the four windows. */
/** @type {PoolingScene} */
export const PADDED = {
  ...MAX,
  first: [-1, -1],
  row_kinds: [1, 0, 0, 0],
  column_kinds: [1, 0, 0, 0],
  rows: [
    [-1, 0],
    [1, 2],
  ],
  columns: [
    [-1, 0],
    [1, 2],
  ],
  input: { texts: [["−1", "−2", "−3", "−4", "−5", "−6", "−7", "−8", "−9"]], shades: [Array(9).fill(0)] },
  output: { texts: [["0", "0", "0", "−5"]], shades: [[50, 50, 50, 0]] },
  padding_text: "0",
  winners: [[0, 1, 3, 4]],
  wrong: [[0, 1, 2]],
  truth: [["−1", "−2", "−4", "−5"]],
}

/** The gradient of the average, flowing back. */
/** @type {PoolingScene} */
export const GRADIENT = {
  ...AVERAGE,
  back: true,
  input: {
    texts: [["0.25", "0.5", "0.25", "0.5", "1", "0.5", "0.25", "0.5", "0.25"]],
    shades: [Array(9).fill(50)],
  },
  output: { texts: [["1", "1", "1", "1"]], shades: [[100, 100, 100, 100]] },
  shares: { texts: [["0.25", "0.25", "0.25", "0.25"]], shades: [[25, 25, 25, 25]] },
  zero_shade: 0,
}

/** The gradient of the maximum. */
/** @type {PoolingScene} */
export const MAX_GRADIENT = {
  ...GRADIENT,
  mode: "max",
  sums: undefined,
  winners: [[4, 4, 4, -1]],
  shares: { texts: [["1", "−2", "3", "4"]], shades: [[100, 100, 100, 100]] },
  input: { texts: [["0", "0", "0", "0", "2", "0", "0", "0", "0"]], shades: [Array(9).fill(0)] },
}
