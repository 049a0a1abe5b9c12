/** Numbers that are too long for their cells. */

const POINT = 0.5 // width of a decimal point, in letters
const ALMOST_ZERO = 0.05

/**
 * A number's text in as many letters at most, a decimal point being half of one: rounded, or with an exponent; “…” where
 * not even that fits.
 * @param {string} text
 * @param {number} letters
 */
export function shortened(text, letters) {
  if (width(text) <= letters) return text
  const value = numberOf(text)
  if (!Number.isFinite(value)) return "…"
  const decimals = [3, 2, 1].map((n) => String(Number(value.toFixed(n))))
  const withoutZero = decimals.map((digits) => digits.replace(/^(-?)0\./, "$1.")) // rather “−.5” than “−1”
  const rounded = [...decimals, ...withoutZero, String(Number(value.toFixed(0)))]
  const powers = [1, 0].map((decimals) => value.toExponential(decimals).replace("e+", "e").replace(".0e", "e"))
  const short = [...rounded.filter((digits) => Number(digits) !== 0 || value === 0), ...powers]
  return short.find((digits) => width(digits) <= letters)?.replaceAll("-", "−") ?? "…"
}

/**
 * The same for a cell among others: rather “−.93” than “−0.9”, and a number that is too small to be written is almost 0.
 * @param {string} text
 * @param {number} letters
 */
export function inCell(text, letters) {
  const short = shortened(text, letters)
  const value = numberOf(text)
  if (short === text || !(Math.abs(value) < 1)) return short
  const hundredths = value.toFixed(2).replace("0.", ".").replace("-", "−")
  const isFiner = /^[−.\d]+$/.test(short) && !/\.\d\d/.test(short) && /\.\d[1-9]/.test(hundredths)
  if (isFiner && width(hundredths) <= letters) return hundredths
  return short === "…" && Math.abs(value) < ALMOST_ZERO ? "≈0" : short
}

/** @param {string} text */
const numberOf = (text) => Number(text.replaceAll("−", "-"))

/** @param {string} text */
const width = (text) => text.length - (text.includes(".") ? 1 - POINT : 0)
