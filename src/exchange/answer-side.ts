/** The answer's half of the exchange stream: from its headers to its end. */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { ProcessingRequest } from "../extproc/messages.ts";
import type { Outlet } from "../extproc/session.ts";
import { largestBodyHere } from "../translation/threads.ts";
import { chooseFlow } from "./answer/choose.ts";
import type { AnswerFlow } from "./answer/flow.ts";
import { Downstream } from "./downstream.ts";
import type { Begun } from "./request-side.ts";
import type { Services } from "./services.ts";
import { type Metered, nothingMetered, type Settlement } from "./settlement.ts";

export class AnswerSide {
  readonly #services: Services;
  readonly #begun: Begun;
  readonly #outlet: Outlet;
  readonly #downstream: Downstream;
  #flow: AnswerFlow | undefined;

  constructor(services: Services, begun: Begun, outlet: Outlet) {
    this.#services = services;
    this.#begun = begun;
    this.#outlet = outlet;
    this.#downstream = new Downstream(outlet);
  }

  /** So far. */
  metered(): Metered | undefined {
    return this.#flow?.metered();
  }

  /** @param sentMs when the request was sent on */
  headers(message: ProcessingRequest, sentMs: number): void | Promise<void> {
    const { exchange, settlement } = this.#begun;
    this.#flow = chooseFlow(
      { services: this.#services, exchange, settlement, downstream: this.#downstream, sentMs },
      message,
    );
    exchange.forgetRequest();
    if (!message.endOfStream) return this.#flow.begin();
    this.#downstream.upstreamEndedWith("headers");
    return this.#end();
  }

  body({ body, endOfStream }: ProcessingRequest): void | Promise<void> {
    if (body.length > largestBodyHere) return this.#pushInSlices(body, endOfStream);
    if (body.length > 0) this.#settlingFailure(() => this.#flow?.push(body));
    if (endOfStream) return this.#end();
  }

  trailers(): void | Promise<void> {
    this.#downstream.upstreamEndedWith("trailers");
    return this.#end();
  }

  /** Envoy may hand over megabytes of a fast stream in one message, and thousands of events in them. */
  async #pushInSlices(body: Uint8Array, endOfStream: boolean): Promise<void> {
    for (let start = 0; start < body.length; start += largestBodyHere) {
      const slice = body.subarray(start, start + largestBodyHere);
      this.#settlingFailure(() => this.#flow?.push(slice));
      await nextTurn();
      if (this.#settlement.isSettled) return;
    }
    if (endOfStream) return this.#end();
  }

  #end(): void | Promise<void> {
    const ending = this.#settlingFailure(() => this.#flow?.end());
    if (ending === undefined) return this.#outlet.end();
    return ending.then(
      () => this.#outlet.end(),
      (error: unknown) => this.#settleFailure(error),
    );
  }

  /** What a flow throws is a defect for the edge to report; the exchange is settled before it gets there. */
  #settlingFailure<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      return this.#settleFailure(error);
    }
  }

  #settleFailure(error: unknown): never {
    const settlement = this.#settlement;
    // The stream fails with it, and Envoy drops the upstream.
    const bill = settlement.billAbandoned(this.metered() ?? nothingMetered);
    settlement.settle("failed", 0, "internal_error", bill);
    throw error;
  }

  get #settlement(): Settlement {
    return this.#begun.settlement;
  }
}
