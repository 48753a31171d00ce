/** What is known of an exchange when it is over: the one fact that logs, metrics and (later) the ledger share. */

import type { Loss } from "../conversation/losses.ts";
import type { OperationName } from "../conversation/operation-names.ts";
import type { AnyDialectName } from "../conversation/parts.ts";
import type { Usage } from "../conversation/usage.ts";
import type { Caller } from "../identity/caller.ts";

/** How an exchange ended. */
export type Outcome =
  /** Answered in full, whatever the status. */
  | "finished"
  /** The client hung up. */
  | "cancelled"
  /** Tollgate or a rule said no. */
  | "refused"
  /** Envoy answered by itself: no cluster, timeout, overload. */
  | "local-reply"
  /** The answer broke off, or something failed on our side. */
  | "failed"
  /** No policy on the route: bytes in, bytes out. */
  | "passed-through";

/** What was taken, and what it comes to. */
export interface Spent {
  readonly usage: Usage;
  /** What the provider is owed. Integer nano-dollars. */
  readonly costNanoUsd: number;
  /** What the caller is charged. Integer nano-dollars. */
  readonly chargedNanoUsd: number;
  /** Where the price came from. */
  readonly costSource: "policy" | "catalogue" | "unknown";
}

/** One try at one target. Nothing was taken by one that nobody answered, unless its time ran out or its client left. */
export interface AttemptTried extends Spent {
  /** From 1, as Envoy counts. */
  readonly number: number;
  readonly cluster: string;
  readonly provider: string;
  /** As the target was asked. */
  readonly model: string;
  /** The target's status; `failed`: refused, reset or never connected; `cancelled`: the client did not wait. */
  readonly result: number | "timeout" | "failed" | "cancelled";
  /** Until the next attempt began or the exchange was over: with Envoy's wait before a retry. */
  readonly durationMs: number;
}

/** What rules have to say of an exchange beside yes or no. */
export interface Remarks {
  /** For the client, on whatever answer it gets. */
  readonly headers: Array<readonly [name: string, value: string]>;
  readonly rulings: Ruled[];
  /** What was held of the callers' budgets until the truth was known. Nano-dollars; undefined: nothing is counted in money. */
  reservedNanoUsd: number | undefined;
}

/** What one rule said of an exchange. */
export interface Ruled {
  /** Its name in the policy. */
  readonly rule: string;
  readonly verdict: Verdict;
}

export type Verdict =
  | "refused"
  /** It only observes. */
  | "would_refuse"
  /** A budget's step was taken. */
  | "warned"
  | "model_changed"
  | "max_tokens_capped"
  /** Nobody could be asked, and so it says. */
  | "unavailable";

/** What was spent is the sum over its attempts. */
export interface ExchangeRecord extends Spent {
  /** Envoy's x-request-id, or our own. */
  readonly id: string;
  readonly route: string;
  /** Who called; undefined for calls that passed through. */
  readonly caller: Caller | undefined;
  readonly outcome: Outcome;
  /** HTTP status the client saw; 0 when it saw none. */
  readonly status: number;
  /** RESPONSE_CODE_DETAILS of Envoy, or our own reason. */
  readonly reason: string;
  /** What was asked; undefined for calls that passed through. */
  readonly operation: OperationName | undefined;
  readonly clientDialect: AnyDialectName | undefined;
  readonly targetDialect: AnyDialectName | undefined;
  readonly provider: string | undefined;
  readonly cluster: string | undefined;
  /** As the client asked. */
  readonly modelAsked: string | undefined;
  /** As the provider answered. */
  readonly modelServed: string | undefined;
  readonly stream: boolean;
  readonly attempts: number;
  /** In order; the last one answered, if any did. Envoy may have counted more than were sent. */
  readonly attemptsTried: readonly AttemptTried[];
  /** By which cost and charge came from the price list, for the last attempt with a known price. Parts per million. */
  readonly discountPpm: number;
  readonly marginPpm: number;
  /** See `Remarks`. */
  readonly rulings: readonly Ruled[];
  readonly reservedNanoUsd: number | undefined;
  readonly losses: readonly Loss[];
  readonly durationMs: number;
  /** From the request's end to the first byte of content; undefined if none came. */
  readonly timeToFirstTokenMs: number | undefined;
}

/** Takes finished exchanges. Must not throw and must not block. */
export interface Recorder {
  record(exchange: ExchangeRecord): void;
}
