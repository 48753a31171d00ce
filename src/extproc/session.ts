/**
 * The seam between the edge and everything else: the edge turns a gRPC stream into a session and knows
 * nothing of what the session does; the session speaks messages and knows nothing of gRPC or protobuf.
 */
import type { ProcessingRequest, ProcessingResponse } from "./messages.ts";

/** How a session answers. */
export interface Outlet {
  /** Sends one message to Envoy, in order. Ignored once the stream is over. */
  send(response: ProcessingResponse): void;
  /**
   * Asks Envoy to wait so long for the answer to the message at hand, beginning now, in place of its `message_timeout`.
   * Once per message; Envoy ignores it beyond its `max_message_timeout`.
   *
   * @param ms a whole number
   */
  askPatience(ms: number): void;
  /** Ends the stream with status OK: Envoy goes on without us. */
  end(): void;
  /** Ends the stream with an error: Envoy fails the exchange, or passes it by with `failure_mode_allow`. */
  fail(reason: string): void;
}

/**
 * One ext_proc stream: an exchange, or one attempt of one.
 *
 * The edge calls `receive` once per message and never again before a returned promise has settled. A throw
 * (or rejection) that gets out of it is a defect: the edge logs it and fails the stream.
 */
export interface Session {
  receive(message: ProcessingRequest): void | Promise<void>;
  /** The stream is over, whoever ended it. Called exactly once, also after `end` and `fail`. */
  closed(): void;
}

/** What is known when a stream opens: the gRPC initial metadata, by lower-case key. */
export interface Opening {
  metadata(key: string): string | undefined;
}

export type OpenSession = (opening: Opening, outlet: Outlet) => Session;
