/** What an effort comes to where a model is told in tokens how long to think. */
import type { ReasoningRequest } from "../conversation/request.ts";

type Effort = NonNullable<ReasoningRequest["effort"]>;

/** Tokens of thought, the least first. */
export const thinkingBudgets: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};
