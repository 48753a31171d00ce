/** The request's half of the exchange stream: from its headers to the verdict that sends it on, or refuses it. */

import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  ContinueResponse,
  ImmediateResponse,
  ModeOverride,
  ProcessingRequest,
} from "../extproc/messages.ts";
import type { Opening, Outlet } from "../extproc/session.ts";
import { isRefusal, type Refusal } from "../rules/rule.ts";
import { largestBodyHere } from "../translation/threads.ts";
import { admit } from "./admission.ts";
import { dispatch } from "./dispatch.ts";
import type { Admission, Exchange } from "./exchange.ts";
import { type HandedOver, handOver } from "./handed-over.ts";
import { passedThrough } from "./inflight.ts";
import { ownAnswer, ownAnswerReason } from "./own-answer.ts";
import { passedRecord } from "./passed.ts";
import { forgedHeaders, knobs, type Reception, receive, tooLarge } from "./reception.ts";
import { atLimit, refusal, refusalOf, replyTo } from "./reply.ts";
import { RulesOfExchange } from "./rules.ts";
import type { Services } from "./services.ts";
import { accessLogFields, nothingMetered, Settlement } from "./settlement.ts";

/** The answer's body is read before its headers are let go: see `Downstream`. */
const duplexAnswer: ModeOverride = {
  responseHeaders: "SEND",
  requestBody: "BUFFERED",
  responseBody: "FULL_DUPLEX_STREAMED",
  responseTrailers: "SEND",
};

/** Envoy need not ask again. */
const silence: ModeOverride = { responseHeaders: "SKIP", requestBody: "NONE", responseBody: "NONE" };

/** A call that is ours, from the moment that its caller is known. */
export interface Begun {
  readonly exchange: Exchange;
  readonly settlement: Settlement;
  readonly rules: RulesOfExchange;
}

export class RequestSide {
  readonly #services: Services;
  readonly #opening: Opening;
  readonly #outlet: Outlet;
  #begun: Begun | undefined;
  #handedOver: HandedOver | undefined;
  #sentMs = 0;
  #isOver = false;

  constructor(services: Services, opening: Opening, outlet: Outlet) {
    this.#services = services;
    this.#opening = opening;
    this.#outlet = outlet;
  }

  get begun(): Begun | undefined {
    return this.#begun;
  }

  /** A call that names no model, and is at its target. */
  get handedOver(): HandedOver | undefined {
    return this.#handedOver;
  }

  /** When the request was sent on. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** The stream is over. */
  close(): void {
    this.#isOver = true;
    this.#handedOver?.closed();
  }

