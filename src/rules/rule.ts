/**
 * A rule is one enforceable part of the policy. `open` is asked once per exchange and returns the hooks it
 * wants, or null to stay out; the state of a rule is the closure. Requests pass the rules in order, answers in
 * reverse, and only through those that the request passed.
 */

import type { ProviderError } from "../conversation/error.ts";
import type { OperationName } from "../conversation/operation-names.ts";
import type { RequestOutline } from "../dialects/dialect.ts";
import type { Caller } from "../identity/caller.ts";
import type { Policy } from "../policy/policy.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";

/** What a rule may know of the exchange. */
export interface RuleContext {
  readonly id: string;
  readonly route: string;
  readonly policy: Policy;
  readonly caller: Caller;
  readonly outline: RequestOutline;
  /** A header of the client's request, by lower-case name. */
  header(name: string): string | undefined;
  /** The request in its operation's neutral form, decoded on first use: a `ConversationRequest` for `generate`. */
  readonly request: () => unknown;
  readonly operation: OperationName;
}

/** The exchange ends here, with this error in the client's dialect. */
export interface Refusal {
  readonly error: ProviderError;
  /** For logs and `x-tollgate-reason`: lower-case words joined by `_`. */
  readonly reason: string;
}

export interface RuleHooks {
  /** Before routing. Returning a refusal ends the exchange. */
  request?(): Refusal | undefined | Promise<Refusal | undefined>;
  /** Called exactly once for every rule whose `request` was entered, whatever happened. Must not throw. */
  settle?(exchange: ExchangeRecord): void;
}

export interface Rule {
  readonly name: string;
  open(context: RuleContext): RuleHooks | null;
}
