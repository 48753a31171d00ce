/** How an upstream's answer becomes the client's: one flow per kind of answer, chosen by its headers. */
import type { HeaderList } from "../../extproc/headers.ts";
import type { HeaderMutation } from "../../extproc/messages.ts";
import { dollars } from "../../policy/money.ts";
import type { Downstream } from "../downstream.ts";
import type { Attempt, Exchange } from "../exchange.ts";
import type { Services } from "../services.ts";
import { accessLogFields, type Bill, type Metered, type Settlement } from "../settlement.ts";

/** Takes an answer's bytes in order and writes the client's. */
export interface AnswerFlow {
  /** The headers have come and a body will follow. A flow that holds the headers does nothing here. */
  begin(): void;
  push(chunk: Uint8Array): void;
  /** The upstream's body is complete. A promise when it is too large to be dealt with at once. */
  end(): void | Promise<void>;
  /** What the answer has told of itself so far; asked when the exchange is cut short. */
  metered(): Metered;
}

/** What every flow works with. */
export interface AnswerContext {
  readonly services: Services;
  readonly exchange: Exchange;
  readonly attempt: Attempt;
  readonly settlement: Settlement;
  readonly downstream: Downstream;
  /** The upstream's status and headers. */
  readonly status: number;
  readonly headers: HeaderList;
  /** Monotonic milliseconds when the request went out. */
  readonly sentMs: number;
}

/** What streams are called, unless the client asked for another form. */
export const eventStream = "text/event-stream; charset=utf-8";

/** What a stream for this client is called where it is no event stream. */
export function streamTypeOf({ client, path }: Exchange): string | undefined {
  return client.streamTypeFor?.(path);
}

/** The headers of ours that every answer carries. */
export function answerHeaders(context: AnswerContext, bill?: Bill): Array<readonly [string, string]> {
  const { exchange, attempt } = context;
  const set: Array<readonly [string, string]> = [
    ["x-tollgate-target", `${attempt.target.cluster}/${attempt.model}`],
    ["x-tollgate-attempts", exchange.attemptsTried(context.status)],
  ];
  const losses = attempt.losses.entries;
  if (losses.length > 0) set.push(["x-tollgate-lossy", lossyHeader(losses.map((loss) => loss.path))]);
  set.push(...exchange.remarks.headers);
  return bill === undefined ? set : [...set, ...costHeaders(bill)];
}

/** What the exchange comes to, all its attempts together. */
export function costHeaders({ cost, usage }: Bill): Array<readonly [string, string]> {
  const set: Array<readonly [string, string]> = [];
  if (cost.source !== "unknown") set.push(["x-tollgate-cost", dollars(cost.chargedNanoUsd)]);
  if (usage.estimated) set.push(["x-tollgate-estimated", "true"]);
  return set;
}

/** Distinct paths, within what a header may reasonably hold. */
function lossyHeader(paths: readonly string[]): string {
  const distinct = [...new Set(paths)].map((path) => path.replace(/[^\x21-\x7e]/g, "?"));
  const shown = distinct.slice(0, 16).join(", ").slice(0, 1000);
  return distinct.length > 16 ? `${shown}, …`.replace("…", "...") : shown;
}

/** Sends a complete answer. @param status what the client shall see */
export function finishWhole(
  context: AnswerContext,
  status: number,
  mutation: HeaderMutation,
  body: Uint8Array,
  bill: Bill,
): void {
  const set = [...(mutation.set ?? []), ...answerHeaders(context, bill)];
  context.downstream.finish(status, { ...mutation, set }, body, accessLogFields(context.exchange, bill));
}
