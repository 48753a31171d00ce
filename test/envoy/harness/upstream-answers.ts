/** What a scripted upstream can do with a request. */
import type { JsonValue } from "../../../src/json/types.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** A piece of a streamed body: bytes to write, or a pause. */
export type Piece = string | Uint8Array | { readonly waitMs: number };

export type UpstreamAnswer =
  | { readonly kind: "whole"; readonly status: number; readonly headers: Headers; readonly body: Uint8Array }
  | {
      readonly kind: "stream";
      readonly status: number;
      readonly headers: Headers;
      readonly pieces: readonly Piece[];
      /** After the last piece: end well, cut the connection, or stay silent for ever. */
      readonly end: "finish" | "reset" | "hang";
    }
  /** The connection is reset before any answer. */
  | { readonly kind: "reset" }
  /** Nothing ever comes. */
  | { readonly kind: "hang" }
  /** Bytes straight onto the connection, HTTP or not, then its end. */
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

/** A whole JSON answer. */
export function json(body: JsonValue, status = 200, headers: Headers = {}): UpstreamAnswer {
  return bytes(JSON.stringify(body), status, { "content-type": "application/json", ...headers });
}

/** A whole answer of any bytes. */
export function bytes(body: string | Uint8Array, status = 200, headers: Headers = {}): UpstreamAnswer {
  return { kind: "whole", status, headers, body: typeof body === "string" ? Buffer.from(body) : body };
}

/** An event stream whose pieces are written one by one, as they are: cut them where it hurts. */
export function stream(
  pieces: readonly Piece[],
  options: { status?: number; headers?: Headers; end?: "finish" | "reset" | "hang"; everyMs?: number } = {},
): UpstreamAnswer {
  const everyMs = options.everyMs;
  return {
    kind: "stream",
    status: options.status ?? 200,
    headers: { "content-type": "text/event-stream", ...options.headers },
    pieces: everyMs === undefined ? pieces : pieces.flatMap((piece) => [piece, { waitMs: everyMs }]),
    end: options.end ?? "finish",
  };
}

/** One server-sent event as text; data that is no string becomes JSON. */
export function event(data: JsonValue, name?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${text}\n\n`;
}

export const reset: UpstreamAnswer = { kind: "reset" };
export const hang: UpstreamAnswer = { kind: "hang" };

/** Wrong bytes. */
export function raw(text: string | Uint8Array): UpstreamAnswer {
  return { kind: "raw", bytes: typeof text === "string" ? Buffer.from(text) : text };
}
