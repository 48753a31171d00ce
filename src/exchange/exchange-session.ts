/** The exchange stream: follows one client call through its phases, from request headers to the answer's end. */

import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  ContinueResponse,
  ImmediateResponse,
  ModeOverride,
  ProcessingRequest,
} from "../extproc/messages.ts";
import type { Opening, Outlet, Session } from "../extproc/session.ts";
import type { Refusal } from "../rules/rule.ts";
import { largestBodyHere } from "../translation/threads.ts";
import { admit } from "./admission.ts";
import { chooseFlow } from "./answer/choose.ts";
import type { AnswerFlow } from "./answer/flow.ts";
import { usageOfInterrupted } from "./answer/interrupted.ts";
import { dispatch } from "./dispatch.ts";
import { Downstream } from "./downstream.ts";
import type { Admission, Exchange } from "./exchange.ts";
import { type HandedOver, handOver } from "./handed-over.ts";
import { passedThrough } from "./inflight.ts";
import { ownAnswer, ownAnswerReason } from "./own-answer.ts";
import { passedRecord } from "./passed.ts";
import { forgedHeaders, knobs, receive as receiveHeaders, tooLarge } from "./reception.ts";
import { atLimit, refusal, refusalOf, replyTo } from "./reply.ts";
import type { Services } from "./services.ts";
import { accessLogFields, type Metered, nothingMetered, Settlement } from "./settlement.ts";

/** The answer's body is read before its headers are let go: see `Downstream`. */
const duplexAnswer: ModeOverride = {
  responseHeaders: "SEND",
  requestBody: "BUFFERED",
  responseBody: "FULL_DUPLEX_STREAMED",
  responseTrailers: "SEND",
};

/** Envoy need not ask again. */
const silence: ModeOverride = { responseHeaders: "SKIP", requestBody: "NONE", responseBody: "NONE" };

export class ExchangeSession implements Session {
  readonly #services: Services;
  readonly #opening: Opening;
  readonly #outlet: Outlet;
  readonly #downstream: Downstream;
  #exchange: Exchange | undefined;
  #settlement: Settlement | undefined;
  #flow: AnswerFlow | undefined;
  #handedOver: HandedOver | undefined;
  #sentMs = 0;

  constructor(services: Services, opening: Opening, outlet: Outlet) {
    this.#services = services;
    this.#opening = opening;
    this.#outlet = outlet;
    this.#downstream = new Downstream(outlet);
  }

  receive(message: ProcessingRequest): void | Promise<void> {
    switch (message.kind) {
      case "request_headers":
        return this.#requestHeaders(message);
      case "request_body":
        return this.#requestBody(message.body);
      case "request_trailers":
        return this.#outlet.send({ kind: "request_trailers" });
      case "response_headers":
        return this.#responseHeaders(message);
      case "response_body":
        return this.#responseBody(message);
      case "response_trailers":
        this.#downstream.upstreamEndedWith("trailers");
        return this.#endOfAnswer();
      case "unknown":
        return this.#outlet.fail("a message of a kind that this version does not know");
      default:
        return message.kind satisfies never;
    }
  }

  closed(): void {
    this.#handedOver?.closed();
    const settlement = this.#settlement;
    if (settlement === undefined || settlement.isSettled) return;
    const metered = this.#flow?.metered() ?? this.#unanswered();
    // Envoy does not tell a client that hung up from an upstream that broke off.
    settlement.settle("cancelled", 0, "closed_early", settlement.bill(metered));
  }

