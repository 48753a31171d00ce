/**
 * The answer on its way to the client, in FULL_DUPLEX_STREAMED mode: headers may be held while the body is
 * already being read, which is how a status can follow from an answer's content and a cost stand in its headers.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/filters/http/ext_proc/v3/processing_mode.proto
 */
import type { HeaderMutation } from "../extproc/messages.ts";
import type { Outlet } from "../extproc/session.ts";
import type { JsonObject } from "../json/types.ts";
import { retryInHeader } from "./retry-steering.ts";

/** The largest piece of a body in one message; Envoy's documentation asks for no more. */
const maxPieceBytes = 64 * 1024;

/** What was only meant for Envoy. */
function withoutOurs(mutation: HeaderMutation): HeaderMutation {
  return { ...mutation, remove: [retryInHeader, ...(mutation.remove ?? [])] };
}

/** How the upstream ended its answer; ours must end the same way. */
type Ending = "body" | "trailers" | "headers";

export class Downstream {
  readonly #outlet: Outlet;
  #headersSent = false;
  #ended = false;
  #ending: Ending = "body";

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** True once the client has been given a status: from here on only the body can tell of an error. */
  get headersSent(): boolean {
    return this.#headersSent;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Told before the end when the upstream closed with trailers, or sent no body at all. */
  upstreamEndedWith(ending: "trailers" | "headers"): void {
    this.#ending = ending;
  }

  sendHeaders(mutation: HeaderMutation): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    this.#outlet.send({ kind: "response_headers", headers: withoutOurs(mutation) });
  }

  write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += maxPieceBytes) {
      const chunk = bytes.subarray(start, start + maxPieceBytes);
      this.#outlet.send({ kind: "response_body", streamedBody: { chunk, endOfStream: false } });
    }
  }

  /** The last bytes, and with them what Envoy's access log shall know. The headers must have been sent. */
  end(bytes: Uint8Array, metadata: JsonObject): void {
    if (this.#ended) return;
    this.#ended = true;
    const dynamicMetadata = { tollgate: metadata };
    if (this.#ending === "trailers") {
      this.write(bytes);
      this.#outlet.send({ kind: "response_trailers", dynamicMetadata });
      return;
    }
    const lastPiece = Math.max(0, Math.ceil(bytes.length / maxPieceBytes) - 1) * maxPieceBytes;
    this.write(bytes.subarray(0, lastPiece));
    const streamedBody = { chunk: bytes.subarray(lastPiece), endOfStream: true };
    this.#outlet.send({ kind: "response_body", streamedBody, dynamicMetadata });
  }

  /**
   * Headers and the complete body at once.
   *
   * @param status what the client shall see
   * @param mutation headers to set and remove; `:status` is added. Envoy takes a content-length out in this mode.
   */
  finish(status: number, mutation: HeaderMutation, body: Uint8Array, metadata: JsonObject): void {
    if (this.#ended) return;
    const dynamicMetadata = { tollgate: metadata };
    if (this.#ending !== "headers") {
      this.sendHeaders({ ...mutation, set: [[":status", String(status)], ...(mutation.set ?? [])] });
      this.end(body, metadata);
      return;
    }
    this.#ended = true;
    this.#headersSent = true;
    if (body.length === 0) {
      const set = [[":status", String(status)], ...(mutation.set ?? [])] as const;
      this.#outlet.send({
        kind: "response_headers",
        headers: withoutOurs({ ...mutation, set }),
        dynamicMetadata,
      });
      return;
    }
    // An answer that came without a body cannot be given one; a reply of our own takes its place.
    const headers = { set: mutation.set ?? [] };
    this.#outlet.send({ kind: "immediate", status, headers, body, details: "via_upstream", dynamicMetadata });
  }
}
