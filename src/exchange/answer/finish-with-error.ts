/** An error in place of an answer whose headers are still held: a real HTTP error, which the client's SDK can raise. */
import type { ProviderError } from "../../conversation/error.ts";
import { nothingMetered } from "../settlement.ts";
import { type AnswerContext, finishWhole } from "./flow.ts";

/** @param outcome `finished` when the error is the provider's own answer, `failed` when there is no answer to speak of */
export function finishWithError(
  context: AnswerContext,
  error: ProviderError,
  outcome: "finished" | "failed",
  reason: string,
): void {
  const encoded = context.exchange.client.encodeError(error);
  const bill = context.settlement.bill(nothingMetered);
  const body = Buffer.from(JSON.stringify(encoded.body));
  const set = [["content-type", "application/json"] as const, ...encoded.headers];
  finishWhole(context, encoded.status, { set, remove: ["content-encoding"] }, body, bill);
  context.settlement.settle(outcome, encoded.status, reason, bill);
}

/** A stream whose first event is an error. What we made of a stream that cannot be read is no answer. */
export function finishStreamWithError(context: AnswerContext, error: ProviderError): void {
  finishWithError(context, error, error.kind === "bad-gateway" ? "failed" : "finished", "stream_error");
}
