/**
 * Prices from the catalogue that ships with @pydantic/genai-prices (https://github.com/pydantic/genai-prices):
 * its data and its matching of model names, with our own arithmetic, because it computes in binary floats.
 *
 * The data is what the installed version bundles; nothing is fetched at run time. Priced are tokens and hours of audio.
 * Not priced, because a usage does not carry it: searches and other server tools, batch, flex and priority tiers,
 * regional surcharges. Not priced, because the catalogue does not have it: single images, characters of speech.
 */
import { calcPrice } from "@pydantic/genai-prices";
import type { Usage } from "../conversation/usage.ts";
import { audioHourPrice, rateCard } from "./catalogue-row.ts";
import { correctedPrice } from "./corrections.ts";
import { overridePrices } from "./override.ts";
import { type Cost, noCost, type PriceQuery, type Pricing } from "./pricing.ts";
import { type RateCard, ratesFor } from "./rates.ts";
import { billOf } from "./total.ts";

/** Distinct models remembered. Names come from clients, so the memory is bounded; the oldest leaves first. */
const MAX_REMEMBERED = 1_000;
/** Longer names are no model's: not worth matching against two thousand rows. */
const MAX_NAME_LENGTH = 256;
/** Some prices change with the date or the time of day; their rows are looked up again after this long. */
const TIMED_ROW_MS = 60_000;

interface Remembered {
  readonly card: RateCard | undefined;
  readonly audioHour: number | undefined;
  /** Unix milliseconds. */
  readonly expires: number;
}

const unlisted: Remembered = Object.freeze({
  card: undefined,
  audioHour: undefined,
  expires: Number.POSITIVE_INFINITY,
});

function lookUp(model: string, providerId: string | undefined, now: number): Remembered {
  const corrected = correctedPrice(model, providerId);
  if (corrected !== undefined) return { ...unlisted, card: rateCard(model, corrected) };
  const options = { timestamp: new Date(now), ...(providerId === undefined ? {} : { providerId }) };
  const found = calcPrice({}, model, options);
  if (found === null) return unlisted;
  const timed = Array.isArray(found.model.prices);
  return {
    card: rateCard(found.model.id, found.model_price),
    audioHour: audioHourPrice(found.model_price),
    expires: timed ? now + TIMED_ROW_MS : Number.POSITIVE_INFINITY,
  };
}

/**
 * Prices calls by the policy's rates if it has some, else by the bundled catalogue; its discount and margin on top.
 *
 * @param now Unix milliseconds; a call is priced at the time of asking
 */
export function cataloguePricing(now: () => number = Date.now): Pricing {
  const remembered = new Map<string, Remembered>();

  function listed(model: string, providerId: string | undefined): Remembered {
    if (model === "" || model.length > MAX_NAME_LENGTH) return unlisted;
    const key = providerId === undefined ? model : `${providerId}\n${model}`;
    const known = remembered.get(key);
    if (known !== undefined && now() < known.expires) return known;
    const found = lookUp(model, providerId, now());
    if (known === undefined && remembered.size >= MAX_REMEMBERED) {
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        break;
      }
    }
    remembered.set(key, found);
    return found;
  }

  return {
    cost(query: PriceQuery, usage: Usage): Cost {
      const { terms, answered = false } = query;
      if (terms?.rates !== undefined) {
        const bill = billOf(overridePrices(terms.rates), usage, answered, terms);
        return bill === undefined ? noCost : { ...bill, source: "policy" };
      }
      const { card, audioHour } = listed(query.model, query.providerId);
      const tokens = card === undefined ? undefined : ratesFor(card, usage.input);
      if (tokens === undefined && audioHour === undefined) return noCost;
      const units = audioHour === undefined ? {} : { audioHour };
      const bill = billOf({ tokens, units }, usage, answered, terms);
      return bill === undefined ? noCost : { ...bill, source: "catalogue" };
    },
  };
}
