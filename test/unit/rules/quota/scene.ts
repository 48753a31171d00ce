/** The rule for limits and budgets, with clocks that are set by hand, and exchanges that come to it. */
import { noUsage } from "../../../../src/conversation/usage.ts";
import type { Caller } from "../../../../src/identity/caller.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { parsePolicy } from "../../../../src/policy/parse.ts";
import type { Policy } from "../../../../src/policy/policy.ts";
import { QuotaRule } from "../../../../src/rules/quota/rule.ts";
import {
  type CallContext,
  type Change,
  isRefusal,
  type Plan,
  type Refusal,
  type RuleHooks,
} from "../../../../src/rules/rule.ts";
import type { AttemptTried, ExchangeRecord, Remarks } from "../../../../src/telemetry/record.ts";
import { LearnedOutput } from "../../../../src/tokens/learned-output.ts";
import { noCost, type Pricing } from "../../../../src/tokens/pricing.ts";
import { exchangeRecord } from "../../telemetry/records.ts";
import { WatchedStore } from "./watched-store.ts";

/** Nano-dollars a token, by model; whatever begins with `unlisted` has no price. */
export const pricing: Pricing = {
  cost({ model }, { input, output }) {
    if (model.startsWith("unlisted")) return noCost;
    const nanoUsd = (input + output) * (model.startsWith("dear") ? 10 : 1);
    return { ...noCost, nanoUsd, chargedNanoUsd: nanoUsd, source: "policy" };
  },
};

const targets = {
  one: { provider: "openai" },
  two: { provider: "anthropic" },
  three: { provider: "google" },
};

export const models = {
  cheap: { targets: [{ cluster: "one" }] },
  dear: { targets: [{ cluster: "one" }] },
  unlisted: { targets: [{ cluster: "one" }] },
  chain: { targets: [{ cluster: "one" }, { cluster: "two" }, { cluster: "three" }] },
  mixed: {
    targets: [
      { cluster: "one", model: "cheap" },
      { cluster: "two", model: "dear" },
    ],
  },
};

/** Sources for all that limits may ask for. */
const identity = {
  user: [{ header: "x-user" }],
  plan: [{ header: "x-plan" }],
  require: "key",
  tags: {},
};

export function policyOf(written: JsonObject): Policy {
  return parsePolicy(JSON.stringify({ targets, models, identity, ...written }), undefined);
}

const nobody: Caller = {
  ...{ tenant: "acme", app: undefined, user: undefined, department: undefined, plan: undefined },
  ...{ ip: "192.0.2.7", keyId: undefined, keyLimits: undefined, tags: {} },
};

export function callOf(policy: Policy, caller: Partial<Caller> = {}, id = "x"): CallContext {
  const remarks: Remarks = { headers: [], rulings: [], reservedNanoUsd: undefined };
  return {
    ...{ id, route: "gated", policy, remarks, operation: "generate", header: () => undefined },
    caller: { ...nobody, ...caller },
  };
}

/** What is asked of it, and what came of it. */
export interface Asking {
  readonly model?: string;
  readonly inputTokens?: number;
  readonly maxOutputTokens?: number | undefined;
}

export interface Truth {
  readonly cluster?: string;
  readonly tokens?: number;
  readonly nanoUsd?: number;
}

export class Scene {
  nowMs = 1_000_000;
  wallMs = Date.parse("2026-11-25T12:00:00Z");
  readonly store = new WatchedStore({ monotonicMs: () => this.nowMs, wallMs: () => this.wallMs });
  readonly learnedOutput = new LearnedOutput();
  readonly misconfigured: string[] = [];
  readonly failures: unknown[] = [];
  readonly rule = new QuotaRule({
    ...{ store: this.store, pricing, learnedOutput: this.learnedOutput },
    monotonicMs: () => this.nowMs,
    wallMs: () => this.wallMs,
    misconfigured: (route, problem) => this.misconfigured.push(`${route}: ${problem}`),
    failed: (error) => this.failures.push(error),
  });
  readonly #policy: Policy;
  #ids = 0;

