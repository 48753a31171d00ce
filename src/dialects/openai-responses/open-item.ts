/** The output item that a stream has open. */
import type { JsonObject, JsonValue } from "../../json/types.ts";

export interface OpenItem {
  /** The events that begin it. */
  added(): string;
  delta(text: string): string;
  /** More of the signature of reasoning. */
  sign?(signature: string): void;
  /** Reasoning that only the provider can read. */
  redact?(redacted: string): void;
  /** Of the last delta of a text. */
  addLogprobs?(logprobs: JsonValue): void;
  /** The events that end it, and the item as it is then. */
  done(status: "completed" | "incomplete"): { readonly text: string; readonly item: JsonObject };
}
