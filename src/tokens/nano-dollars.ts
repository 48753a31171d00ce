/** Decimal dollars to integer nano-dollars, by text: binary fractions never take part in the arithmetic. */

const DECIMALS = 9;
const plainDecimal = /^(\d+)(?:\.(\d+))?$/;

/**
 * Nano-dollars in a decimal amount of US dollars, rounded half up at the ninth decimal. Works on the shortest
 * decimal text of the number, so 0.1 is exactly 100,000,000 and 0.08333333333333334 is 83,333,333.
 * Undefined when the amount is negative, not finite, or too large to be a safe integer of nano-dollars.
 */
export function nanoDollars(usd: number): number | undefined {
  if (!Number.isFinite(usd) || usd < 0 || usd > Number.MAX_SAFE_INTEGER / 1e9) return undefined;
  // Below 1e-6 the shortest text is exponential; 20 decimals keep every digit that can matter here.
  const shortest = String(usd);
  const match = plainDecimal.exec(shortest.includes("e") ? usd.toFixed(20) : shortest);
  if (match === null) return undefined;
  const [, whole = "0", fraction = ""] = match;
  const kept = fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0");
  const roundsUp = fraction.charCodeAt(DECIMALS) >= 0x35; // "5"; NaN when there is no such digit
  return Number(whole) * 1e9 + Number(kept) + (roundsUp ? 1 : 0);
}
