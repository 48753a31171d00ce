/** The rules that an exchange passes, and what becomes of it by them. */
import type { RequestOutline } from "../dialects/dialect.ts";
import { callerField } from "../identity/caller.ts";
import type { JsonDocument } from "../json/document.ts";
import {
  type CallContext,
  type Change,
  isRefusal,
  type Plan,
  type Refusal,
  type RequestContext,
  type RuleHooks,
} from "../rules/rule.ts";
import { inputEstimate } from "../tokens/input-estimate.ts";
import { chooseChain } from "./chain.ts";
import type { Exchange } from "./exchange.ts";
import type { Services } from "./services.ts";
import type { Settlement } from "./settlement.ts";

/** A request that has been read. */
export interface Known {
  readonly document: JsonDocument;
  readonly outline: RequestOutline;
}

/** What is asked for, before and after the rules. */
export interface Asked {
  readonly plan: Plan;
  /** What rules allow of the answer's length; undefined: as the client asked. Tokens. */
  readonly maxOutputTokens: number | undefined;
}

export class RulesOfExchange {
  readonly #services: Services;
  readonly #exchange: Exchange;
  readonly #settlement: Settlement;
  #hooks: readonly RuleHooks[] = [];

  constructor(services: Services, exchange: Exchange, settlement: Settlement) {
    this.#services = services;
    this.#exchange = exchange;
    this.#settlement = settlement;
  }

  /** Opens them all, and asks those that can tell from the headers. Synchronous unless one has to wait. */
  arrive(): Refusal | undefined | Promise<Refusal | undefined> {
    const { rules } = this.#services;
    if (rules.length === 0) return undefined;
    const { id, route, policy, caller, client, headers, remarks } = this.#exchange;
    const operation = client.operation.name;
    const header = (name: string) => headers.get(name);
    const call: CallContext = { id, route, policy, caller, operation, header, remarks };
    this.#hooks = rules.map((rule) => rule.open(call)).filter((hooks) => hooks !== null);
    for (const hooks of this.#hooks) {
      // Before any is asked: whoever reserves something must hear how it ended.
      if (hooks.settle !== undefined) this.#settlement.onSettled((record) => hooks.settle?.(record));
    }
    return this.#arriveFrom(0);
  }

  #arriveFrom(first: number): Refusal | undefined | Promise<Refusal | undefined> {
    for (let index = first; index < this.#hooks.length; index++) {
      const refused = this.#hooks[index]?.arrive?.();
      if (refused instanceof Promise) return refused.then((no) => no ?? this.#arriveFrom(index + 1));
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  /** False: nobody has a word to say of the body. */
  get readBodies(): boolean {
    return this.#hooks.some((hooks) => hooks.request !== undefined);
  }

  /** What is asked in the end, or why it is not. */
  async request(known: Known, plan: Plan): Promise<Asked | Refusal> {
    const context = this.#context(known);
    let asked: Asked = { plan, maxOutputTokens: undefined };
    for (const hooks of this.#hooks) {
      const ruling = await hooks.request?.(context(asked));
      if (ruling === undefined) continue;
      if (isRefusal(ruling)) return ruling;
      asked = changed(asked, ruling);
    }
    return asked;
  }

  /** For each rule, by what those before it have changed. */
  #context({ document, outline }: Known): (asked: Asked) => RequestContext {
    const { isEstimable = true } = this.#exchange.client.operation;
    const saysTokens = isEstimable && document.contentType === undefined;
    const inputTokens = saysTokens ? inputEstimate(document.bytes) : 0;
    return ({ plan, maxOutputTokens }) => ({
      outline: { ...outline, maxOutputTokens: lower(outline.maxOutputTokens, maxOutputTokens) },
      plan,
      planFor: (model) => planFor(this.#services, this.#exchange, model),
      inputTokens,
      request: () => this.#exchange.decoded(document, this.#services.seal),
    });
  }
}

/** Undefined when the policy does not serve the model. */
export function planFor(services: Services, exchange: Exchange, model: string): Plan | undefined {
  const modelRoute = exchange.policy.model(model);
  if (modelRoute === undefined) return undefined;
  const chain = chooseChain(modelRoute, (field) => callerField(exchange.caller, field), services.random);
  return { model, modelRoute, chain };
}

function changed(asked: Asked, { plan, maxOutputTokens }: Change): Asked {
  return {
    plan: plan ?? asked.plan,
    maxOutputTokens: lower(asked.maxOutputTokens, maxOutputTokens),
  };
}

function lower(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
