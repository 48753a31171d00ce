/**
 * Members of blocks and tools that have no neutral meaning (`citations` of a document, `defer_loading` of a tool).
 *
 * They travel in the request's `extra` under their JSON path, so that any other dialect reports each as lost
 * with its path, and this one puts them back where they were.
 */
import type { DialectName } from "../conversation/parts.ts";
import type { ConversationRequest } from "../conversation/request.ts";
import type { JsonObject, JsonValue } from "../json/types.ts";

/** Collects while a request is decoded. */
export class Leftovers {
  readonly #byPath: Record<string, JsonValue> = {};

  /** Notes the members that the decoder did not read. Nulls say nothing. */
  collect(object: JsonObject, at: string, read: ReadonlySet<string>): void {
    for (const name of Object.keys(object)) {
      const value = read.has(name) ? undefined : object[name];
      if (value !== undefined && value !== null) this.note(at === "" ? name : `${at}.${name}`, value);
    }
  }

  note(path: string, value: JsonValue): void {
    this.#byPath[path] = value;
  }

  get extra(): Readonly<Record<string, JsonValue>> {
    return this.#byPath;
  }
}

/** The fields of a request that are lost on a provider of another format. */
export function lostFields({ extra }: ConversationRequest): string[] {
  return Object.keys(extra).filter((name) => !asksForNothing(name, extra[name]));
}

/** What happens anyway: nobody but OpenAI keeps answers to be fetched, and how finely arguments stream is no promise. */
function asksForNothing(name: string, value: JsonValue | undefined): boolean {
  return (name === "store" && value === false) || name.endsWith("].eager_input_streaming");
}

/** Puts them back while a request is encoded. */
export class Restorer {
  readonly #byPlace = new Map<string, JsonObject>();

  /** @param home the dialect that encodes: only the leftovers of its own requests are known there */
  constructor(request: ConversationRequest, home: DialectName) {
    if (request.dialect !== home) return;
    for (const [path, value] of Object.entries(request.extra)) {
      const dot = path.lastIndexOf(".");
      const place = dot < 0 ? "" : path.slice(0, dot);
      const members = this.#byPlace.get(place) ?? {};
      members[path.slice(dot + 1)] = value;
      this.#byPlace.set(place, members);
    }
  }

  /** @param place the path of a block or tool; empty for the top level */
  restore(object: JsonObject, place: string | undefined): void {
    const members = place === undefined ? undefined : this.#byPlace.get(place);
    if (members !== undefined) Object.assign(object, members);
  }
}
