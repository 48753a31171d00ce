/**
 * What Envoy and Tollgate say to each other, as plain objects.
 *
 * The shapes mirror `proto/envoy/service/ext_proc/v3` with the envelopes folded away: one `kind` instead of
 * nested oneofs. Only the codec beside this file knows how they look on the wire.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ext_proc/v3/external_processor.proto
 */
import type { JsonObject } from "../json/types.ts";
import type { HeaderList } from "./headers.ts";

/** The moment of an HTTP exchange that a message is about. */
export type Phase =
  | "request_headers"
  | "request_body"
  | "request_trailers"
  | "response_headers"
  | "response_body"
  | "response_trailers";

/** One message from Envoy. */
export interface ProcessingRequest {
  /** `unknown`: a oneof member that this version does not know; the driver refuses it. */
  readonly kind: Phase | "unknown";
  /** Headers or trailers; empty for bodies. Names are lower case, pseudo-headers included. */
  readonly headers: HeaderList;
  /** The chunk (or, in BUFFERED mode, the whole body). A view into the received buffer. */
  readonly body: Uint8Array;
  /** The last message of its direction; trailers always are. */
  readonly endOfStream: boolean;
  /** The attributes asked for in the filter config, all filters' entries flattened; strings only. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Sets and removals; a set header replaces what is there. */
export interface HeaderMutation {
  readonly set?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly remove?: readonly string[];
}

export type BodySendMode = "NONE" | "STREAMED" | "BUFFERED" | "FULL_DUPLEX_STREAMED";

/** Only honoured in answers to headers, and only with `allow_mode_override`. Absent fields: NONE or default. */
export interface ModeOverride {
  readonly responseHeaders?: "SEND" | "SKIP";
  readonly requestBody?: BodySendMode;
  readonly responseBody?: BodySendMode;
  readonly responseTrailers?: "SEND" | "SKIP";
}

/** One message to Envoy that lets the HTTP stream go on. */
export interface ContinueResponse {
  readonly kind: Phase;
  readonly headers?: HeaderMutation;
  /**
   * Replaces the body (STREAMED, BUFFERED); an empty array clears it. In an answer to headers it replaces
   * the whole body to come, which Envoy then does not send here. Not allowed in answers to trailers.
   */
  readonly body?: Uint8Array;
  /** The next piece of the body in FULL_DUPLEX_STREAMED mode, at most 64 KiB each. */
  readonly streamedBody?: { readonly chunk: Uint8Array; readonly endOfStream: boolean };
  /** Match the route again; takes effect only beside a header mutation. */
  readonly clearRouteCache?: boolean;
  readonly modeOverride?: ModeOverride;
  /** Namespace → fields. */
  readonly dynamicMetadata?: Readonly<Record<string, JsonObject>>;
}

/** A reply of our own: Envoy answers the client with it and calls no upstream. */
export interface ImmediateResponse {
  readonly kind: "immediate";
  /** HTTP status, 200–599. */
  readonly status: number;
  readonly headers?: HeaderMutation;
  readonly body: Uint8Array;
  /** For the access log's RESPONSE_CODE_DETAILS; no spaces. */
  readonly details: string;
  readonly dynamicMetadata?: Readonly<Record<string, JsonObject>>;
}

export type ProcessingResponse = ContinueResponse | ImmediateResponse;
