/** Rates that the operator wrote into the policy. */
import type { PriceOverride } from "../policy/policy.ts";
import type { Rates } from "./rates.ts";

/**
 * The override as rates. Kinds that it does not name cost what `input` or `output` costs; one-hour cache writes
 * cost what `cacheWrite` costs, because the policy has no word of its own for them.
 */
export function overrideRates(override: PriceOverride): Rates {
  const cacheRead = override.cacheRead ?? override.input;
  const cacheWrite = override.cacheWrite ?? override.input;
  return {
    input: override.input,
    cacheRead,
    cacheWrite,
    cacheWriteHour: cacheWrite,
    audioInput: override.input,
    audioCacheRead: cacheRead,
    output: override.output,
    reasoning: override.output,
    audioOutput: override.output,
  };
}
