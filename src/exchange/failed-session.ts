/**
 * The failed-attempt stream: opened when an attempt's answer is not a success, so that what was tried can be
 * told with its status. Attempts that got no answer at all (reset, refused, timed out) open none.
 */
import type { ProcessingRequest } from "../extproc/messages.ts";
import type { Opening, Outlet, Session } from "../extproc/session.ts";
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

  receive({ kind, headers, attributes }: ProcessingRequest): void {
    if (kind === "unknown") return this.#outlet.end();
    if (kind === "response_headers") {
      const exchange = this.#services.inFlight.find(this.#opening.metadata("x-tollgate-exchange") ?? "");
      const number = Number(attributes["upstream.request_attempt_count"]);
      const status = headers.get(":status");
      if (exchange !== undefined && number >= 1 && status !== undefined) exchange.failures.set(number, status);
    }
    this.#outlet.send({ kind });
    this.#outlet.end();
  }

  closed(): void {
    // Nothing is held.
  }
}
