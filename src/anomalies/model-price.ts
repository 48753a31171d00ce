/**
 * How dear a model is, whatever an exchange made of it: what it charges for a million tokens of which three in four are
 * input. A long prompt with a short answer is then no cheaper model than a short prompt with a long answer.
 */
import { noUsage } from "../conversation/usage.ts";
import type { Policy } from "../policy/policy.ts";
import { provider } from "../providers/registry.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import type { Pricing } from "../tokens/pricing.ts";

/** Few, since long prompts have other prices. */
const sample = Object.freeze({ ...noUsage, input: 3_000, output: 1_000 });
const samplesInMillion = 250;
/** For each policy. Names come from providers and clients: when there are more, all are looked up anew. */
const mostNames = 500;

export class ModelPrices {
  readonly #pricing: Pricing;
  /** Nano-dollars for a million tokens; 0: not known. A policy that is gone takes its prices along. */
  readonly #known = new WeakMap<Policy, Map<string, number>>();

  constructor(pricing: Pricing) {
    this.#pricing = pricing;
  }

  /** Of the model that served. Undefined where no tokens were taken or no price is known. */
  of(exchange: ExchangeRecord, policy: Policy): number | undefined {
    const { provider: name, modelServed, usage } = exchange;
    if (name === undefined || modelServed === undefined || usage.input + usage.output <= 0) return undefined;
    const known = this.#knownOf(policy);
    const asked = exchange.attemptsTried.at(-1)?.model ?? modelServed;
    const key = `${name}\n${asked}\n${modelServed}`;
    let price = known.get(key);
    if (price === undefined) {
      price = this.#lookUp(name, asked, modelServed, policy);
      if (known.size >= mostNames) known.clear();
      known.set(key, price);
    }
    return price === 0 ? undefined : price;
  }

  #knownOf(policy: Policy): Map<string, number> {
    const known = this.#known.get(policy) ?? new Map<string, number>();
    this.#known.set(policy, known);
    return known;
  }

  /** As exchanges are priced: by the policy's word on either name, by the list under what the provider says it is. */
  #lookUp(name: string, asked: string, served: string, policy: Policy): number {
    const terms = policy.price(asked) ?? policy.price(served);
    const providerId = provider(name)?.priceId;
    for (const model of [served, asked]) {
      const cost = this.#pricing.cost({ model, providerId, terms }, sample);
      if (cost.source !== "unknown") return cost.chargedNanoUsd * samplesInMillion;
    }
    return 0;
  }
}
