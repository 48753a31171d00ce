/**
 * Limits and budgets, of the policy and of the caller's virtual key: all of them are asked at once, reserved on together
 * or not at all, and settled to the truth when the exchange is over.
 */
import type { JsonObject } from "../../json/types.ts";
import { keyQuotas } from "../../policy/key-quotas.ts";
import { PolicyError } from "../../policy/policy.ts";
import { noQuotas, type Quotas } from "../../policy/quotas.ts";
import type { CounterStore } from "../../stores/counter-store.ts";
import { LeaseKeeper } from "../../stores/lease-keeper.ts";
import type { LearnedOutput } from "../../tokens/learned-output.ts";
import type { Pricing } from "../../tokens/pricing.ts";
import type { CallContext, Rule, RuleHooks } from "../rule.ts";
import { NearlyFull } from "./nearly-full.ts";
import { QuotaHooks } from "./quota-hooks.ts";
import { keyUnreadable } from "./refusals.ts";

export interface QuotaOptions {
  readonly store: CounterStore;
  readonly pricing: Pricing;
  readonly learnedOutput: LearnedOutput;
  readonly monotonicMs: () => number;
  /** By which calendars go. */
  readonly wallMs: () => number;
  /** A key whose limits cannot be read. @param problem without anything secret */
  readonly misconfigured: (route: string, problem: string) => void;
  readonly failed: (error: unknown) => void;
}

/** What the exchanges' hooks share. */
export interface QuotaShared extends QuotaOptions {
  readonly keeper: LeaseKeeper;
  readonly nearlyFull: NearlyFull;
  /** Holds the process until what was used has been told to the store. */
  readonly pending: Set<Promise<void>>;
}

export class QuotaRule implements Rule {
  readonly name = "quota";
  readonly #shared: QuotaShared;
  /** What keys bring is read once, for as long as the keys themselves are remembered. */
  readonly #ofKeys = new WeakMap<JsonObject, Quotas | PolicyError>();

  constructor(options: QuotaOptions) {
    this.#shared = {
      ...options,
      keeper: new LeaseKeeper(options.store, options.monotonicMs),
      nearlyFull: new NearlyFull(options.monotonicMs),
      pending: new Set(),
    };
  }

  open(call: CallContext): RuleHooks | null {
    const { quotas } = call.policy;
    const ofKey = this.#keyQuotas(call);
    if (ofKey instanceof PolicyError) {
      this.#shared.misconfigured(call.route, `the limits of ${call.caller.keyId}: ${ofKey.message}`);
      return { arrive: () => keyUnreadable };
    }
    const both = ofKey === noQuotas ? quotas : together(quotas, ofKey);
    if (both.limits.length === 0 && both.budgets.length === 0) return null;
    return new QuotaHooks(this.#shared, call, both);
  }

  #keyQuotas({ caller: { keyLimits } }: CallContext): Quotas | PolicyError {
    if (keyLimits === undefined) return noQuotas;
    const known = this.#ofKeys.get(keyLimits);
    if (known !== undefined) return known;
    const read = readKey(keyLimits);
    this.#ofKeys.set(keyLimits, read);
    return read;
  }

  /** When no exchange is open any more: waits until the store has heard of all that was used. */
  async close(): Promise<void> {
    this.#shared.keeper.close();
    await Promise.allSettled([...this.#shared.pending]);
  }
}

function readKey(written: JsonObject): Quotas | PolicyError {
  try {
    return keyQuotas(written);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
}

function together(one: Quotas, other: Quotas): Quotas {
  return { limits: [...one.limits, ...other.limits], budgets: [...one.budgets, ...other.budgets] };
}
