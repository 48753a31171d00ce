/**
 * Server-sent events as text. JSON text has no raw line breaks, so one `data` line is always enough.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import type { JsonObject } from "../json/types.ts";

/** An event without a name, as OpenAI sends them. */
export function sseData(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** An event with a name, as Anthropic sends them. */
export function sseEvent(event: string, value: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
