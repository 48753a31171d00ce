/**
 * Envoy answered by itself: no target could be reached, a timeout ran out, a limit was hit. The client gets the
 * status with a body in its own dialect; Envoy's text is never taken for a provider's answer.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details
 */
import type { ErrorKind } from "../../conversation/error.ts";
import type { HeaderList } from "../../extproc/headers.ts";
import type { Downstream } from "../downstream.ts";
import type { Exchange } from "../exchange.ts";
import { accessLogFields, nothingMetered, type Metered, type Settlement } from "../settlement.ts";
import type { AnswerFlow } from "./flow.ts";

export class LocalReply implements AnswerFlow {
  readonly #exchange: Exchange;
  readonly #settlement: Settlement;
  readonly #downstream: Downstream;
  readonly #status: number;
  readonly #details: string;

  constructor(
    exchange: Exchange,
    settlement: Settlement,
    downstream: Downstream,
    headers: HeaderList,
    codeDetails: string,
  ) {
    this.#exchange = exchange;
    this.#settlement = settlement;
    this.#downstream = downstream;
    this.#status = Number(headers.get(":status") ?? 503);
    this.#details = codeDetails;
  }

  push(): void {
    // Envoy's plain text: replaced as a whole.
  }

  end(): void {
    const { kind, message } = explain(this.#status, this.#details);
    const reason = this.#details.replace(/[{(:].*$/, "").replace(/[^a-z0-9_.]/gi, "_").slice(0, 80) || "local_reply";
    const bill = this.#settlement.bill(nothingMetered);
    const encoded = this.#exchange.client.encodeError({ kind, status: this.#status, message });
    const set = [
      ["content-type", "application/json"],
      ["x-tollgate-reason", reason],
      ["x-tollgate-attempts", this.#exchange.attemptsTried(this.#status)],
      ...encoded.headers,
    ] as const;
    const body = Buffer.from(JSON.stringify(encoded.body));
    this.#downstream.finish(this.#status, { set }, body, accessLogFields(this.#exchange, bill));
    this.#settlement.settle("local-reply", this.#status, reason, bill);
  }

  metered(): Metered {
    return nothingMetered;
  }
}

function explain(status: number, details: string): { kind: ErrorKind; message: string } {
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
    default:
      if (details.startsWith("cluster_not_found") || details.startsWith("no_healthy_upstream")) {
        return { kind: "unavailable", message: "no target for this model is available" };
      }
      return { kind: "unavailable", message: "no target could be reached" };
  }
}
