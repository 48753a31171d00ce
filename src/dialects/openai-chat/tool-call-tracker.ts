/**
 * Tells which call a streamed piece belongs to. OpenAI numbers them by `index`; vendors number from 1, repeat one
 * index for several calls, or leave it out and only give ids.
 */
import { isObject, type JsonObject } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import type { PartSequence } from "./part-sequence.ts";

interface TrackedCall {
  readonly key: string;
  readonly id: string;
}

/** Of one candidate. */
export class ToolCallTracker {
  readonly #sequence: PartSequence;
  /** By the provider's index: the call that its pieces belong to now. */
  readonly #byIndex = new Map<number, TrackedCall>();
  /** Custom calls come in pieces too, but are passed on whole. */
  readonly #custom = new Map<string, { id: string; name: string; input: string[] }>();
  #last: TrackedCall | undefined;
  #count = 0;

  constructor(sequence: PartSequence) {
    this.#sequence = sequence;
  }

  get hasCalls(): boolean {
    return this.#count > 0;
  }

  /** @param scope the stream's id, to make ids unique where the provider gives none */
  push(piece: JsonObject, scope: string): void {
    const index = typeof piece["index"] === "number" ? piece["index"] : undefined;
    const id = typeof piece["id"] === "string" ? piece["id"] : "";
    const custom = isObject(piece["custom"]) ? piece["custom"] : undefined;
    const called = custom ?? (isObject(piece["function"]) ? piece["function"] : {});
    const name = typeof called["name"] === "string" ? called["name"] : "";
    const call = this.#find(index, id, name, scope);
    if (custom !== undefined || this.#custom.has(call.key)) {
      const known = this.#custom.get(call.key) ?? { id: call.id, name, input: [] };
      this.#custom.set(call.key, known);
      if (typeof called["input"] === "string") known.input.push(called["input"]);
      return;
    }
    const given = called["arguments"];
    // Some vendors give the arguments as an object instead of text.
    const text = isObject(given) ? JSON.stringify(given) : typeof given === "string" ? given : "";
    this.#sequence.call(call.key, call.id, name, text);
  }

  /** The candidate has finished: custom calls are whole now. */
  flush(): void {
    for (const { id, name, input } of this.#custom.values()) {
      const value = { id, type: "custom", custom: { name, input: input.join("") } };
      this.#sequence.whole({ kind: "foreign", dialect: "openai-chat", value });
    }
    this.#custom.clear();
  }

  #find(index: number | undefined, id: string, name: string, scope: string): TrackedCall {
    const known = index === undefined ? this.#last : this.#byIndex.get(index);
    // A piece with another id opens another call, also under an index already used.
    if (known !== undefined && (id === "" || id === known.id)) return known;
    if (known !== undefined && name === "" && index !== undefined) return known;
    const position = this.#count++;
    const call = { key: String(position), id: id === "" ? inventedToolCallId(scope, position) : id };
    if (index !== undefined) this.#byIndex.set(index, call);
    this.#last = call;
    return call;
  }
}
