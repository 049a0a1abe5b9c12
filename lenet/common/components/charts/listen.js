/** What every page loads for its charts, once: see keys.js. */

import { start } from "./keys.js"

start()
