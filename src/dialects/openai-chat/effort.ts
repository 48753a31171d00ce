/** How hard to think, as OpenAI takes it. Source: https://platform.openai.com/docs/guides/reasoning */
import type { Losses } from "../../conversation/losses.ts";
import type { ReasoningRequest } from "../../conversation/request.ts";

/** Budgets up to these, in tokens, are a low and a medium effort; above it is high. */
const lowBudget = 2048;
const mediumBudget = 8192;

/**
 * @param path where the client's request asks for reasoning
 * @returns undefined when nothing is to be sent
 */
export function encodeEffort(
  { enabled, effort, budget }: ReasoningRequest,
  path: string,
  losses: Losses,
): ReasoningRequest["effort"] {
  if (!enabled) return effort === "none" ? effort : undefined;
  if (budget === undefined) return effort;
  losses.approximated(path, "OpenAI takes an effort instead of a budget of tokens.");
  return effort ?? (budget > mediumBudget ? "high" : budget > lowBudget ? "medium" : "low");
}