  headers(message: ProcessingRequest): void | Promise<void> {
    const { headers, endOfStream } = message;
    const reception = receive(this.#services, this.#opening, headers, endOfStream);
    if (!(reception instanceof Promise)) return this.#received(reception, message);
    return reception.then((known) => this.#received(known, message));
  }

  #received(reception: Reception, { headers }: ProcessingRequest): void | Promise<void> {
    switch (reception.kind) {
      case "pass":
        this.#passThrough(reception.withheld);
        this.#services.recorder.record(
          passedRecord(headers.get("x-request-id") ?? "", this.#opening.metadata("x-tollgate-route") ?? ""),
        );
        return;
      case "reply":
        this.#outlet.send(reception.reply);
        if (reception.record !== undefined) this.#services.recorder.record(reception.record);
        this.#outlet.end();
        return;
      case "call":
        this.#handedOver = handOver(this.#services, this.#outlet, reception, headers);
        if (this.#isOver) this.#handedOver?.closed();
        return;
      case "exchange": {
        const { exchange, refused } = reception;
        exchange.askPatience = (ms) => this.#outlet.askPatience(ms);
        const settlement = new Settlement(this.#services, exchange);
        const rules = new RulesOfExchange(this.#services, exchange, settlement);
        const begun = { exchange, settlement, rules };
        this.#begun = begun;
        if (this.#isOver) return this.#hungUp(begun);
        if (refused !== undefined) return this.#refuse(begun, refused);
        if (!this.#services.inFlight.add(exchange)) return this.#refuse(begun, atLimit);
        const remove = [...forgedHeaders(headers), ...knobs(headers)];
        return this.#refusingClientErrors(begun, () => this.#askToArrive(begun, remove));
      }
      default:
        reception satisfies never;
    }
  }

  /** @param remove headers that are not the client's to send */
  #askToArrive(begun: Begun, remove: readonly string[]): void | Promise<void> {
    const refused = begun.rules.arrive();
    if (!(refused instanceof Promise)) return this.#arrived(begun, refused, remove);
    return refused.then(
      (found) => this.#arrived(begun, found, remove),
      (error: unknown) => this.#refuseError(begun, error),
    );
  }

  #arrived(begun: Begun, refused: Refusal | undefined, remove: readonly string[]): void {
    if (begun.settlement.isSettled) return;
    if (refused !== undefined) return this.#refuse(begun, refused);
    this.#outlet.send({ kind: "request_headers", modeOverride: duplexAnswer, headers: { remove } });
  }

  /** While the caller was being looked up. */
  #hungUp({ settlement }: Begun): void {
    settlement.settle("cancelled", 0, "closed_early", settlement.bill(nothingMetered));
  }

  /** @param withheld the route rewrites the path by one of these, others open streams: not the client's to choose */
  #passThrough(withheld: readonly string[]): void {
    const headers = withheld.length > 0 && { headers: { remove: withheld } };
    const dynamicMetadata = { tollgate: { exchange: passedThrough } };
    this.#outlet.send({ kind: "request_headers", modeOverride: silence, ...headers, dynamicMetadata });
    this.#outlet.end();
  }

  body(body: Uint8Array): void | Promise<void> {
    const begun = this.#begun;
    if (begun === undefined) return this.#outlet.fail("a body before its headers");
    // A chunked request does not declare its size.
    if (body.length > this.#services.maxBodyBytes) {
      return this.#refuse(begun, tooLarge(body.length, this.#services.maxBodyBytes));
    }
    return this.#refusingClientErrors(begun, () => {
      const decision = admit(this.#services, begun.exchange, begun.rules, body);
      const isHere = !(decision instanceof Promise);
      if (isHere && body.length <= largestBodyHere) return this.#decide(begun, decision);
      // Reading a large body has held the event loop for long enough; it is written in a turn of its own.
      return (isHere ? nextTurn(decision) : decision).then(
        (decided) => this.#refusingClientErrors(begun, () => this.#decide(begun, decided)),
        (error: unknown) => this.#refuseError(begun, error),
      );
    });
  }

  #decide(begun: Begun, decision: Admission | Refusal): void | Promise<void> {
    // The client hung up while a rule waited.
    if (begun.settlement.isSettled) return;
    if (isRefusal(decision)) return this.#refuse(begun, decision);
    const answer = ownAnswer(this.#services, begun.exchange, decision);
    if (answer !== undefined) return this.#answerOurselves(begun, answer);
    const verdict = dispatch(this.#services, begun.exchange, decision);
    if (!(verdict instanceof Promise)) return this.#dispatched(verdict);
    return verdict.then(
      (written) => this.#dispatched(written),
      (error: unknown) => this.#refuseError(begun, error),
    );
  }

  async #answerOurselves(begun: Begun, answer: Promise<ImmediateResponse>): Promise<void> {
    let reply: ImmediateResponse;
    try {
      reply = await answer;
    } catch (error) {
      return this.#refuseError(begun, error);
    }
    const { settlement } = begun;
    if (settlement.isSettled) return;
    this.#outlet.send(reply);
    settlement.settle("finished", reply.status, ownAnswerReason, settlement.bill(nothingMetered));
    this.#outlet.end();
  }

  #dispatched(verdict: ContinueResponse): void {
    this.#sentMs = this.#services.monotonicMs();
    this.#outlet.send(verdict);
  }

  #refusingClientErrors(begun: Begun, action: () => void | Promise<void>): void | Promise<void> {
    try {
      return action();
    } catch (error) {
      this.#refuseError(begun, error);
    }
  }

  #refuseError(begun: Begun, error: unknown): void {
    const clients = refusalOf(error);
    if (clients === undefined) this.#services.notices.defect("request", error);
    this.#refuse(begun, clients ?? refusal("server", "internal_error", "the gateway failed on this request"));
  }

  #refuse({ exchange, settlement }: Begun, refused: Refusal): void {
    const bill = settlement.bill(nothingMetered);
    const { headers } = exchange.remarks;
    this.#outlet.send(replyTo(exchange.client, refused, accessLogFields(exchange, bill), headers));
    settlement.settle("refused", refused.error.status, refused.reason, bill);
    this.#outlet.end();
  }
}
