/** Arrays that Python sends as base64. */

/** @param {string} text */
export const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/**
 * Little-endian float32.
 * @param {string} text
 */
export function floats(text) {
  const view = new DataView(bytes(text).buffer)
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

/** @param {Uint8Array | Uint8ClampedArray} array */
export const base64 = (array) => btoa(String.fromCharCode(...array))
