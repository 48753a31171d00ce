/** The attempt stream: opened for the second and later tries, it writes the request anew for their target. */
import type { ProcessingRequest } from "../extproc/messages.ts";
import type { Opening, Outlet, Session } from "../extproc/session.ts";
import { attemptNotSent } from "./answer/local-reply.ts";
import type { Exchange } from "./exchange.ts";
import { passedThrough } from "./inflight.ts";
import { encodeAttempt, type OutboundRequest } from "./outbound.ts";
import { refusalOf } from "./reply.ts";
import type { Services } from "./services.ts";

export class AttemptSession implements Session {
  readonly #services: Services;
  readonly #opening: Opening;
  readonly #outlet: Outlet;
  #outbound: OutboundRequest | undefined;

  constructor(services: Services, opening: Opening, outlet: Outlet) {
    this.#services = services;
    this.#opening = opening;
    this.#outlet = outlet;
  }

  receive(message: ProcessingRequest): void | Promise<void> {
    switch (message.kind) {
      case "request_headers":
        return this.#requestHeaders(message);
      case "request_body":
        return this.#requestBody();
      case "unknown":
        return this.#fail("a message of a kind that this version does not know");
      default:
        return this.#outlet.send({ kind: message.kind });
    }
  }

  closed(): void {
    this.#outbound = undefined;
  }

  #requestHeaders({ headers, attributes }: ProcessingRequest): void | Promise<void> {
    const id = this.#opening.metadata("x-tollgate-exchange") ?? "";
    if (id === passedThrough) return this.#passThrough();
    const exchange = this.#services.inFlight.find(id);
    const admission = exchange?.admission;
    if (exchange === undefined || admission === undefined) {
      return this.#fail("the exchange of this attempt is not known to this worker");
    }
    const number = Number(headers.get("x-envoy-attempt-count") ?? exchange.attempts.length + 1);
    if (headers.get("x-envoy-is-timeout-retry") === "true") exchange.timeouts.add(number - 1);
    const cluster = attributes["xds.cluster_name"];
    exchange.askPatience = (ms) => this.#outlet.askPatience(ms);
    try {
      const outbound = encodeAttempt(this.#services, exchange, admission, number, headers);
      if (!(outbound instanceof Promise)) return this.#write(exchange, outbound, cluster);
      return outbound.then(
        (written) => this.#write(exchange, written, cluster),
        (error: unknown) => this.#notEncoded(exchange, error),
      );
    } catch (error) {
      this.#notEncoded(exchange, error);
    }
  }

  /** A retry by the operator's own retry policy, with the client's own request. */
  #passThrough(): void {
    const modeOverride = { responseHeaders: "SKIP", requestBody: "NONE", responseBody: "NONE" } as const;
    this.#outlet.send({ kind: "request_headers", modeOverride });
    this.#outlet.end();
  }

  #notEncoded(exchange: Exchange, error: unknown): void {
    const refused = refusalOf(error);
    if (refused !== undefined) return this.#notSendable(exchange, refused.error.message);
    this.#services.notices.defect("attempt", error);
    this.#fail("the request cannot be encoded for this attempt's target");
  }

  /** @param cluster where Envoy says the attempt goes */
  #write(exchange: Exchange, outbound: OutboundRequest, cluster: string | undefined): void {
    const { attempt, path, headers: mutation } = outbound;
    if (cluster !== undefined && cluster !== attempt.target.cluster) {
      this.#services.notices.misconfigured(
        exchange.route,
        `attempt ${attempt.number} went to ${cluster}, not where it was sent`,
      );
      return this.#fail("the attempt is not at the target it was sent to");
    }
    this.#outbound = outbound;
    exchange.begin(attempt, this.#services.monotonicMs());
    this.#outlet.send({
      kind: "request_headers",
      headers: { set: [[":path", path], ...(mutation.set ?? [])], remove: mutation.remove ?? [] },
      // The answer is the exchange stream's to read.
      modeOverride: { responseHeaders: "SKIP", requestBody: "BUFFERED", responseBody: "NONE" },
    });
  }

  #requestBody(): void {
    const outbound = this.#outbound;
    if (outbound === undefined) return this.#fail("a body before its headers");
    this.#outlet.send({
      kind: "request_body",
      body: outbound.body,
      headers: { set: [["content-length", String(outbound.body.length)]] },
    });
    this.#outlet.end();
  }

  /** Envoy tries no further target after a reply of ours; the exchange stream words it for the client. */
  #notSendable(exchange: Exchange, objection: string): void {
    exchange.objection = objection;
    const body = new Uint8Array(0);
    this.#outlet.send({ kind: "immediate", status: 503, body, details: attemptNotSent });
    this.#outlet.end();
  }

  /**
   * The attempt must not go out: it still has the body and the credentials of the target before. Only an error keeps
   * Envoy from sending it; had the stream ended well without our answers, it would go out as it is.
   */
  #fail(reason: string): void {
    this.#outlet.fail(reason);
  }
}
