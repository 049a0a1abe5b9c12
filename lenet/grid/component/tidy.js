/** Numbers as `lenet.grid.tidy` writes them. */

/**
 * At most four decimals, and four significant digits for what is smaller than they can show: `5`, `−0.25`, `1.3333`.
 * @param {number} value
 */
export function tidy(value) {
  const size = Math.abs(value)
  if (size >= 0.001 || size === 0) return signed(withoutZeros(value.toFixed(4)))
  if (size >= 0.0001) return signed(withoutZeros(value.toPrecision(4)))
  const [digits, power] = value.toExponential(3).split("e-")
  return signed(`${withoutZeros(digits)}e-${power.padStart(2, "0")}`)
}

/** @param {string} digits */
const withoutZeros = (digits) => digits.replace(/\.?0+$/, "")

/** @param {string} text */
const signed = (text) => (text === "-0" ? "0" : text.replaceAll("-", "−"))
