/** The answer to "how many tokens is this?", in neutral form. */
import { noUsage, type Usage } from "./usage.ts";

export interface TokenCount {
  readonly inputTokens: number;
  /** None: providers count for free. */
  readonly usage: Usage;
  /** Answers do not say. */
  readonly model: string;
}

export function tokenCount(inputTokens: number): TokenCount {
  return { inputTokens, usage: noUsage, model: "" };
}

/** @throws Error when it is no count */
export function countOf(value: unknown): TokenCount {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return tokenCount(value);
  throw new Error("an answer without a count of tokens");
}