  constructor(written: JsonObject) {
    this.#policy = policyOf(written);
  }

  /** Both clocks. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
  }

  exchange(caller: Partial<Caller> = {}): SceneExchange {
    const call = callOf(this.#policy, caller, `x${++this.#ids}`);
    return new SceneExchange(call, this.rule.open(call));
  }

  /** One that comes, asks and is served, from its beginning to its end. What the rule had to say. */
  async served(caller: Partial<Caller>, asking: Asking, truth: Truth): Promise<Refusal | Change | undefined> {
    const exchange = this.exchange(caller);
    const ruling = (await exchange.arrive()) ?? (await exchange.ask(asking));
    if (ruling !== undefined && isRefusal(ruling)) exchange.refused();
    else exchange.finish(truth);
    await this.rule.close();
    return ruling;
  }

  /** Settled and held, of all counters that were claimed from. */
  async standing(): Promise<Array<readonly [used: number, reserved: number]>> {
    await this.rule.close();
    return (await this.store.all()).map(({ used, reserved }) => [used, reserved] as const);
  }
}

export class SceneExchange {
  readonly call: CallContext;
  readonly hooks: RuleHooks | null;

  constructor(call: CallContext, hooks: RuleHooks | null) {
    this.call = call;
    this.hooks = hooks;
  }

  get headers(): Record<string, string> {
    return Object.fromEntries(this.call.remarks.headers);
  }

  get rulings(): string[] {
    return this.call.remarks.rulings.map(({ rule, verdict }) => `${verdict} ${rule}`);
  }

  async arrive(): Promise<Refusal | undefined> {
    return this.hooks?.arrive?.();
  }

  async ask({ model = "cheap", inputTokens = 0, maxOutputTokens = 100 }: Asking = {}) {
    const plan = this.#plan(model);
    if (plan === undefined) throw new Error(`${model} is not in the scene`);
    return this.hooks?.request?.({
      ...{ plan, inputTokens, planFor: (other: string) => this.#plan(other), request: () => undefined },
      outline: { model, stream: false, includeUsage: false, maxOutputTokens },
    });
  }

  /** Answered by the cluster, or by the first of several that were tried. */
  finish(...truths: readonly Truth[]): void {
    const tried = (truths.length === 0 ? [{}] : truths).map(attempt);
    const sum = (of: (one: AttemptTried) => number) => tried.reduce((total, one) => total + of(one), 0);
    this.settle({
      ...{ outcome: "finished", status: 200, attempts: tried.length, attemptsTried: tried },
      usage: { ...noUsage, input: sum(({ usage }) => usage.input) },
      chargedNanoUsd: sum(({ chargedNanoUsd }) => chargedNanoUsd),
    });
  }

  /** Before anybody was asked. */
  refused(): void {
    this.settle({ ...wentNowhere, outcome: "refused", status: 429 });
  }

  hangUp(): void {
    this.settle({ ...wentNowhere, outcome: "cancelled", status: 0 });
  }

  settle(changes: Partial<ExchangeRecord>): void {
    const { caller, id } = this.call;
    this.hooks?.settle?.(exchangeRecord({ id, caller, modelAsked: this.model, ...changes }));
  }

  model = "cheap";

  #plan(model: string): Plan | undefined {
    this.model = model;
    const modelRoute = this.call.policy.model(model);
    return modelRoute === undefined ? undefined : { model, modelRoute, chain: modelRoute.targets };
  }
}

const wentNowhere = { attempts: 0, attemptsTried: [], usage: noUsage, chargedNanoUsd: 0, costNanoUsd: 0 };

function attempt({ cluster = "one", tokens = 0, nanoUsd = tokens }: Truth, index: number): AttemptTried {
  return {
    ...{ number: index + 1, cluster, provider: "openai", model: "m", result: 200, durationMs: 1 },
    usage: { ...noUsage, input: tokens },
    ...{ costNanoUsd: nanoUsd, chargedNanoUsd: nanoUsd, costSource: "policy" as const },
  };
}
