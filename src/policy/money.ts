/** Prices and shares as people write them to integers, without a float in between. */

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
/** What a double holds to the nano-dollar. */
const inAll: Measure = { per: "USD", highestUsd: 9_000_000n };

const decimal = /^(\d{1,40})(?:\.(\d{1,60}))?(?:e([+-]?\d{1,3}))?$/i;

/** Nano-dollars as US dollars, exact: `0.000123450`. */
export function dollars(nanoUsd: number | bigint): string {
  const digits = String(nanoUsd).padStart(nanoDigits + 1, "0");
  return `${digits.slice(0, -nanoDigits)}.${digits.slice(-nanoDigits)}`;
}

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

/**
 * @param sum a limit or a budget, likewise
 * @returns nano-dollars
 * @throws PriceError
 */
export function nanoUsdInAll(sum: string | number): number {
  return nanoUsd(sum, inAll);
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

/**
 * @param fraction decimal text such as `"0.15"`, or a number, which stands for its shortest decimal text
 * @returns millionths; undefined when it is no decimal, finer than a millionth, or far too large
 */
export function partsPerMillion(fraction: string | number): number | undefined {
  const text = typeof fraction === "number" ? String(fraction) : fraction.trim();
  if (!decimal.test(text)) return undefined;
  const parts = exactUnits(text, 6) ?? exactUnits(shortestDecimal(text), 6);
  return parts === undefined || parts > Number.MAX_SAFE_INTEGER ? undefined : Number(parts);
}

/** Undefined when the text is no decimal, or finer than a nano-dollar. */
function exactNano(text: string, { per, highestUsd }: Measure): number | undefined {
  const nano = exactUnits(text, nanoDigits);
  if (nano === undefined) return undefined;
  if (nano > highestUsd * 10n ** BigInt(nanoDigits)) {
    throw new PriceError(`is above ${highestUsd} ${per}`);
  }
  return Number(nano);
}

/** In units of 10^-digits. Undefined when the text is no decimal, or finer than one unit. */
function exactUnits(text: string, digits: number): bigint | undefined {
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const fraction = match[2] ?? "";
  const shift = digits - fraction.length + Number(match[3] ?? 0);
  const written = BigInt((match[1] ?? "") + fraction);
  const unit = 10n ** BigInt(Math.abs(shift));
  if (shift < 0) return written % unit === 0n ? written / unit : undefined;
  return written * unit;
}

/** A YAML float has been through a double: `0.10000000000000001` is how some printers write 0.1. */
function shortestDecimal(text: string): string {
  return String(Number(text));
}
