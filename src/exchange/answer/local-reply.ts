/**
 * Envoy answered by itself: no target could be reached, a timeout ran out, a limit was hit. The client gets the
 * status with a body in its own dialect; Envoy's text is never taken for a provider's answer.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details
 */
import type { ErrorKind, ProviderError } from "../../conversation/error.ts";
import type { Downstream } from "../downstream.ts";
import type { Exchange } from "../exchange.ts";
import {
  accessLogFields,
  type Bill,
  type Metered,
  nothingDue,
  nothingMetered,
  type Settlement,
} from "../settlement.ts";
import { type AnswerFlow, costHeaders } from "./flow.ts";

/** Envoy's word for "this came from the upstream"; anything else is a local reply. */
export const viaUpstream = "via_upstream";

/** Not Envoy's word but ours: the answer came from a cluster that was not asked by us. */
export const unexpectedTarget = "unexpected_target";

/** In the details of attempts that were stopped because their target cannot take the request. */
export const attemptNotSent = "tollgate_attempt_not_sent";

export class LocalReply implements AnswerFlow {
  readonly #exchange: Exchange;
  readonly #settlement: Settlement;
  readonly #downstream: Downstream;
  readonly #status: number;
  readonly #reason: string;
  readonly #set: ReadonlyArray<readonly [name: string, value: string]>;
  readonly #body: Uint8Array;
  readonly #bill: Bill;

  constructor(
    exchange: Exchange,
    settlement: Settlement,
    downstream: Downstream,
    status: number,
    codeDetails: string,
  ) {
    this.#exchange = exchange;
    this.#settlement = settlement;
    this.#downstream = downstream;
    this.#status = status;
    this.#reason = reasonOfDetails(codeDetails);
    this.#bill = settlement.billAbandoned(this.metered());
    const encoded = exchange.client.encodeError(explainLocalReply(status, codeDetails, exchange.objection));
    this.#set = [
      ["content-type", "application/json"],
      ["x-tollgate-reason", this.#reason],
      ...attemptsHeader(exchange, status),
      ...exchange.remarks.headers,
      ...costHeaders(this.#bill),
      ...encoded.headers,
    ];
    this.#body = Buffer.from(JSON.stringify(encoded.body));
  }

  /** At once: Envoy may never send a local reply's body while its headers are held (seen with 413). */
  begin(): void {
    this.#downstream.sendHeaders({ set: [[":status", String(this.#status)], ...this.#set] });
  }

  push(): void {
    // Envoy's plain text: replaced as a whole.
  }

  end(): void {
    const metadata = accessLogFields(this.#exchange, this.#bill);
    this.#downstream.finish(this.#status, { set: this.#set }, this.#body, metadata);
    this.#settlement.settle("local-reply", this.#status, this.#reason, this.#bill);
  }

  /** A target that ran out of its time had been asked; what Envoy could not send anywhere costs nothing. */
  metered(): Metered {
    return this.#status === 504 ? nothingMetered : nothingDue;
  }
}

/** Nothing was tried when Envoy replied before the request was read. */
function attemptsHeader(exchange: Exchange, status: number): Array<readonly [string, string]> {
  if (exchange.attempts.length === 0) return [];
  return [["x-tollgate-attempts", exchange.attemptsTried(status === 504 ? "timeout" : "failed")]];
}

/** The flag of the details, without what Envoy appends to it in braces. */
export function reasonOfDetails(codeDetails: string): string {
  const flag = codeDetails.replace(/[{(:].*$/, "").replace(/[^a-z0-9_.]/gi, "_");
  return flag === "" ? "local_reply" : flag.slice(0, 80);
}

/** @param objection why the target of a later attempt could not take the request */
export function explainLocalReply(status: number, details: string, objection?: string): ProviderError {
  return { ...explain(status, details, objection), status };
}

function explain(
  status: number,
  details: string,
  objection: string | undefined,
): { kind: ErrorKind; message: string } {
  if (details === attemptNotSent && objection !== undefined) {
    return {
      kind: "unavailable",
      message: `an attempt failed, and the next target cannot take over: ${objection}`,
    };
  }
  switch (status) {
    case 404:
      return { kind: "not-found", message: "no route of the gateway matches this request" };
    case 408:
    case 504:
      return { kind: "timeout", message: "no target answered in time" };
    case 413:
      return { kind: "too-large", message: "the request is larger than the gateway accepts" };
    case 429:
      return { kind: "rate-limit", message: "the gateway is limiting requests" };
    case 500:
      return { kind: "server", message: "the gateway failed" };
    case 502:
      return { kind: "bad-gateway", message: "the answer did not come from the target that was asked" };
    default:
      if (details.startsWith("cluster_not_found") || details.startsWith("no_healthy_upstream")) {
        return { kind: "unavailable", message: "no target for this model is available" };
      }
      return { kind: "unavailable", message: "no target could be reached" };
  }
}
