/** One exchange and its counters: what it takes when it comes, and what it gives back when it is over. */
import type { Quotas } from "../../policy/quotas.ts";
import type { Denied, Level, Taken } from "../../stores/counter-store.ts";
import type { ExchangeRecord } from "../../telemetry/record.ts";
import type { CallContext, Refusal, RequestContext, RuleHooks, Ruling } from "../rule.ts";
import { type Counted, countedOf, dependsOnTarget, isEarly, nothingWorse } from "./counted.ts";
import { Held } from "./held.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { doNotRetry, isFinal, notCounted, refusedBy, unpriced } from "./refusals.ts";
import type { QuotaShared } from "./rule.ts";
import { changeBy, isSameChange, onto, type QuotaChange, unchanged } from "./shape.ts";
import { budgetHeader, isBudget, reachedSteps, withEarlier } from "./steps.ts";
import { worstCase } from "./worst-case.ts";

/** Each look at the counters takes a step of a budget or leaves out a target: this many are never needed. */
const mostLooks = 32;

const verdicts = { warn: "warned", model: "model_changed", "max-tokens": "max_tokens_capped" } as const;

export class QuotaHooks implements RuleHooks {
  readonly #shared: QuotaShared;
  readonly #call: CallContext;
  readonly #quotas: Quotas;
  readonly #held: Held;
  /** Counters that were taken from when the headers came, and how they stood. */
  #early: readonly Counted[] = [];
  #earlyLevels: readonly Level[] = [];

  constructor(shared: QuotaShared, call: CallContext, quotas: Quotas) {
    this.#shared = shared;
    this.#call = call;
    this.#quotas = quotas;
    this.#held = new Held(shared, call);
  }

