/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

/** @param {Iterable<number>} numbers */
export function sum(numbers) {
  let total = 0
  for (const number of numbers) total += number
  return total
}

/**
 * The largest distance from zero.
 * @param {Iterable<number>} numbers
 */
export function largest(numbers) {
  let most = 0
  for (const number of numbers) most = Math.max(most, Math.abs(number))
  return most
}
