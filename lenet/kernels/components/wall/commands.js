/** What the view does with keys. */

import { isDark, toggleFullscreen } from "./presentation.js"

/** @import { Keys } from "./keyboard.js" */
/** @import { WallView } from "./view.js" */

/**
 * @param {WallView} view
 * @returns {Keys}
 */
export function keysOf(view) {
  const { controls, share, blank, root, state } = view
  const { settings } = state
  return {
    isPresented: () => settings.presenting,
    isSharing: () => share.isOpen,
    isBlank: () => blank.isShown,
    scrubber: controls.scrubber.parts,
    play: controls.scrubber.play,
    front: () => (share.isOpen ? share.panel : root),
    move: (by) => view.go(state.index + by),
    turn: (by) => (settings.epochs ? view.turn(by) : view.go(state.index + by)),
    enlarge: (kernel) => view.set({ kernel }),
    commands: {
      play: () => view.togglePlay(),
      leave: () => view.set({ presenting: false }),
      ground: () => view.set({ ground: isDark(root) ? "light" : "dark" }),
      fullscreen: toggleFullscreen,
      share: () => view.openShare(),
      values: () => view.set({ values: !settings.values }),
      scale: () => view.set({ own: !settings.own }),
      curve: () => view.toggle("curve"),
      note: () => view.toggle("note"),
      epochs: () => view.set({ epochs: !settings.epochs }),
      blank: () => blank.toggle(),
    },
    point: (side, key) => view.pointByKey(side, key),
    closeShare: () => share.close(),
  }
}