  arrive(): Refusal | undefined | Promise<Refusal | undefined> {
    const { nearlyFull, wallMs } = this.#shared;
    if (nearlyFull.isEmpty) return undefined;
    const early = { limits: this.#quotas.limits.filter(isEarly), budgets: [] };
    if (early.limits.length === 0) return undefined;
    const counted = countedOf(early, this.#call, undefined, nothingWorse, wallMs());
    const near = counted.filter(({ claim }) => nearlyFull.has(this.#call.caller.tenant, claim));
    return near.length === 0 ? undefined : this.#takeEarly(near);
  }

  async #takeEarly(counted: readonly Counted[]): Promise<Refusal | undefined> {
    const taken = await this.#take(counted);
    if (taken.outcome !== "granted") return this.#refuse(counted, taken);
    this.#early = counted;
    this.#earlyLevels = taken.levels;
    this.#remarkObserved(counted, taken.wouldDeny);
    return undefined;
  }

  async request(asked: RequestContext): Promise<Ruling> {
    let change = unchanged(asked);
    for (let look = 0; look < mostLooks; look++) {
      const worst = worstCase(this.#shared, this.#call, change.shape);
      const counted = this.#countedBy(change, worst);
      if (counted.length === 0) return this.#goesOn(change, [], []);
      const free = worst.unpriced ? unpricedBudget(counted) : undefined;
      if (free !== undefined) return this.#remarkRefused(free.name, unpriced(free));
      const taken = await this.#take(counted);
      if (taken.outcome === "unavailable") return this.#refuse(counted, taken);
      const levels = taken.outcome === "granted" ? without(counted, taken.levels) : taken.levels;
      const next = changeBy(asked, change, withEarlier(change.reached, reachedSteps(counted, levels)));
      if (!isSameChange(change, next)) {
        // By what is asked for now: less may be enough.
        this.#held.giveBack(taken);
        change = next;
        continue;
      }
      change = next;
      if (taken.outcome === "denied") {
        const rule = counted[taken.denied]?.rule;
        const [, ...others] = change.shape.plan.chain;
        if (rule === undefined || !dependsOnTarget(rule) || others.length === 0) {
          return this.#refuse(counted, taken);
        }
        // The target has no more room for this caller: the next one may.
        change = onto(change, others);
        continue;
      }
      if (counted.some(({ measure }) => measure === "nanoUsd")) {
        this.#call.remarks.reservedNanoUsd = worst.nanoUsd;
      }
      this.#remarkObserved(counted, taken.wouldDeny);
      return this.#goesOn(change, counted, taken.levels);
    }
    throw new Error("limits and budgets came to no end");
  }

  settle(record: ExchangeRecord): void {
    const limits = this.#quotas.limits.filter(dependsOnTarget);
    const budgets = this.#quotas.budgets.filter(dependsOnTarget);
    if (limits.length === 0 && budgets.length === 0) return this.#held.settle(record);
    this.#held.settle(record, (target) => {
      const addressed = { model: record.modelAsked ?? "", target };
      return countedOf({ limits, budgets }, this.#call, addressed, nothingWorse, this.#shared.wallMs());
    });
  }

  #countedBy({ shape }: QuotaChange, worst: ReturnType<typeof worstCase>): Counted[] {
    const [first] = shape.plan.chain;
    const addressed = { model: shape.outline.model, target: first?.cluster ?? "" };
    const all = countedOf(this.#quotas, this.#call, addressed, worst, this.#shared.wallMs());
    const held = new Set(this.#early.map(({ rule }) => rule));
    return held.size === 0 ? all : all.filter(({ rule }) => !held.has(rule));
  }

  async #take(counted: readonly Counted[]): Promise<Taken> {
    const taken = await this.#held.take(counted);
    if (taken.outcome === "unavailable") return taken;
    const { nearlyFull } = this.#shared;
    const { tenant } = this.#call.caller;
    counted.forEach(({ rule, claim }, index) => {
      const level = taken.levels[index];
      if (level !== undefined && !isBudget(rule) && isEarly(rule)) nearlyFull.note(tenant, claim, level);
    });
    return taken;
  }

  /** What the client is told, and what it gets in place of what it asked for. */
  #goesOn(change: QuotaChange, counted: readonly Counted[], levels: readonly Level[]): Ruling {
    const { headers, rulings } = this.#call.remarks;
    headers.push(...rateLimitHeaders([...this.#early, ...counted], [...this.#earlyLevels, ...levels]));
    if (change.reached.length > 0) headers.push(["x-tollgate-budget", budgetHeader(change.reached)]);
    for (const { budget, action } of change.reached) {
      rulings.push({ rule: budget.name, verdict: verdicts[action.kind] });
    }
    return change.ruling;
  }

  #refuse(counted: readonly Counted[], taken: Exclude<Taken, { outcome: "granted" }>): Refusal {
    if (taken.outcome === "unavailable") {
      const rule = counted[taken.claim]?.rule;
      if (rule === undefined) throw new Error("a store was not to be had for a claim that nobody made");
      this.#call.remarks.rulings.push({ rule: rule.name, verdict: "unavailable" });
      return notCounted(rule);
    }
    const refusing = refusingOf(counted, taken);
    if (refusing === undefined) throw new Error("a store refused what nobody claimed");
    const { headers } = this.#call.remarks;
    headers.push(...rateLimitHeaders([...this.#early, ...counted], [...this.#earlyLevels, ...taken.levels]));
    if (isFinal(taken.retryAfterMs)) headers.push(doNotRetry);
    this.#remarkObserved(counted, taken.wouldDeny);
    return this.#remarkRefused(refusing.rule.name, refusedBy(refusing.rule, taken.retryAfterMs));
  }

  #remarkRefused(rule: string, refused: Refusal): Refusal {
    this.#call.remarks.rulings.push({ rule, verdict: "refused" });
    return refused;
  }

  /** Budgets without an end are not enforced either, and would never refuse. */
  #remarkObserved(counted: readonly Counted[], wouldDeny: readonly number[]): void {
    for (const index of wouldDeny) {
      const rule = counted[index]?.rule;
      if (rule !== undefined) this.#call.remarks.rulings.push({ rule: rule.name, verdict: "would_refuse" });
    }
  }
}

/** Where no wait helps, the client is told of what it does not help against. */
function refusingOf(counted: readonly Counted[], { denied, retryAfterMs }: Denied): Counted | undefined {
  const hopeless = ({ claim }: Counted) => claim.enforce && claim.amount > claim.limit;
  return (retryAfterMs === undefined ? counted.find(hopeless) : undefined) ?? counted[denied];
}

function unpricedBudget(counted: readonly Counted[]) {
  for (const { rule } of counted) {
    if (isBudget(rule) && rule.unpriced === "refuse" && rule.mode === "enforce") return rule;
  }
  return undefined;
}

/** How the counters stood before this exchange took from them. */
function without(counted: readonly Counted[], levels: readonly Level[]): Level[] {
  return levels.map((level, index) => {
    const own = counted[index]?.claim.amount ?? 0;
    return { ...level, reserved: Math.max(0, level.reserved - own) };
  });
}
