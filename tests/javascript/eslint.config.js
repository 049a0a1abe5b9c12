/** Which browsers the components are for; Biome does all other checks. Methods of JavaScript's own objects are checked by
 * tsc, whose library is that of 2022, and style sheets by styles.test.js. */

import compat from "eslint-plugin-compat"

export const BROWSERS = [
  "last 2 safari major versions",
  "last 2 ios_saf major versions",
  "last 2 chrome major versions",
  "last 2 firefox major versions",
  "firefox esr",
]

export default [
  {
    ...compat.configs["flat/recommended"],
    settings: { browsers: BROWSERS },
  },
]
