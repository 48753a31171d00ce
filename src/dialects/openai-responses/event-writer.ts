/** The events of one stream, numbered without gaps: applications resume and check by the numbers. */
import type { JsonObject } from "../../json/types.ts";
import { sseEvent } from "../../sse/encoder.ts";

export class EventWriter {
  #next = 0;

  /** @param type also the event's name */
  write(type: string, members: JsonObject): string {
    return sseEvent(type, { type, ...members, sequence_number: this.#next++ });
  }

  /** @param opening see `deltaOpening` */
  delta(opening: string, text: string): string {
    return `${opening}${JSON.stringify(text)},"sequence_number":${this.#next++}}\n\n`;
  }
}

/** A delta up to its text. Printed once for a part, since it is most of each of its events. */
export function deltaOpening(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members }).slice(0, -1)},"delta":`;
}
