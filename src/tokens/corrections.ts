/**
 * Prices that the catalogue has wrong, each with where the right one stands. A test says when a row is no longer needed.
 */
import type { ModelPrice } from "@pydantic/genai-prices";

interface Correction {
  readonly providerId: string;
  readonly model: RegExp;
  /** US dollars per million tokens. */
  readonly price: ModelPrice;
}

const corrections: readonly Correction[] = [
  // Taken for version 1, which is five times as dear: https://aws.amazon.com/bedrock/pricing/
  { providerId: "aws", model: /amazon\.titan-embed-text-v2/, price: { input_mtok: 0.02 } },
];

/** Undefined where the catalogue is right. */
export function correctedPrice(model: string, providerId: string | undefined): ModelPrice | undefined {
  const fits = (row: Correction) => row.providerId === providerId && row.model.test(model);
  return corrections.find(fits)?.price;
}
