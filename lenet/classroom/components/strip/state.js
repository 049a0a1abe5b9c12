/** What a member is told about where they are. */

import { CLASS } from "./stage.js"

/**
 * @typedef {object} Member
 * @property {boolean} isOver the class has ended
 * @property {boolean} isLost there is no connection
 * @property {boolean} isApart they look around by themselves
 * @property {boolean} isFollowing
 * @property {{ page: string, leads: boolean, activity: string } | null} told by the server
 */

/**
 * A task waits for somebody who is apart only where the way back leads to it: not while the class is shown another page.
 * @param {Member} member
 * @returns {"over" | "lost" | "task" | "apart" | "following" | "free"}
 */
export function stateOf({ isOver, isLost, isApart, isFollowing, told }) {
  if (isOver) return "over"
  if (isLost) return "lost"
  if (isApart) return told?.activity && (!told.leads || told.page === CLASS) ? "task" : "apart"
  return isFollowing ? "following" : "free"
}
