/** Prices as people write them, in USD, to integer nano-dollars, without a float in between. */

/** Digits after the point that a nano-dollar can hold. */
const nanoDigits = 9;
/** What a price is for, in messages, and the most that is no slip. USD. */
interface Measure {
  readonly per: string;
  readonly highestUsd: bigint;
}

/** A dollar a token: the product with any count stays far below 2^53. */
const perMillion: Measure = { per: "USD per million tokens", highestUsd: 1_000_000n };
const perPiece: Measure = { per: "USD", highestUsd: 10_000n };

const decimal = /^(\d{1,40})(?:\.(\d{1,60}))?(?:e([+-]?\d{1,3}))?$/i;

/** The text is no price; the message says why. */
export class PriceError extends Error {
  override readonly name = "PriceError";
}

/**
 * @param price decimal text such as `"0.25"`, or a number, which stands for its shortest decimal text
 * @returns nano-dollars per million tokens
 * @throws PriceError
 */
export function nanoUsdPerMillion(price: string | number): number {
  return nanoUsd(price, perMillion);
}

/**
 * @param price of one piece, likewise
 * @returns nano-dollars
 * @throws PriceError
 */
export function nanoUsdPerPiece(price: string | number): number {
  return nanoUsd(price, perPiece);
}

function nanoUsd(price: string | number, measure: Measure): number {
  const text = typeof price === "number" ? String(price) : price.trim();
  if (!decimal.test(text)) {
    throw new PriceError(`is not a price: write ${measure.per} as a decimal, e.g. 0.25`);
  }
  const nano = exactNano(text, measure) ?? exactNano(shortestDecimal(text), measure);
  if (nano === undefined) throw new PriceError(`has more than ${nanoDigits} digits after the point`);
  return nano;
}

/** Undefined when the text is no decimal, or finer than a nano-dollar. */
function exactNano(text: string, { per, highestUsd }: Measure): number | undefined {
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const fraction = match[2] ?? "";
  const shift = nanoDigits - fraction.length + Number(match[3] ?? 0);
  const digits = BigInt((match[1] ?? "") + fraction);
  const unit = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % unit !== 0n) return undefined;
  const nano = shift < 0 ? digits / unit : digits * unit;
  if (nano > highestUsd * 10n ** BigInt(nanoDigits)) {
    throw new PriceError(`is above ${highestUsd} ${per}`);
  }
  return Number(nano);
}

/** A YAML float has been through a double: `0.10000000000000001` is how some printers write 0.1. */
function shortestDecimal(text: string): string {
  return String(Number(text));
}