  #requestHeaders({ headers, endOfStream }: ProcessingRequest): void {
    const reception = receiveHeaders(this.#services, this.#opening, headers, endOfStream);
    switch (reception.kind) {
      case "pass":
        this.#passThrough(forgedHeaders(headers));
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
        return;
      case "exchange":
        this.#begin(reception.exchange);
        if (reception.refused !== undefined) return this.#refuse(reception.exchange, reception.refused);
        if (!this.#services.inFlight.add(reception.exchange))
          return this.#refuse(reception.exchange, atLimit);
        this.#outlet.send({
          kind: "request_headers",
          modeOverride: duplexAnswer,
          headers: { remove: [...forgedHeaders(headers), ...knobs(headers)] },
        });
        return;
      default:
        reception satisfies never;
    }
  }

  /** @param forged the route rewrites the path by one of these, and others open streams: not the client's to choose */
  #passThrough(forged: readonly string[]): void {
    const headers = forged.length > 0 && { headers: { remove: forged } };
    const dynamicMetadata = { tollgate: { exchange: passedThrough } };
    this.#outlet.send({ kind: "request_headers", modeOverride: silence, ...headers, dynamicMetadata });
    this.#outlet.end();
  }

  #begin(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.askPatience = (ms) => this.#outlet.askPatience(ms);
    this.#settlement = new Settlement(this.#services, exchange);
  }

  #requestBody(body: Uint8Array): void | Promise<void> {
    const exchange = this.#exchange;
    const settlement = this.#settlement;
    if (exchange === undefined || settlement === undefined)
      return this.#outlet.fail("a body before its headers");
    // A chunked request does not declare its size.
    if (body.length > this.#services.maxBodyBytes) {
      return this.#refuse(exchange, tooLarge(body.length, this.#services.maxBodyBytes));
    }
    return this.#refusingClientErrors(exchange, () => {
      const clientIp = this.#opening.metadata("x-tollgate-client-ip");
      const decision = admit(this.#services, exchange, settlement, body, clientIp);
      const isHere = !(decision instanceof Promise);
      if (isHere && body.length <= largestBodyHere) return this.#decide(exchange, decision);
      // Reading a large body has held the event loop for long enough; it is written in a turn of its own.
      return (isHere ? nextTurn(decision) : decision).then(
        (decided) => this.#refusingClientErrors(exchange, () => this.#decide(exchange, decided)),
        (error: unknown) => this.#refuseError(exchange, error),
      );
    });
  }

  #decide(exchange: Exchange, decision: Admission | Refusal): void | Promise<void> {
    if ("reason" in decision) return this.#refuse(exchange, decision);
    const answer = ownAnswer(this.#services, exchange, decision);
    if (answer !== undefined) return this.#answerOurselves(exchange, answer);
    const verdict = dispatch(this.#services, exchange, decision);
    if (!(verdict instanceof Promise)) return this.#dispatched(verdict);
    return verdict.then(
      (written) => this.#dispatched(written),
      (error: unknown) => this.#refuseError(exchange, error),
    );
  }

  async #answerOurselves(exchange: Exchange, answer: Promise<ImmediateResponse>): Promise<void> {
    let reply: ImmediateResponse;
    try {
      reply = await answer;
    } catch (error) {
      return this.#refuseError(exchange, error);
    }
    const settlement = this.#settlement;
    if (settlement === undefined || settlement.isSettled) return;
    this.#outlet.send(reply);
    settlement.settle("finished", reply.status, ownAnswerReason, settlement.bill(nothingMetered));
    this.#outlet.end();
  }

  #dispatched(verdict: ContinueResponse): void {
    this.#sentMs = this.#services.monotonicMs();
    this.#outlet.send(verdict);
  }

  #refusingClientErrors(exchange: Exchange, action: () => void | Promise<void>): void | Promise<void> {
    try {
      return action();
    } catch (error) {
      this.#refuseError(exchange, error);
    }
  }

  #refuseError(exchange: Exchange, error: unknown): void {
    const clients = refusalOf(error);
    if (clients === undefined) this.#services.notices.defect("request", error);
    this.#refuse(
      exchange,
      clients ?? refusal("server", "internal_error", "the gateway failed on this request"),
    );
  }

  #refuse(exchange: Exchange, refused: Refusal): void {
    const settlement = this.#settlement;
    if (settlement === undefined) return;
    const bill = settlement.bill(nothingMetered);
    this.#outlet.send(replyTo(exchange.client, refused, accessLogFields(exchange, bill)));
    settlement.settle("refused", refused.error.status, refused.reason, bill);
    this.#outlet.end();
  }

  #responseHeaders(message: ProcessingRequest): void | Promise<void> {
    if (this.#handedOver !== undefined) return this.#handedOver.answered(message);
    const exchange = this.#exchange;
    const settlement = this.#settlement;
    if (exchange === undefined || settlement === undefined) {
      // Envoy answered before it consulted us (a route without an upstream, for one).
      return this.#outlet.send({ kind: "response_headers" });
    }
    this.#flow = chooseFlow(
      { services: this.#services, exchange, settlement, downstream: this.#downstream, sentMs: this.#sentMs },
      message,
    );
    exchange.forgetRequest();
    if (!message.endOfStream) return this.#flow.begin();
    this.#downstream.upstreamEndedWith("headers");
    return this.#endOfAnswer();
  }

  #responseBody({ body, endOfStream }: ProcessingRequest): void | Promise<void> {
    const flow = this.#flow;
    if (flow === undefined) {
      return this.#outlet.send({ kind: "response_body", streamedBody: { chunk: body, endOfStream } });
    }
    if (body.length > largestBodyHere) return this.#pushInSlices(flow, body, endOfStream);
    if (body.length > 0) this.#settlingFailure(() => flow.push(body));
    if (endOfStream) return this.#endOfAnswer();
  }

  /** Envoy may hand over megabytes of a fast stream in one message, and thousands of events in them. */
  async #pushInSlices(flow: AnswerFlow, body: Uint8Array, endOfStream: boolean): Promise<void> {
    for (let start = 0; start < body.length; start += largestBodyHere) {
      const slice = body.subarray(start, start + largestBodyHere);
      this.#settlingFailure(() => flow.push(slice));
      await nextTurn();
      if (this.#settlement?.isSettled) return;
    }
    if (endOfStream) return this.#endOfAnswer();
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
    const metered = this.#flow?.metered() ?? nothingMetered;
    settlement?.settle("failed", 0, "internal_error", settlement.bill(metered));
    throw error;
  }

  #endOfAnswer(): void | Promise<void> {
    const flow = this.#flow;
    if (flow === undefined) return this.#outlet.send({ kind: "response_trailers" });
    const ending = this.#settlingFailure(() => flow.end());
    if (ending === undefined) return this.#outlet.end();
    return ending.then(
      () => this.#outlet.end(),
      (error: unknown) => this.#settleFailure(error),
    );
  }

  /** The client hung up before an answer came; the provider may bill what it was sent. */
  #unanswered(): Metered {
    const exchange = this.#exchange;
    if (exchange?.attempt === undefined) return nothingMetered;
    return { ...nothingMetered, usage: usageOfInterrupted(exchange, undefined, 0) };
  }
}
