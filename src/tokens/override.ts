/** Prices that the operator wrote into the policy. */
import type { PriceOverride } from "../policy/policy.ts";
import type { Rates } from "./rates.ts";
import type { Prices } from "./total.ts";

export function overridePrices(override: PriceOverride): Prices {
  const { request, image, audioHour, search } = override;
  return {
    tokens: tokenRates(override),
    units: {
      ...(request !== undefined && { request }),
      ...(image !== undefined && { image }),
      ...(audioHour !== undefined && { audioHour }),
      ...(search !== undefined && { search }),
    },
  };
}

/**
 * Kinds that the policy does not name cost what `input` or `output` costs; one-hour cache writes cost what
 * `cacheWrite` costs, because the policy has no word of its own for them. Undefined when it prices no tokens.
 */
function tokenRates({ input, output, ...cache }: PriceOverride): Rates | undefined {
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = cache.cacheRead ?? input;
  const cacheWrite = cache.cacheWrite ?? input;
  return {
    input,
    cacheRead,
    cacheWrite,
    cacheWriteHour: cacheWrite,
    audioInput: input,
    audioCacheRead: cacheRead,
    imageInput: input,
    imageCacheRead: cacheRead,
    output,
    reasoning: output,
    audioOutput: output,
    imageOutput: output,
  };
}
