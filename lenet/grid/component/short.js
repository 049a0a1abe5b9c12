/** Numbers that are too long for their cells. */

/**
 * A number's text in as many letters at most: rounded, or with an exponent; “…” where not even that fits.
 * @param {string} text
 * @param {number} letters
 */
export function shortened(text, letters) {
  if (text.length <= letters) return text
  const value = Number(text.replaceAll("−", "-"))
  if (!Number.isFinite(value)) return "…"
  const decimals = [3, 2, 1].map((n) => String(Number(value.toFixed(n))))
  const withoutZero = decimals.map((digits) => digits.replace(/^(-?)0\./, "$1.")) // rather “−.5” than “−1”
  const rounded = [...decimals, ...withoutZero, String(Number(value.toFixed(0)))]
  const powers = [1, 0].map((decimals) => value.toExponential(decimals).replace("e+", "e").replace(".0e", "e"))
  const short = [...rounded.filter((digits) => Number(digits) !== 0 || value === 0), ...powers]
  return short.find((digits) => digits.length <= letters)?.replaceAll("-", "−") ?? "…"
}
