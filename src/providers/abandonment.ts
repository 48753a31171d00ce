/**
 * What a provider goes on doing, and bills, when the connection is dropped before its answer's end.
 *
 * Hardly anybody says so of their own API. OpenRouter, which calls nearly all of them, says it of each ("Stream
 * Cancellation": https://openrouter.ai/docs/api-reference/streaming): some stop processing and billing when a stream is
 * aborted, others do not; an answer that is not streamed is finished and billed by all. Whoever is in neither of its
 * lists is taken to finish: too much on an account is found out sooner than too little.
 */

/** `stops`: at once, and what was written by then is billed. `finishes`: the complete answer is billed. */
export type OnceDropped = "stops" | "finishes";

export interface Abandonment {
  /** Of an answer that was asked for as a stream. */
  readonly streams: OnceDropped;
  /** Of any other. */
  readonly wholes: OnceDropped;
  /** Error statuses by which the provider says that time ran out on its side, and which it bills all the same. */
  readonly billedStatuses?: readonly number[];
}

/** Of the first of OpenRouter's lists. */
export const stopsStreams: Abandonment = Object.freeze({ streams: "stops", wholes: "finishes" });

/** Of the second, or of none. */
export const finishesAll: Abandonment = Object.freeze({ streams: "finishes", wholes: "finishes" });

/** Servers of one's own, which free their GPU. */
export const stopsAll: Abandonment = Object.freeze({ streams: "stops", wholes: "stops" });
