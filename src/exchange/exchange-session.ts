/** The exchange stream: follows one client call through its phases, from request headers to the answer's end. */

import type { ProcessingRequest } from "../extproc/messages.ts";
import type { Opening, Outlet, Session } from "../extproc/session.ts";
import { AnswerSide } from "./answer-side.ts";
import { RequestSide } from "./request-side.ts";
import type { Services } from "./services.ts";
import { nothingMetered } from "./settlement.ts";

export class ExchangeSession implements Session {
  readonly #services: Services;
  readonly #outlet: Outlet;
  readonly #request: RequestSide;
  #answer: AnswerSide | undefined;

  constructor(services: Services, opening: Opening, outlet: Outlet) {
    this.#services = services;
    this.#outlet = outlet;
    this.#request = new RequestSide(services, opening, outlet);
  }

  receive(message: ProcessingRequest): void | Promise<void> {
    const { kind } = message;
    switch (kind) {
      case "request_headers":
        return this.#request.headers(message);
      case "request_body":
        return this.#request.body(message.body);
      case "request_trailers":
        return this.#outlet.send({ kind });
      case "response_headers":
        return this.#responseHeaders(message);
      case "response_body": {
        if (this.#answer !== undefined) return this.#answer.body(message);
        const { body: chunk, endOfStream } = message;
        return this.#outlet.send({ kind, streamedBody: { chunk, endOfStream } });
      }
      case "response_trailers":
        return this.#answer === undefined ? this.#outlet.send({ kind }) : this.#answer.trailers();
      case "unknown":
        return this.#outlet.fail("a message of a kind that this version does not know");
      default:
        return kind satisfies never;
    }
  }

  closed(): void {
    this.#request.close();
    const begun = this.#request.begun;
    if (begun === undefined || begun.settlement.isSettled) return;
    const bill = begun.settlement.billAbandoned(this.#answer?.metered() ?? nothingMetered);
    // Envoy does not tell a client that hung up from an upstream that broke off.
    begun.settlement.settle("cancelled", 0, "closed_early", bill);
  }

  #responseHeaders(message: ProcessingRequest): void | Promise<void> {
    const { begun, handedOver } = this.#request;
    if (handedOver !== undefined) return handedOver.answered(message);
    // Envoy answered before it consulted us (a route without an upstream, for one).
    if (begun === undefined) return this.#outlet.send({ kind: "response_headers" });
    this.#answer = new AnswerSide(this.#services, begun, this.#outlet);
    return this.#answer.headers(message, this.#request.sentMs);
  }
}
