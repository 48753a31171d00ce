/** What a stand-in answers, before it is bytes. */
import type { JsonObject, JsonValue } from "../../../json/types.ts";

/** One server-sent event; without a name only its data line is written. */
export interface StandInEvent {
  readonly name?: string;
  /** Written as it is when a string (`[DONE]`), else as JSON. */
  readonly data: JsonValue;
}

/** A whole answer, or a stream of events. */
export type Reply =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject }
  | { readonly headers: Readonly<Record<string, string>>; readonly events: readonly StandInEvent[] };

/** A request that a stand-in has to answer. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  header(name: string): string | undefined;
  /** Undefined when the body is no JSON object. */
  readonly body: JsonObject | undefined;
}

/** One provider's format: from a request to its answer, without I/O. */
export type StandIn = (asked: Asked) => Reply;
