/**
 * The failed-attempt stream: opened when an attempt's answer is not a success, before Envoy decides on a retry.
 * It keeps the status for `x-tollgate-attempts` and steers the retry by the provider's `retry-after`.
 *
 * Attempts that got no answer at all (reset, refused, timed out) open none.
 */
import type { HeaderMutation, ProcessingRequest } from "../extproc/messages.ts";
import type { Opening, Outlet, Session } from "../extproc/session.ts";
import { steerRetry } from "./retry-steering.ts";
import type { Services } from "./services.ts";

export class FailedSession implements Session {
  readonly #services: Services;
  readonly #opening: Opening;
  readonly #outlet: Outlet;

  constructor(services: Services, opening: Opening, outlet: Outlet) {
    this.#services = services;
    this.#opening = opening;
    this.#outlet = outlet;
  }

  receive(message: ProcessingRequest): void {
    if (message.kind === "unknown") return this.#outlet.end();
    const headers = message.kind === "response_headers" ? this.#note(message) : undefined;
    this.#outlet.send({ kind: message.kind, ...(headers !== undefined && { headers }) });
    this.#outlet.end();
  }

  closed(): void {
    // Nothing is held.
  }

  #note({ headers, attributes }: ProcessingRequest): HeaderMutation | undefined {
    const exchange = this.#services.inFlight.find(this.#opening.metadata("x-tollgate-exchange") ?? "");
    const number = Number(attributes["upstream.request_attempt_count"]);
    const status = Number(headers.get(":status"));
    if (exchange === undefined || !Number.isInteger(number) || number < 1 || !Number.isInteger(status)) {
      return undefined;
    }
    exchange.failures.set(number, status);
    return steerRetry(exchange, number, headers.get("retry-after"), this.#services.unixSeconds());
  }
}
