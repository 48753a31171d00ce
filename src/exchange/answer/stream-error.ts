/** A stream whose first event is an error: the client gets a real HTTP error, which its SDK can raise. */
import type { ProviderError } from "../../conversation/error.ts";
import { nothingMetered } from "../settlement.ts";
import { type AnswerContext, finishWhole } from "./flow.ts";

export function finishWithError(context: AnswerContext, error: ProviderError): void {
  const encoded = context.exchange.client.encodeError(error);
  const bill = context.settlement.bill(nothingMetered);
  const set = [["content-type", "application/json"] as const, ...encoded.headers];
  finishWhole(context, encoded.status, { set }, Buffer.from(JSON.stringify(encoded.body)), bill);
  // The provider's own error is an answer; what we made of a stream that cannot be read is none.
  const outcome = error.kind === "bad-gateway" ? "failed" : "finished";
  context.settlement.settle(outcome, encoded.status, "stream_error", bill);
}
