/** The most that an exchange may plausibly come to, before its answer is known: what is reserved. */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { Policy, Target } from "../../policy/policy.ts";
import { providerNamed } from "../../providers/registry.ts";
import type { LearnedOutput } from "../../tokens/learned-output.ts";
import type { Pricing } from "../../tokens/pricing.ts";
import type { CallContext, RequestContext } from "../rule.ts";

export interface WorstCase {
  /** Input and output. */
  readonly tokens: number;
  /** What the caller would be charged. */
  readonly nanoUsd: number;
  /** A target's price is not known: `nanoUsd` says nothing of it. */
  readonly unpriced: boolean;
}

/** What is asked, as far as its cost goes. */
export type Shape = Pick<RequestContext, "inputTokens" | "outline" | "plan">;

export interface Estimators {
  readonly pricing: Pricing;
  readonly learnedOutput: LearnedOutput;
}

/** Of an answer of which nothing is known, by a model of which nothing is known. Tokens. */
const usualOutput = 4_096;
const learnedShare = 0.95;
/** A client may ask for any number. */
const mostTokens = 1_000_000_000;

/** The dearest of the targets that may be asked: failover may come to any of them. */
export function worstCase(
  { pricing, learnedOutput }: Estimators,
  { policy, operation }: Pick<CallContext, "policy" | "operation">,
  { inputTokens: input, outline, plan }: Shape,
): WorstCase {
  const answers = Math.min(Math.max(1, Math.floor(outline.answers ?? 1)), 1_000);
  let tokens = 0;
  let nanoUsd = 0;
  let unpriced = false;
  for (const target of plan.chain) {
    const model = target.model ?? plan.model;
    const each =
      operation === "generate" ? outputOf(outline.maxOutputTokens, learnedOutput, model, target) : 0;
    const output = Math.min(each * answers, mostTokens);
    const units = operation === "image" ? { images: answers } : undefined;
    const usage = { ...noUsage, input, output, ...(units && { units }) };
    const found = dearest(pricing, policy, { target, model }, usage);
    if (found === undefined) unpriced = true;
    nanoUsd = Math.max(nanoUsd, found ?? 0);
    tokens = Math.max(tokens, input + output);
  }
  return { tokens, nanoUsd, unpriced };
}

/** The client's limit is the provider's as well; without one, what 95 of 100 answers do not go beyond. */
function outputOf(
  limit: number | undefined,
  learned: LearnedOutput,
  model: string,
  { maxTokens }: Target,
): number {
  if (limit !== undefined && limit >= 0) return Math.min(Math.floor(limit), mostTokens);
  return learned.quantile(model, learnedShare) ?? maxTokens ?? usualOutput;
}

/** By the tiers that a call may fall into: all of its input written to a cache, all of its output thinking. */
function dearest(
  pricing: Pricing,
  policy: Policy,
  { target, model }: { readonly target: Target; readonly model: string },
  usage: Usage,
): number | undefined {
  const providerId = providerNamed(target.settings.provider).priceId;
  const query = { model, providerId, terms: policy.price(model), answered: true };
  const plain = pricing.cost(query, usage);
  if (plain.source === "unknown") return undefined;
  const tiers = { ...usage, cacheWrite: usage.input, reasoning: usage.output };
  return Math.max(plain.chargedNanoUsd, pricing.cost(query, tiers).chargedNanoUsd);
}
