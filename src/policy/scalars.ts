/**
 * The single values of the metadata, as schemas.
 *
 * Envoy prints a YAML float as a string and leaves integers and booleans as they are (DESIGN section 3, fact 1), so
 * numbers are taken in both forms. The messages are for the person who wrote the YAML.
 */
import { z } from "zod";
import { durationMs } from "./duration.ts";
import { type HostPattern, hostPattern } from "./hosts.ts";
import { nanoUsdPerMillion, nanoUsdPerPiece, PriceError, partsPerMillion } from "./money.ts";

/** Longest name of a model, a cluster, a field. */
const longestText = 256;

/** Text without blanks at its ends, which would never match anything. */
export function text(what: string) {
  return z.unknown().transform((value, context) => {
    if (typeof value !== "string") return refuse(context, value, `expected ${what}, got ${shown(value)}`);
    if (value === "") return refuse(context, value, `expected ${what}, got an empty text`);
    if (value.trim() !== value) return refuse(context, value, `${shown(value)} begins or ends with a blank`);
    if (value.length > longestText) return refuse(context, value, `is longer than ${longestText} characters`);
    return value;
  });
}

/** A whole number within limits, both included. */
export function wholeNumber(lowest: number, highest: number) {
  const what = `a whole number from ${lowest} to ${highest}`;
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    const fits =
      typeof number === "number" && Number.isInteger(number) && number >= lowest && number <= highest;
    return fits ? number : refuse(context, value, `expected ${what}, got ${shown(value)}`);
  });
}

/** A duration within limits, both included; the result is milliseconds. */
export function duration(lowestMs: number, highestMs: number) {
  return z.unknown().transform((value, context) => {
    const found = typeof value === "string" ? durationMs(value) : undefined;
    if (found === undefined) {
      return refuse(context, value, `expected a duration such as 500ms, 30s or 2m, got ${shown(value)}`);
    }
    if (found < lowestMs || found > highestMs) {
      return refuse(
        context,
        value,
        `must be from ${lowestMs}ms to ${highestMs / 1000}s, got ${shown(value)}`,
      );
    }
    return found;
  });
}

/** A host, or a pattern of hosts; see `hosts.ts`. */
export const host = text("a host").transform((written, context): HostPattern => {
  const pattern = hostPattern(written);
  if (pattern !== undefined) return pattern;
  const examples = "files.example.com, *.example.com or files.example.com:8443";
  return refuse(context, written, `expected a host in lower case such as ${examples}, got ${shown(written)}`);
});

/** USD per million tokens; the result is integer nano-dollars per million tokens. */
export const price = amount("USD per million tokens", nanoUsdPerMillion);

/** USD for one; the result is integer nano-dollars. */
export function piecePrice(piece: string) {
  return amount(`USD per ${piece}`, nanoUsdPerPiece);
}

/** Money of any kind; the result is what `nanoUsd` makes of it. */
export function amount(what: string, nanoUsd: (price: string | number) => number) {
  return z.unknown().transform((value, context) => {
    if (typeof value !== "string" && typeof value !== "number") {
      return refuse(context, value, `expected ${what}, got ${shown(value)}`);
    }
    try {
      return nanoUsd(value);
    } catch (error) {
      if (error instanceof PriceError) return refuse(context, value, `${shown(value)} ${error.message}`);
      throw error;
    }
  });
}

/** A part of one, such as 0.15, from 0 to `highest`; the result is whole parts per million. */
export function fraction(highest: number) {
  const what = `a decimal from 0 to ${highest} with at most six digits after the point, e.g. 0.15`;
  return z.unknown().transform((value, context) => {
    const isWritten = typeof value === "string" || typeof value === "number";
    const ppm = isWritten ? partsPerMillion(value) : undefined;
    if (ppm !== undefined && ppm <= highest * 1_000_000) return ppm;
    return refuse(context, value, `expected ${what}, got ${shown(value)}`);
  });
}

/** How many times as much: a decimal within limits, both included. */
export function multiple(lowest: number, highest: number) {
  const what = `a decimal from ${lowest} to ${highest}, e.g. 10`;
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && /^\d{1,6}(\.\d{1,6})?$/.test(value) ? Number(value) : value;
    const fits = typeof number === "number" && number >= lowest && number <= highest;
    return fits ? number : refuse(context, value, `expected ${what}, got ${shown(value)}`);
  });
}

/** A value for an error message, cut to a readable length. */
export function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const printed = JSON.stringify(value) ?? String(value);
  return printed.length > 60 ? `${printed.slice(0, 57)}…` : printed;
}

function refuse(context: z.RefinementCtx, value: unknown, message: string): never {
  context.addIssue({ code: "custom", message: value === undefined ? "required" : message });
  return z.NEVER;
}
