/**
 * A rule is one enforceable part of the policy. `open` is asked once per exchange, when its headers have come, and
 * returns the hooks it wants, or null to stay out; the state of a rule is the closure. Requests pass the rules in order.
 */

import type { ProviderError } from "../conversation/error.ts";
import type { OperationName } from "../conversation/operation-names.ts";
import type { RequestOutline } from "../dialects/dialect.ts";
import type { Caller } from "../identity/caller.ts";
import type { ModelRoute, Policy, Target } from "../policy/policy.ts";
import type { ExchangeRecord, Remarks } from "../telemetry/record.ts";

/** What a rule may know of a call from its headers. */
export interface CallContext {
  readonly id: string;
  readonly route: string;
  readonly policy: Policy;
  readonly caller: Caller;
  readonly operation: OperationName;
  /** A header of the client's request, by lower-case name. */
  header(name: string): string | undefined;
  /** What the rule has to say beside yes or no. */
  readonly remarks: Remarks;
}

/** Who answers a model, as it was drawn for this exchange. */
export interface Plan {
  /** What targets are asked for that have no model of their own. */
  readonly model: string;
  readonly modelRoute: ModelRoute;
  /** At least one, in order of preference. */
  readonly chain: readonly Target[];
}

/** What a rule may know of it besides, once its body has been read. */
export interface RequestContext {
  /** As the client asked, but for what earlier rules have changed. */
  readonly outline: RequestOutline;
  readonly plan: Plan;
  /** Another model's; undefined when it is not served here. */
  planFor(model: string): Plan | undefined;
  /** Estimated from the request's size, files apart; 0 where it says nothing of tokens. */
  readonly inputTokens: number;
  /** The request in its operation's neutral form, decoded on first use: a `ConversationRequest` for `generate`. */
  request(): unknown;
}

/** The exchange ends here, with this error in the client's dialect. */
export interface Refusal {
  readonly error: ProviderError;
  /** For logs and `x-tollgate-reason`: lower-case words joined by `_`. */
  readonly reason: string;
}

/** The exchange goes on as another than was asked for. */
export interface Change {
  readonly plan?: Plan;
  /** The most tokens that the answer may have; a lower limit of the client's own stands. */
  readonly maxOutputTokens?: number;
}

export interface RuleHooks {
  /** Before the body is read. Returning a refusal ends the exchange. */
  arrive?(): Refusal | undefined | Promise<Refusal | undefined>;
  /** When the body has been read, before routing. */
  request?(asked: RequestContext): Ruling | Promise<Ruling>;
  /** Called exactly once, whatever happened and wherever the exchange ended. Must not throw. */
  settle?(exchange: ExchangeRecord): void;
}

export type Ruling = Refusal | Change | undefined;

export interface Rule {
  readonly name: string;
  open(call: CallContext): RuleHooks | null;
}

export function isRefusal(found: object): found is Refusal {
  return "reason" in found;
}
